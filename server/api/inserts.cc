#include "server/api/inserts.h"

#include <spdlog/spdlog.h>

#include "planner/types/text.h"
#include "server/api/insert_values.h"
#include "server/api/topic_patterns.h"

namespace thalweg::server {
namespace {

constexpr std::size_t kWaitingMaxBytes = 256u << 10;
constexpr std::size_t kLinesPerBatch = 256;

ApiError plain_failure(int code, std::string message) { return {code, std::move(message), false, "", {}}; }

// May rows be put into this source?
std::optional<ApiError> check_target(const ApiContext& context, const std::string& name,
                                     const planner::DataSourcePtr& target) {
  if (!context.configuration.flag("ksql.insert.into.values.enabled")) {
    return plain_failure(kBadRequest,
                         "The server has disabled INSERT INTO ... VALUES functionality. To enable it, "
                         "restart your ksqlDB server with 'ksql.insert.into.values.enabled'=true");
  }
  if (!target)
    return plain_failure(kBadStatement, "Cannot insert values into an unknown stream/table: " + name);
  if (target->window) return plain_failure(kBadStatement, "Cannot insert values into windowed stream/table");
  const bool stream = target->kind == ast::SourceKind::kStream;
  if (target->read_only) {
    return plain_failure(kBadStatement, std::string("Cannot insert values into read-only ") +
                                            (stream ? "stream: " : "table: ") + name);
  }
  if (TopicPatterns(context.configuration.text("ksql.readonly.topics")).match(target->topic)) {
    return plain_failure(kBadStatement, "Cannot insert values into read-only topic: " + target->topic);
  }
  return std::nullopt;
}

}  // namespace

bool InsertStream::full() const {
  return waiting_bytes_ + partial_.size() > kWaitingMaxBytes && !lines_.empty();
}

void InsertStream::data(std::string_view bytes) {
  if (done_) return;
  partial_ += bytes;
  take_lines();
  if (partial_.size() > context_.limits.line_max_bytes) {
    return refuse(plain_failure(41300, "a line of the inserts stream is too long"));
  }
  work();
}

void InsertStream::end() {
  ended_ = true;
  if (done_) return;
  if (!partial_.empty()) {
    partial_ += '\n';  // the last line may lack its end
    take_lines();
  }
  if (!done_ && !target_) return refuse(plain_failure(kBadRequest, "Invalid JSON in inserts stream"));
  work();
}

void InsertStream::take_lines() {
  std::size_t begin = 0;
  for (auto end = partial_.find('\n'); end != partial_.npos && !done_; end = partial_.find('\n', begin)) {
    auto line = partial_.substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t") == line.npos) continue;
    if (line.size() > context_.limits.line_max_bytes) {
      return refuse(plain_failure(41300, "a line of the inserts stream is too long"));
    }
    if (!target_) {
      open_target(line);
    } else {
      waiting_bytes_ += line.size();
      lines_.push_back(std::move(line));
    }
  }
  partial_.erase(0, begin);
}

void InsertStream::open_target(const std::string& line) {
  const auto document = parse_json(line);
  const auto* name = document ? document->find("target") : nullptr;
  if (name == nullptr || !name->is(JsonValue::Kind::kString)) {
    return refuse(
        plain_failure(kBadRequest, document ? "No target in arguments" : "Invalid JSON in inserts stream"));
  }
  const auto folded = fold_identifier(name->text);
  auto target = context_.engine_ref().catalog()->find(folded);
  if (auto error = check_target(context_, folded, target)) return refuse(std::move(*error));
  target_ = std::move(target);
  exchange_->on_gone([self = shared_from_this()] { self->done_ = true; });
  exchange_->begin(200, json_array_ ? kJson : std::string_view("application/vnd.ksqlapi.delimited.v1"));
  if (json_array_) exchange_->write("[");
  exchange_->flush();
}

void InsertStream::work() {
  if (working_ || done_ || !target_) return;
  if (lines_.empty()) {
    if (ended_) finish();
    return;
  }
  working_ = true;
  std::vector<std::string> batch;
  if (lines_.size() <= kLinesPerBatch) {
    batch.swap(lines_);
  } else {
    const auto middle = lines_.begin() + kLinesPerBatch;
    batch.assign(std::make_move_iterator(lines_.begin()), std::make_move_iterator(middle));
    lines_.erase(lines_.begin(), middle);
  }
  for (const auto& line : batch) waiting_bytes_ -= line.size();
  context_.loop.run_query([self = shared_from_this(), batch = std::move(batch), first = next_row_] {
    auto outcome = self->insert(batch, first);
    self->context_.loop.post(
        [self, outcome = std::move(outcome)]() mutable { self->deliver(std::move(outcome)); });
  });
}

InsertStream::Outcome InsertStream::insert(const std::vector<std::string>& lines, std::uint64_t first) {
  std::vector<runtime::Engine::NamedRow> rows;
  std::optional<Error> failure;  // of the row behind the last one in `rows`
  for (const auto& line : lines) {
    const auto document = parse_json(line);
    if (!document || !document->is(JsonValue::Kind::kObject)) {
      failure = Error{ErrorCode::kParse, "Invalid JSON in inserts stream"};
      break;
    }
    auto columns = row_of_json(*document, *target_);
    if (!columns) {
      failure = std::move(columns).error();
      break;
    }
    rows.push_back(std::move(*columns));
  }
  auto written = context_.engine_ref().insert_rows(target_->name, rows);
  if (written.error) failure = std::move(written.error);
  Outcome outcome;
  outcome.rows = written.written;
  outcome.failed = failure.has_value();
  for (std::size_t i = 0; i < outcome.rows + (outcome.failed ? 1 : 0); ++i) {
    outcome.acknowledgements += acknowledge(first + i, i < outcome.rows ? nullptr : &*failure);
    outcome.ends.push_back(outcome.acknowledgements.size());
  }
  return outcome;
}

std::string InsertStream::acknowledge(std::uint64_t sequence, const Error* error) const {
  const auto number = std::to_string(sequence);
  std::string text;
  if (error == nullptr) {
    text = "{\"seq\":" + number + ",\"status\":\"ok\"}";
  } else {
    const bool ours = error->code == ErrorCode::kInternal || error->code == ErrorCode::kIo ||
                      error->code == ErrorCode::kCorrupted;
    if (ours) spdlog::error("insert into {} failed: {} ({})", target_->name, describe(*error), error->cause);
    text = R"({"@type":"InsertError","status":"error","seq":)" + number +
           ",\"error_code\":" + std::to_string(ours ? kServerError : kBadRequest) + ",\"message\":";
    planner::append_json_string(text, error->code == ErrorCode::kInternal
                                          ? "Error in processing inserts. Check server logs for details."
                                          : error->message);
    text += '}';
  }
  if (!json_array_) return text + "\n";
  return (sequence == 0 ? "" : ",") + text;
}

void InsertStream::deliver(Outcome outcome) {
  working_ = false;
  context_.metrics.inserted_rows += outcome.rows;
  next_row_ += outcome.ends.size();
  if (done_) return;
  std::size_t begin = 0;
  for (const auto end : outcome.ends) {
    exchange_->write(std::string_view(outcome.acknowledgements).substr(begin, end - begin));
    begin = end;
  }
  exchange_->flush();
  if (outcome.failed) return finish();
  const auto self = shared_from_this();
  work();
  if (!done_ && !full() && resume_) resume_();
}

void InsertStream::refuse(ApiError error) {
  done_ = true;
  const auto self = shared_from_this();
  if (target_) {
    if (json_array_)
      exchange_->write(std::string(next_row_ == 0 ? "" : ",") + error_json(error.code, error.message) + "]");
    if (!json_array_) exchange_->write(error_json(error.code, error.message) + "\n");
    return exchange_->finish();
  }
  exchange_->answer(answer_of(error));
}

void InsertStream::finish() {
  done_ = true;
  const auto self = shared_from_this();
  if (json_array_) exchange_->write("]");
  exchange_->finish();
}

}  // namespace thalweg::server
