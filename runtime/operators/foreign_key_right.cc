// The side that keeps the right rows and knows who has subscribed to them.
#include <algorithm>
#include <cstring>

#include "runtime/operators/foreign_key_sides.h"

namespace thalweg::runtime {
namespace {

struct Subscriber {
  std::uint64_t version;
  std::int32_t partition;
};

std::string subscriber_row(const ForeignKeyRequest& request) {
  std::string row(sizeof request.version + sizeof request.left_partition, '\0');
  std::memcpy(row.data(), &request.version, sizeof request.version);
  std::memcpy(row.data() + sizeof request.version, &request.left_partition, sizeof request.left_partition);
  return row;
}

Subscriber subscriber_of(std::string_view row) {
  Subscriber subscriber{};
  std::memcpy(&subscriber.version, row.data(), sizeof subscriber.version);
  std::memcpy(&subscriber.partition, row.data() + sizeof subscriber.version, sizeof subscriber.partition);
  return subscriber;
}

}  // namespace

ForeignKeyRightOperator::ForeignKeyRightOperator(TaskContext& context, const planner::Step& step,
                                                 const planner::Schema& right, MessageHop answers)
    : MergingOperator(context, step),
      right_(right),
      answers_(std::move(answers)),
      right_codec_(key_types(right)),
      right_row_codec_(all_types(right)) {}

Result<std::unique_ptr<Operator>> ForeignKeyRightOperator::make(TaskContext& context,
                                                                const planner::QueryPlan& plan,
                                                                std::size_t index, MessageHop answers) {
  const planner::Step& step = plan.steps[index];
  const auto& join = std::get<planner::ForeignKeyJoinStep>(step.node);
  const auto& right = plan.steps[static_cast<std::size_t>(step.inputs[1])];
  std::unique_ptr<ForeignKeyRightOperator> made(
      new ForeignKeyRightOperator(context, step, right.schema, std::move(answers)));
  THALWEG_TRY(auto foreign_key, ForeignKeyExpression::make(context, *join.foreign_key, right.schema));
  made->foreign_key_ = std::make_unique<ForeignKeyExpression>(std::move(foreign_key));
  THALWEG_TRY(auto right_store, made->open_store(join.right_store, StoreKind::kPlain));
  made->right_rows_ = std::make_unique<TableRows>(std::move(right_store), right.schema, std::nullopt);
  THALWEG_TRY(auto subscriptions, made->open_store(join.subscription_store, StoreKind::kGrouped));
  made->subscriptions_ = std::make_unique<Subscriptions>(std::move(subscriptions));
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> ForeignKeyRightOperator::take(int port, Batch& batch) {
  if (port != kRequests) return change(batch);
  subscriptions_->begin();
  THALWEG_CHECK(request(batch));
  subscriptions_->drop_removed();
  return {};
}

Result<void> ForeignKeyRightOperator::request(Batch& batch) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  std::vector<Column> keys;
  for (std::size_t k = 0; k < right_.key_count; ++k)
    keys.push_back(make_column(arena, right_.columns[k].type, batch.rows));
  std::vector<ForeignKeyRequest> requests;
  requests.reserve(rows.count);
  for (std::size_t i = 0; i < rows.count; ++i) {
    THALWEG_TRY(requests.emplace_back(),
                read_request_message(batch.columns[0].get<std::string_view>(rows[i])));
    // Behind the four bytes of the length.
    THALWEG_CHECK(right_codec_.decode(requests[i].foreign_key.substr(4), keys, rows[i], arena));
  }
  THALWEG_TRY(auto found, right_rows_->lookup(arena, keys, rows, batch.rows));
  std::vector<Column> columns = keys;
  columns.insert(columns.end(), found.values.begin(), found.values.end());
  std::string right_row;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const ForeignKeyRequest& request = requests[i];
    if (request.action == ForeignKeyRequest::Action::kSubscribe) {
      THALWEG_CHECK(subscriptions_->put(request.foreign_key, request.left_key, subscriber_row(request)));
    } else {
      THALWEG_CHECK(subscriptions_->remove(request.foreign_key, request.left_key));
    }
    if (request.answer == ForeignKeyRequest::Answer::kNone) continue;
    right_row.clear();
    const bool is_found = found.found[i] != 0;
    if (is_found) right_row_codec_.encode(columns, rows[i], right_row);
    const std::int64_t time = batch.timestamps[rows[i]];
    THALWEG_CHECK(answer(request.left_partition, is_found ? std::max(time, found.timestamps[i]) : time,
                         {is_found, request.answer == ForeignKeyRequest::Answer::kQuiet, request.version,
                          request.left_key, right_row}));
  }
  return {};
}

Result<void> ForeignKeyRightOperator::change(Batch& batch) {
  THALWEG_CHECK(right_rows_->exchange(batch, false));
  const Rows rows = rows_of(batch);
  std::string right_row;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const bool is_new = batch.is_new(row);
    right_row.clear();
    if (is_new) right_row_codec_.encode(batch.columns, row, right_row);
    const std::string right_key = foreign_key_->of_right(batch, row);
    if (right_key.empty()) continue;
    Result<void> sent;
    THALWEG_CHECK(subscriptions_->each(right_key, [&](std::string_view left_key, std::string_view bytes) {
      const Subscriber subscriber = subscriber_of(bytes);
      if (sent) {
        sent = answer(subscriber.partition, batch.timestamps[row],
                      {is_new, false, subscriber.version, left_key, right_row});
      }
    }));
    THALWEG_CHECK(std::move(sent));
  }
  return {};
}

Result<void> ForeignKeyRightOperator::answer(std::int32_t partition, std::int64_t timestamp,
                                             const ForeignKeyResponse& response) {
  if (partition < 0 || partition >= answers_.partitions)
    return Error{ErrorCode::kFatal, "a foreign-key join was asked by a partition that does not exist"};
  RecordBatchBuilder& builder = context_.produce({answers_.topic, PartitionId{partition}});
  append(builder.value_bytes(), response);
  builder.finish_record(timestamp, true, false);
  return {};
}

}  // namespace thalweg::runtime
