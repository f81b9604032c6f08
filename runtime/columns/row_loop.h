// The loop over a set of rows, written once: dense ranges and selections get separate loops, so that the
// compiler can vectorise the dense one.
#pragma once

#include <cstdint>

#include "runtime/columns/batch.h"

namespace thalweg::runtime {

template <typename Body>
inline void for_each_row(Rows rows, Body&& body) {
  if (rows.positions == nullptr) {
    for (std::size_t row = 0; row < rows.count; ++row) body(row);
  } else {
    for (std::size_t i = 0; i < rows.count; ++i) body(static_cast<std::size_t>(rows.positions[i]));
  }
}

// Element access with the stride known at compile time.
template <typename T>
struct Varying {
  const T* data;
  const T& operator[](std::size_t row) const { return data[row]; }
};
template <typename T>
struct Fixed {
  T value;
  const T& operator[](std::size_t) const { return value; }
};

// Calls body with a Varying<T> or Fixed<T> for the column.
template <typename T, typename Body>
inline void with_elements(const Column& column, Body&& body) {
  if (column.stride == 0) {
    body(Fixed<T>{*column.elements<T>()});
  } else {
    body(Varying<T>{column.elements<T>()});
  }
}

}  // namespace thalweg::runtime
