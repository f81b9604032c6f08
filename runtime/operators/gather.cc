#include "runtime/operators/gather.h"

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

}  // namespace

Column gather(Arena& arena, const Column& column, std::span<const std::uint32_t> positions) {
  if (column.stride == 0) return column;
  Column out;
  out.physical = column.physical;
  out.data = arena.allocate(positions.size() * element_bytes(column.physical));
  switch (column.physical) {
    case Physical::kBool: copy_elements<std::uint8_t>(column.data, out.data, positions); break;
    case Physical::kInt32: copy_elements<std::int32_t>(column.data, out.data, positions); break;
    case Physical::kInt64: copy_elements<std::int64_t>(column.data, out.data, positions); break;
    case Physical::kDouble: copy_elements<double>(column.data, out.data, positions); break;
    case Physical::kDecimal: copy_elements<planner::Int128>(column.data, out.data, positions); break;
    case Physical::kString: copy_elements<std::string_view>(column.data, out.data, positions); break;
    case Physical::kBoxed: copy_elements<Boxed>(column.data, out.data, positions); break;
  }
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
