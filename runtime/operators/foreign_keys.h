// What the foreign-key joins share: the key a left row names, who has subscribed to a right row, and the
// messages that left and right tasks send each other where they are not one.
//
//   subscriptions   a grouped store; key: [u64 big-endian hash of what follows, up to the left key]
//                   [u32 big-endian length][KeyCodec of the foreign key][KeyCodec of the left key]
//                   row: whatever the join wants to know of the subscriber, never empty
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/operators/operator.h"
#include "runtime/operators/sink.h"
#include "runtime/serde/row_codec.h"
#include "runtime/state/key_list.h"

namespace thalweg::runtime {

// The foreign keys of a batch's rows, by position.
struct ForeignKeys {
  Column column;
  std::vector<std::string> bytes;  // [length][KeyCodec], empty: NULL, or no such row
};

class ForeignKeyExpression {
 public:
  static Result<ForeignKeyExpression> make(const TaskContext& context,
                                           const planner::TypedExpression& expression,
                                           const planner::Schema& right);
  // Of the new rows of a batch or of the rows they replace. Errors of new rows are reported under `step`;
  // those of old ones were when they were new.
  ForeignKeys evaluate(TaskContext& context, const Batch& batch, bool of_old_rows, const std::string& step);
  // The same bytes of a right row's key; empty: it has a NULL.
  std::string of_right(const Batch& batch, std::uint32_t row) const;

 private:
  explicit ForeignKeyExpression(const planner::Schema& right);

  std::unique_ptr<CompiledExpression> expression_;
  KeyCodec codec_;
  std::size_t key_count_;
  std::vector<RowError> errors_;
};

class Subscriptions {
 public:
  explicit Subscriptions(std::unique_ptr<StateStore> store) : store_(std::move(store)) {}
  // Before a batch of changes; drop_removed() comes behind it and gives up what was removed or never filled.
  void begin() {
    wanted_.clear();
    maybe_removed_.clear();
  }
  void drop_removed();
  // `foreign_key` as in ForeignKeys::bytes.
  Result<void> put(std::string_view foreign_key, std::string_view left_key, std::string_view row);
  Result<void> remove(std::string_view foreign_key, std::string_view left_key);
  // The same as put() for many: name them, make room for all, then fill each at its turn.
  void want(std::string_view foreign_key, std::string_view left_key);
  Result<void> make_room();
  std::span<const Slot> room() const { return slots_; }  // of those wanted, until the next make_room()
  void fill(Slot slot, std::string_view row) { store_->set_row(slot, row); }
  // visit(left key, row), in the order of the left keys' bytes.
  template <typename Visit>
  Result<void> each(const std::string& foreign_key, Visit&& visit) {
    const std::string prefix = prefix_of(foreign_key);
    return store_->scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view row) {
      if (!row.empty()) visit(key.substr(prefix.size()), row);
      return true;
    });
  }
  StateStore& store() { return *store_; }

 private:
  static std::string prefix_of(std::string_view foreign_key);
  std::unique_ptr<StateStore> store_;
  KeyList wanted_;
  std::vector<Slot> slots_, maybe_removed_;
  std::vector<std::uint8_t> made_;
};

// ---- between tasks -------------------------------------------------------------------------------------

// From a left task to the one of the right row. `version` is a hash of the left row; an answer that bears
// another one than the row has by then is out of date.
struct ForeignKeyRequest {
  enum class Action : std::uint8_t { kSubscribe = 0, kUnsubscribe = 1 };
  enum class Answer : std::uint8_t {
    kNone = 0,
    kQuiet = 1,  // that there is no right row takes nothing out of the result, unless a row is in it
    kAlways = 2
  };
  Action action;
  Answer answer;
  std::uint64_t version;  // 0: the left row is gone
  std::int32_t left_partition;
  std::string_view foreign_key;  // ForeignKeys::bytes
  std::string_view left_key;     // KeyCodec
};
void append(std::string& out, const ForeignKeyRequest& request);
Result<ForeignKeyRequest> read_request_message(std::string_view bytes);

struct ForeignKeyResponse {
  bool found;
  bool quiet;  // see Answer::kQuiet
  std::uint64_t version;
  std::string_view left_key;
  std::string_view right_row;  // RowCodec of the right schema, if found
};
void append(std::string& out, const ForeignKeyResponse& response);
Result<ForeignKeyResponse> read_response_message(std::string_view bytes);

// The values of internal records as one BYTES column.
class MessageReader final : public InternalReader {
 public:
  Result<Batch> read(const RecordBatchPtr& records, std::uint32_t first, std::uint32_t count,
                     bool table) const override;
};

}  // namespace thalweg::runtime
