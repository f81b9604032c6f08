#include "server/api/row_stream.h"

#include <spdlog/spdlog.h>

namespace thalweg::server {
namespace {

constexpr std::size_t kRowsPerPoll = 256;

std::string message_for_client(const Error& error) {
  const bool ours = error.code == ErrorCode::kInternal;
  if (ours || error.code == ErrorCode::kIo || error.code == ErrorCode::kCorrupted) {
    spdlog::error("query failed: {} ({})", describe(error), error.cause);
  }
  return ours ? "The query failed for a reason inside the server; its log has the details." : error.message;
}

}  // namespace

RowStream::~RowStream() { end_push(); }

void RowStream::start(std::shared_ptr<runtime::PushQuery> query) {
  query_ = std::move(query);
  id_ = query_->id();
  context_.pushes.add(id_, weak_from_this());
  ++context_.metrics.push.started;
  ++context_.metrics.push.active;
  // The output keeps this object alive through its callback, the client's connection keeps the output.
  output_->on_gone([self = shared_from_this()] { self->end_push(); });
  query_->on_ready([weak = weak_from_this(), pending = wake_pending_, &loop = context_.loop] {
    if (pending->exchange(true)) return;  // a wake-up is already on its way
    loop.post([weak, pending] {
      pending->store(false);
      if (const auto self = weak.lock()) self->pump_push();
    });
  });
  output_->head({id_, query_->schema(), {}}, true, false);
  output_->flush();
  pump_push();
}

void RowStream::pump_push() {
  while (query_) {
    if (output_->congested()) {
      output_->on_drained([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->pump_push();
      });
      break;
    }
    auto poll = query_->poll(kRowsPerPoll);
    const bool more = poll.rows.size() == kRowsPerPoll;
    if (!pass_on(std::move(poll)) || !more) break;
  }
  output_->flush();
}

bool RowStream::pass_on(runtime::PushQuery::Poll poll) {
  for (const auto& row : poll.rows) output_->row(row.values, row.tombstone, false);
  context_.metrics.push.rows += poll.rows.size();
  if (poll.error) {
    const auto message = message_for_client(*poll.error);
    const int code = poll.error->code == ErrorCode::kLimit ? kTooManyRequests : kServerError;
    const auto self = shared_from_this();
    end_push();
    output_->fail(code, message);
    return false;
  }
  if (!poll.finished) return true;
  stop(poll.final_message);
  return false;
}

void RowStream::stop(std::string_view final_message) {
  if (!query_) return;
  const auto self = shared_from_this();
  end_push();
  output_->finish(final_message);
}

// Stopping a query may wait for its task, so another thread does it.
void RowStream::end_push() {
  if (!query_) return;
  context_.pushes.remove(id_);
  context_.pushes.release();
  --context_.metrics.push.active;
  context_.metrics.push.bytes += output_->bytes();
  context_.loop.run_query([query = std::move(query_)]() mutable { query.reset(); });
  query_.reset();
}

void RowStream::start(runtime::PullResult result) {
  result_ = std::move(result);
  const bool final_object = output_->writes_final_message() && !result_.final_message.empty();
  output_->head({std::move(result_.query_id), result_.schema, result_.marks}, false,
                result_.rows.empty() && !final_object);
  pump_pull();
}

void RowStream::pump_pull() {
  const bool final_object = output_->writes_final_message() && !result_.final_message.empty();
  while (next_row_ < result_.rows.size()) {
    if (output_->congested()) {
      output_->on_drained([self = shared_from_this()] { self->pump_pull(); });
      output_->flush();
      return;
    }
    const bool last = next_row_ + 1 == result_.rows.size() && !final_object;
    output_->row(result_.rows[next_row_++], false, last);
  }
  context_.metrics.pull.rows += result_.rows.size();
  context_.metrics.pull.bytes += output_->bytes();
  output_->finish(result_.final_message);
}

}  // namespace thalweg::server
