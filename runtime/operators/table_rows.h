// The current rows of a table edge, by key, in a StateStore.
//
//   key   [KeyWindow][KeyCodec of the key columns]
//   row   [i64 timestamp, ms][RowCodec of the value columns]; empty while a row is being deleted
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "planner/types/schema.h"
#include "runtime/columns/batch.h"
#include "runtime/operators/read_request.h"
#include "runtime/serde/row_codec.h"
#include "runtime/state/key_list.h"

namespace thalweg::runtime {

class TableRows {
 public:
  TableRows(std::unique_ptr<StateStore> store, const planner::Schema& schema,
            const std::optional<planner::WindowInfo>& window);

  // Applies the changes of a batch in row order. With want_old every row learns the one it replaces: has_old
  // and old_columns (row 2's old is row 1's new).
  Result<void> exchange(Batch& batch, bool want_old);

  // What is stored for the keys in `key_columns` at `rows`: fills value columns (nullable, one per value
  // column of the schema) at the same positions. found[i] for the i-th row of `rows`. Not for windowed
  // tables.
  struct Found {
    std::vector<std::uint8_t> found;
    std::vector<std::int64_t> timestamps;
    std::vector<Column> values;
  };
  Result<Found> lookup(Arena& arena, std::span<const Column> key_columns, Rows rows, std::size_t capacity);

  // Row by row, where other rows' turns come between: all keys first, then each row at its turn. A slot
  // without a row, or whose row was removed, is given up by the next drop_removed().
  void begin() { maybe_removed_.clear(); }
  // By selected row; made where a new row misses one. kNoSlot: the deletion of a key that is not there.
  Result<void> resolve(const Batch& batch, std::vector<Slot>& slots);
  const KeyList& resolved_keys() const { return keys_; }
  // Slots of the keys of another table's or a stream's rows, or of encoded keys. kNoSlot: no row, and none in
  // this round.
  Result<void> find(const Batch& batch, Rows rows, std::vector<Slot>& slots);
  Result<void> find(std::span<const StateKey> keys, std::span<Slot> slots) {
    return store_->lookup(keys, slots);
  }
  void prefetch(Slot slot) const {
    if (slot != kNoSlot) store_->prefetch(slot);
  }
  struct Stored {
    std::int64_t timestamp;
    std::string_view values;  // until the next put()
  };
  std::optional<Stored> stored(Slot slot) const;
  Result<void> decode(std::string_view values, std::span<Column> columns, std::uint32_t row, Arena& arena,
                      bool copy) const {
    THALWEG_CHECK(row_codec_.decode(values, columns, row, arena, copy));
    return {};
  }
  void put(Slot slot, const Batch& batch, std::uint32_t row);  // deletes, if the row is a deletion
  void drop_removed();

  StateStore& store() { return *store_; }

  // The stored rows by `schema` (as given to the constructor).
  Result<Batch> read(const ReadRequest& request);

 private:
  // `windows`: the batch the columns are of, if the table is windowed.
  std::span<const StateKey> encode_keys(std::span<const Column> key_columns, const Batch* windows, Rows rows);
  // The slots of a batch's keys, as resolve() gives them, into slots_.
  Result<void> find_slots(const Batch& batch);
  Result<void> find_slots(Rows rows, std::span<const StateKey> keys, const std::uint8_t* is_new);

  std::unique_ptr<StateStore> store_;
  planner::Schema schema_;
  std::size_t key_count_;
  KeyWindow window_;
  KeyCodec key_codec_;
  RowCodec row_codec_;
  std::vector<planner::SqlType> value_types_;
  KeyList keys_;
  std::vector<Slot> slots_;
  std::vector<std::uint8_t> inserted_;  // by slot of slots_
  struct Some {                         // of the keys: those of new rows, those of deletions
    std::vector<StateKey> keys;
    std::vector<std::size_t> places;
    std::vector<Slot> slots;
    std::vector<std::uint8_t> inserted;
  };
  Some some_;
  std::vector<Slot> maybe_removed_;
  std::string row_bytes_;
};

// Splits a schema's types into those of its key and of its value columns.
std::vector<planner::SqlType> key_types(const planner::Schema& schema);
std::vector<planner::SqlType> value_types(const planner::Schema& schema);
std::vector<planner::SqlType> all_types(const planner::Schema& schema);

}  // namespace thalweg::runtime
