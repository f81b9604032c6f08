#include "runtime/operators/foreign_keys.h"

#include <cstring>

#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {
namespace {

void append_bytes(std::string& out, std::string_view bytes) {
  append_u32_be(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}

// Takes messages apart; the first piece that does not fit makes all of it unreadable.
class MessageParser {
 public:
  explicit MessageParser(std::string_view bytes) : rest_(bytes) {}
  template <typename T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (good_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view bytes() {
    const std::string_view length = take(4);
    return good_ ? take(read_u32_be(length)) : std::string_view();
  }
  bool good() const { return good_; }

 private:
  std::string_view take(std::size_t size) {
    good_ = good_ && rest_.size() >= size;
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

template <typename T>
void append_number(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

Error damaged() { return Error{ErrorCode::kFatal, "a message of a foreign-key join cannot be read"}; }

}  // namespace

// ---- keys ----------------------------------------------------------------------------------------------

ForeignKeyExpression::ForeignKeyExpression(const planner::Schema& right)
    : codec_(key_types(right)), key_count_(right.key_count) {}

Result<ForeignKeyExpression> ForeignKeyExpression::make(const TaskContext& context,
                                                        const planner::TypedExpression& expression,
                                                        const planner::Schema& right) {
  ForeignKeyExpression made(right);
  THALWEG_TRY(made.expression_, compile(expression, *context.library, context.environment));
  return made;
}

ForeignKeys ForeignKeyExpression::evaluate(TaskContext& context, const Batch& batch, bool of_old_rows,
                                           const std::string& step) {
  const Rows rows = rows_of(batch);
  auto* positions = batch.arena->array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (of_old_rows ? batch.is_old(rows[i]) : batch.is_new(rows[i])) positions[count++] = rows[i];
  }
  EvaluationContext evaluation{*batch.arena, of_old_rows ? batch.old_columns : batch.columns, errors_};
  ForeignKeys keys;
  keys.bytes.resize(batch.rows);
  keys.column = expression_->evaluate(evaluation, {positions, count}, batch.rows);
  if (of_old_rows) errors_.clear();
  context.report(errors_, "Error computing expression ", batch, step);
  std::string key;
  for (std::size_t i = 0; i < count; ++i) {
    key.clear();
    if (codec_.encode({&keys.column, 1}, positions[i], key)) append_bytes(keys.bytes[positions[i]], key);
  }
  return keys;
}

std::string ForeignKeyExpression::of_right(const Batch& batch, std::uint32_t row) const {
  std::string key, bytes;
  if (codec_.encode({batch.columns.data(), key_count_}, row, key)) append_bytes(bytes, key);
  return bytes;
}

// ---- subscriptions -------------------------------------------------------------------------------------

std::string Subscriptions::prefix_of(std::string_view foreign_key) {
  std::string prefix;
  append_u64_be(prefix, hash_key(foreign_key));
  return prefix.append(foreign_key);
}

void Subscriptions::want(std::string_view foreign_key, std::string_view left_key) {
  append_u64_be(wanted_.bytes(), hash_key(foreign_key));
  wanted_.bytes().append(foreign_key);
  wanted_.add(left_key);
}

Result<void> Subscriptions::make_room() {
  slots_.resize(wanted_.size());
  made_.resize(wanted_.size());
  THALWEG_CHECK(store_->upsert(wanted_.keys(), slots_, made_));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (made_[i]) maybe_removed_.push_back(slots_[i]);
  }
  wanted_.clear();
  return {};
}

Result<void> Subscriptions::put(std::string_view foreign_key, std::string_view left_key,
                                std::string_view row) {
  want(foreign_key, left_key);
  THALWEG_CHECK(make_room());
  fill(slots_[0], row);
  return {};
}

Result<void> Subscriptions::remove(std::string_view foreign_key, std::string_view left_key) {
  const std::string bytes = prefix_of(foreign_key).append(left_key);
  const StateKey wanted{bytes, hash_key(bytes)};
  Slot slot = kNoSlot;
  THALWEG_CHECK(store_->lookup({&wanted, 1}, {&slot, 1}));
  if (slot == kNoSlot) return {};
  store_->set_row(slot, {});
  maybe_removed_.push_back(slot);
  return {};
}

void Subscriptions::drop_removed() {
  erase_empty(*store_, maybe_removed_);
  maybe_removed_.clear();
}

// ---- messages ------------------------------------------------------------------------------------------

void append(std::string& out, const ForeignKeyRequest& request) {
  append_number(out, static_cast<std::uint8_t>(request.action));
  append_number(out, static_cast<std::uint8_t>(request.answer));
  append_number(out, request.version);
  append_number(out, request.left_partition);
  append_bytes(out, request.foreign_key);
  append_bytes(out, request.left_key);
}

Result<ForeignKeyRequest> read_request_message(std::string_view bytes) {
  MessageParser message(bytes);
  ForeignKeyRequest request{};
  request.action = static_cast<ForeignKeyRequest::Action>(message.number<std::uint8_t>());
  request.answer = static_cast<ForeignKeyRequest::Answer>(message.number<std::uint8_t>());
  request.version = message.number<std::uint64_t>();
  request.left_partition = message.number<std::int32_t>();
  request.foreign_key = message.bytes();
  request.left_key = message.bytes();
  if (!message.good()) return damaged();
  return request;
}

void append(std::string& out, const ForeignKeyResponse& response) {
  append_number(out, static_cast<std::uint8_t>((response.found ? 1 : 0) | (response.quiet ? 2 : 0)));
  append_number(out, response.version);
  append_bytes(out, response.left_key);
  append_bytes(out, response.right_row);
}

Result<ForeignKeyResponse> read_response_message(std::string_view bytes) {
  MessageParser message(bytes);
  ForeignKeyResponse response{};
  const auto flags = message.number<std::uint8_t>();
  response.found = (flags & 1) != 0;
  response.quiet = (flags & 2) != 0;
  response.version = message.number<std::uint64_t>();
  response.left_key = message.bytes();
  response.right_row = message.bytes();
  if (!message.good()) return damaged();
  return response;
}

Result<Batch> MessageReader::read(const RecordBatchPtr& records, std::uint32_t first, std::uint32_t count,
                                  bool) const {
  Batch batch = make_batch(count);
  batch.arena->keep(records);
  std::memcpy(batch.timestamps, records->timestamps() + first, count * sizeof(std::int64_t));
  Column messages = make_column(*batch.arena, planner::SqlType(planner::SqlKind::kBytes), count, false);
  for (std::uint32_t i = 0; i < count; ++i) messages.set(i, records->value(first + i));
  batch.columns.push_back(messages);
  return batch;
}

}  // namespace thalweg::runtime
