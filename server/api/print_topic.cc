#include "server/api/print_topic.h"

#include <spdlog/spdlog.h>

#include "server/http/request.h"

namespace thalweg::server {
namespace {

constexpr std::size_t kReadBytes = 256u << 10;
constexpr std::size_t kLinesPerStep = 1000;

}  // namespace

Result<std::shared_ptr<PrintStream>> PrintStream::open(ApiContext& context, const ast::Print& statement,
                                                       LineOutputPtr output) {
  auto& log = context.engine_ref().log();
  if (!log.topic(statement.topic)) {
    std::string message = "Could not find topic '" + statement.topic +
                          "', or the KSQL user does not have permissions to list the topic. "
                          "Topic names are case-sensitive.";
    for (const auto& [name, config] : log.topics()) {
      if (equal_ignoring_case(name, statement.topic)) message += "\nDid you mean: \n  - '" + name + "'";
    }
    return Error{ErrorCode::kStatement, std::move(message)};
  }
  auto stream = std::make_shared<PrintStream>(context, statement, std::move(output));
  THALWEG_CHECK(stream->position());
  return stream;
}

PrintStream::~PrintStream() {
  if (listening_) context_.engine_ref().log().remove_listener(listener_);
}

Result<void> PrintStream::position() {
  auto& log = context_.engine_ref().log();
  const auto config = log.topic(statement_.topic);
  for (std::int32_t partition = 0; config && partition < config->partitions; ++partition) {
    const TopicPartition place{statement_.topic, PartitionId{partition}};
    if (statement_.from_beginning) {
      THALWEG_TRY(next_[partition], log.start_offset(place));
    } else {
      THALWEG_TRY(next_[partition], log.end_offset(place));
    }
  }
  return {};
}

void PrintStream::start() {
  output_->begin();
  output_->flush();
  last_written_ns_ = system_clock().steady_ns();
  output_->on_gone([self = shared_from_this()] { self->end(); });
  listener_ = context_.engine_ref().log().add_listener([weak = weak_from_this(), topic = statement_.topic,
                                                        wake = wake_,
                                                        &loop = context_.loop](const TopicPartition& place) {
    if (place.topic != topic || wake->exchange(true)) return;
    loop.post([weak] {
      if (const auto self = weak.lock()) self->schedule();
    });
  });
  listening_ = true;
  schedule();
  arm_idle_timer();
}

void PrintStream::arm_idle_timer() {
  const auto interval_ms =
      std::max<std::int64_t>(context_.configuration.number("query.stream.disconnect.check"), 10);
  context_.loop.after(interval_ms, [weak = weak_from_this(), interval_ms] {
    const auto self = weak.lock();
    if (!self || self->ended_) return;
    // A deleted topic wakes nobody: the next step finds out and says so.
    if (!self->context_.engine_ref().log().topic(self->statement_.topic)) self->schedule();
    const auto now = system_clock().steady_ns();
    if (now - self->last_written_ns_ >= interval_ms * 900'000 && !self->output_->congested()) {
      self->output_->idle();
      self->output_->flush();
      self->last_written_ns_ = now;
    }
    self->arm_idle_timer();
  });
}

void PrintStream::schedule() {
  if (step_running_ || ended_) return;
  if (output_->congested()) {
    output_->on_drained([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->schedule();
    });
    return;
  }
  step_running_ = true;
  wake_->store(false);
  context_.loop.run_query([self = shared_from_this()] {
    auto step = self->read();
    self->context_.loop.post([self, step = std::move(step)]() mutable { self->deliver(std::move(step)); });
  });
}

PrintStream::Step PrintStream::read() {
  Step step;
  auto& log = context_.engine_ref().log();
  for (auto& [partition, next] : next_) {
    if (step.finished || step.lines.size() >= kLinesPerStep) break;
    const auto batches = log.read({statement_.topic, PartitionId{partition}}, next, kReadBytes);
    if (!batches) {
      pass_over(partition, next, batches.error(), step);
      continue;
    }
    for (const auto& batch : *batches) {
      const auto skip = std::max<std::int64_t>(next.value - batch->base_offset().value, 0);
      print(*batch, static_cast<std::uint32_t>(skip), partition, step);
      next = batch->next_offset();
    }
  }
  return step;
}

// What cannot be read is said in place of its records; behind damaged ones it goes on.
void PrintStream::pass_over(std::int32_t partition, Offset& next, const Error& error, Step& step) {
  spdlog::error("PRINT {}: {}", statement_.topic, describe(error));
  step.lines.push_back(error_json(kServerError, error.message));
  const auto behind = context_.engine_ref().log().batch_end({statement_.topic, PartitionId{partition}}, next);
  if (error.code != ErrorCode::kCorrupted || !behind || *behind <= next) {
    step.finished = true;
  } else {
    next = *behind;
  }
}

void PrintStream::print(const runtime::RecordBatch& batch, std::uint32_t first, std::int32_t partition,
                        Step& step) {
  if (!formats_printed_ && first < batch.size()) {
    for (auto i = first; i < batch.size(); ++i) {
      if (!batch.key_is_null(i)) key_.see(batch.key(i));
      if (!batch.value_is_null(i)) value_.see(batch.value(i));
    }
    step.lines.push_back("Key format: " + key_.names());
    step.lines.push_back("Value format: " + value_.names());
    formats_printed_ = true;
  }
  const auto interval = std::max<std::int64_t>(statement_.interval.value_or(1), 1);
  for (auto i = first; i < batch.size() && !step.finished; ++i) {
    if (statement_.limit && printed_ >= *statement_.limit) {
      step.finished = true;
    } else if (seen_++ % interval == 0) {
      step.lines.push_back(print_record(batch, i, partition, key_, value_));
      ++printed_;
    }
  }
  if (statement_.limit && printed_ >= *statement_.limit) step.finished = true;
}

void PrintStream::deliver(Step step) {
  step_running_ = false;
  if (ended_) return;
  for (const auto& line : step.lines) output_->line(line);
  if (!step.lines.empty()) last_written_ns_ = system_clock().steady_ns();
  if (step.finished) {
    end();
    output_->finish();
    return;
  }
  output_->flush();
  if (!step.lines.empty() || wake_->load()) schedule();
}

void PrintStream::end() {
  ended_ = true;
  if (std::exchange(listening_, false)) context_.engine_ref().log().remove_listener(listener_);
}

}  // namespace thalweg::server
