#include "runtime/operators/gather.h"

#include <algorithm>

#include "runtime/operators/operator.h"

namespace thalweg::runtime {
namespace {

template <typename T>
void copy_elements(const void* from, void* to, std::span<const std::uint32_t> positions) {
  const T* in = static_cast<const T*>(from);
  T* out = static_cast<T*>(to);
  for (std::size_t i = 0; i < positions.size(); ++i) out[i] = in[positions[i]];
}

template <typename T>
T* gather_array(Arena& arena, const T* from, std::span<const std::uint32_t> positions) {
  if (from == nullptr) return nullptr;
  auto* to = arena.array<std::remove_const_t<T>>(positions.size());
  copy_elements<std::remove_const_t<T>>(from, to, positions);
  return to;
}

template <typename T>
struct Element {
  using Type = T;
};

// body(Element<T>) for the C++ type of a physical one.
template <typename Body>
void with_element(Physical physical, Body&& body) {
  switch (physical) {
    case Physical::kBool: return body(Element<std::uint8_t>{});
    case Physical::kInt32: return body(Element<std::int32_t>{});
    case Physical::kInt64: return body(Element<std::int64_t>{});
    case Physical::kDouble: return body(Element<double>{});
    case Physical::kDecimal: return body(Element<planner::Int128>{});
    case Physical::kString: return body(Element<std::string_view>{});
    case Physical::kBoxed: return body(Element<Boxed>{});
  }
}

// The same attribute of rows of several batches, which may lack it; null if all do.
template <typename T>
T* gather_array(Arena& arena, std::span<const RowRef> refs, T* Batch::*attribute,
                std::remove_const_t<T> missing) {
  const bool any =
      std::any_of(refs.begin(), refs.end(), [&](const RowRef& ref) { return ref.batch->*attribute; });
  if (!any) return nullptr;
  auto* to = arena.array<std::remove_const_t<T>>(refs.size());
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const T* from = refs[i].batch->*attribute;
    to[i] = from == nullptr ? missing : from[refs[i].row];
  }
  return to;
}

}  // namespace

Column gather(Arena& arena, const Column& column, std::span<const std::uint32_t> positions) {
  if (column.stride == 0) return column;
  Column out;
  out.physical = column.physical;
  out.data = arena.allocate(positions.size() * element_bytes(column.physical));
  with_element(column.physical, [&](auto element) {
    copy_elements<typename decltype(element)::Type>(column.data, out.data, positions);
  });
  out.valid = gather_array(arena, column.valid, positions);
  return out;
}

Batch gather_attributes(const Batch& from, std::span<const std::uint32_t> positions) {
  Arena& arena = *from.arena;
  Batch out;
  out.arena = from.arena;
  out.rows = out.selected = positions.size();
  out.timestamps = gather_array(arena, from.timestamps, positions);
  out.has_new = gather_array(arena, from.has_new, positions);
  out.has_old = gather_array(arena, from.has_old, positions);
  out.key_null = gather_array(arena, from.key_null, positions);
  out.window_start = gather_array(arena, from.window_start, positions);
  out.window_end = gather_array(arena, from.window_end, positions);
  out.headers = gather_array(arena, from.headers, positions);
  out.source_offsets = gather_array(arena, from.source_offsets, positions);
  out.turns = gather_array(arena, from.turns, positions);
  out.stream_times = gather_array(arena, from.stream_times, positions);
  out.source_partition = from.source_partition;
  return out;
}

Batch gather_rows(const Batch& from, std::span<const std::uint32_t> positions) {
  Batch out = gather_attributes(from, positions);
  out.columns.reserve(from.columns.size());
  for (const Column& column : from.columns) out.columns.push_back(gather(*out.arena, column, positions));
  for (const Column& column : from.old_columns)
    out.old_columns.push_back(gather(*out.arena, column, positions));
  return out;
}

Batch gather_attributes(std::span<const RowRef> refs) {
  Batch out = make_batch(refs.size());
  Arena& arena = *out.arena;
  const Batch* last = nullptr;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto& [batch, row] = refs[i];
    out.timestamps[i] = batch->timestamps[row];
    if (batch != last) arena.keep(batch->arena);
    last = batch;
  }
  out.has_new = gather_array<std::uint8_t>(arena, refs, &Batch::has_new, 1);
  out.has_old = gather_array<std::uint8_t>(arena, refs, &Batch::has_old, 0);
  out.key_null = gather_array<std::uint8_t>(arena, refs, &Batch::key_null, 0);
  out.window_start = gather_array<std::int64_t>(arena, refs, &Batch::window_start, 0);
  out.window_end = gather_array<std::int64_t>(arena, refs, &Batch::window_end, 0);
  out.headers = gather_array<const std::string_view>(arena, refs, &Batch::headers, {});
  out.source_offsets = gather_array<const std::int64_t>(arena, refs, &Batch::source_offsets, -1);
  out.turns = gather_array<const std::uint32_t>(arena, refs, &Batch::turns, 0);
  out.stream_times = gather_array<const std::int64_t>(arena, refs, &Batch::stream_times, -1);
  if (last != nullptr) out.source_partition = last->source_partition;
  return out;
}

Column gather(Arena& arena, const planner::SqlType& type, std::span<const RowRef> refs, std::size_t column,
              std::vector<Column> Batch::*columns) {
  Column out = make_column(arena, type, refs.size());
  with_element(out.physical, [&](auto element) {
    using T = typename decltype(element)::Type;
    for (std::size_t i = 0; i < refs.size(); ++i) {
      if (refs[i].batch == nullptr) continue;
      const Column& from = (refs[i].batch->*columns)[column];
      if (!from.is_null(refs[i].row)) out.set(i, from.get<T>(refs[i].row));
    }
  });
  return out;
}

Batch slice(const Batch& from, std::uint32_t first, std::uint32_t count) {
  Batch out = from;
  out.rows = out.selected = count;
  const auto move_on = [first](auto*& array) {
    if (array != nullptr) array += first;
  };
  move_on(out.timestamps);
  move_on(out.has_new);
  move_on(out.has_old);
  move_on(out.key_null);
  move_on(out.window_start);
  move_on(out.window_end);
  move_on(out.headers);
  move_on(out.source_offsets);
  move_on(out.turns);
  move_on(out.stream_times);
  for (auto* columns : {&out.columns, &out.old_columns}) {
    for (Column& column : *columns) {
      if (column.stride == 0) continue;
      column.data = static_cast<char*>(column.data) + first * element_bytes(column.physical);
      move_on(column.valid);
    }
  }
  return out;
}

}  // namespace thalweg::runtime
