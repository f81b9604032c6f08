// Ordered columns, the key's first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/types/sql_type.h"

namespace thalweg::planner {

struct SchemaColumn {
  std::string name;
  SqlType type;
  bool operator==(const SchemaColumn&) const = default;
};

struct Schema {
  std::vector<SchemaColumn> columns;  // [0, key_count) make up the key
  std::size_t key_count = 0;

  std::size_t size() const { return columns.size(); }
  std::optional<std::size_t> index_of(std::string_view name) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == name) return i;
    }
    return std::nullopt;
  }
  bool operator==(const Schema&) const = default;
};

// "`ID` INTEGER KEY, `NAME` STRING": listings and messages. With mark_keys false the KEY words are left out.
std::string to_string(const Schema& schema, bool mark_keys = true);

}  // namespace thalweg::planner
