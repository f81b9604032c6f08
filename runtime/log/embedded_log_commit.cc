// Group commit. Callers encode their batches in parallel and queue; whoever finds the baton free commits
// for all that wait, with one write and one sync, and wakes them.
#include <algorithm>
#include <set>

#include "runtime/log/embedded_log.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kGroupBytesMax = 32ull << 20;  // later requests wait for the next write

}  // namespace

Result<std::vector<std::vector<Offset>>> EmbeddedLog::commit(std::span<Epoch> epochs) {
  Request request;
  request.epochs = epochs;
  THALWEG_CHECK(prepare(request));
  std::vector<Request*> group;
  {
    MutexLock lock(turn_mutex_);
    waiting_.push_back(&request);
    while (turn_taken_ && !request.done) turn_free_.wait(turn_mutex_);
    if (!request.done) {
      turn_taken_ = true;
      // The leader's own request goes first, whatever was queued before it.
      std::erase(waiting_, &request);
      group.push_back(&request);
      std::size_t bytes = request.size_bytes;
      std::size_t taken = 0;
      for (; taken < waiting_.size() && bytes + waiting_[taken]->size_bytes <= kGroupBytesMax; ++taken) {
        bytes += waiting_[taken]->size_bytes;
        group.push_back(waiting_[taken]);
      }
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
    }
  }
  if (!group.empty()) lead(std::move(group));
  if (request.error) return *request.error;
  return std::move(request.bases);
}

Result<void> EmbeddedLog::prepare(Request& request) const {
  for (Epoch& epoch : request.epochs) {
    std::vector<PreparedAppend>& appends = request.appends.emplace_back();
    for (const Epoch::Append& append : epoch.appends) {
      PreparedAppend& prepared = appends.emplace_back(PreparedAppend{&append.to, {}});
      const RecordBatchBuilder& records = append.records;
      for (std::uint32_t first = 0; first < records.size();) {
        const std::uint32_t last = records.cut_after(first, options_.batch_bytes_max);
        std::shared_ptr<RecordBatch> batch = records.build(first, last);
        if (batch->size_bytes() > 0x7fffffffu) {
          return Error{ErrorCode::kLimit,
                       "a record of topic \"" + append.to.topic + "\" is larger than 2 GiB"};
        }
        std::string blob = RecordBatchBuilder::encode(*batch, options_.codec);
        const auto summary = summarize_blob(blob);
        const IndexEntry index = {last - first, static_cast<std::uint32_t>(blob.size()),
                                  summary->min_timestamp_ms, summary->max_timestamp_ms};
        request.size_bytes += blob.size();
        prepared.batches.push_back({std::move(batch), std::move(blob), index});
        first = last;
      }
    }
    request.size_bytes += epoch.state.size_bytes();
  }
  return {};
}

// Runs with the baton, which it gives back.
void EmbeddedLog::lead(std::vector<Request*> requests) {
  Group group;
  std::vector<Request*> placed;
  for (Request* request : requests) {
    if (auto outcome = place(*request, group); !outcome) {
      request->error = std::move(outcome).error();
    } else {
      placed.push_back(request);
    }
  }
  std::vector<TopicPartition> changed;
  if (!group.writes.empty()) {
    if (auto written = storage_.write(group.writes, options_.durability); !written) {
      for (Request* request : placed) request->error = written.error();
    } else {
      publish(group);
      for (const auto& [partition, end] : group.ends) changed.push_back(partition);
    }
  }
  {
    MutexLock lock(turn_mutex_);
    for (Request* request : requests) request->done = true;
    turn_taken_ = false;
    turn_free_.notify_all();
  }
  if (!changed.empty()) notify(changed);
}

// Gives the request's batches their offsets and adds them to the group; on error adds nothing.
Result<void> EmbeddedLog::place(Request& request, Group& group) {
  std::vector<std::pair<PartitionKey, Offset>> targets;  // in order of appends
  std::vector<PartitionKey> position_keys;
  {
    MutexLock lock(mutex_);
    for (const Epoch& epoch : request.epochs) {
      for (const Epoch::Append& append : epoch.appends) {
        std::uint32_t id = 0;
        THALWEG_TRY(const Partition* partition, find_partition(append.to, &id));
        targets.push_back({{id, append.to.partition.value}, partition->end});
      }
      for (const Epoch::Position& position : epoch.positions) {
        std::uint32_t id = 0;
        THALWEG_TRY(const Partition* partition, find_partition(position.from, &id));
        static_cast<void>(partition);
        position_keys.push_back({id, position.from.partition.value});
      }
    }
  }
  auto target = targets.begin();
  auto position_key_at = position_keys.begin();
  for (std::size_t e = 0; e < request.epochs.size(); ++e) {
    std::vector<Offset>& bases = request.bases.emplace_back();
    for (PreparedAppend& append : request.appends[e]) {
      const auto& [key, published_end] = *target++;
      Offset& end = group.ends.try_emplace(*append.to, published_end).first->second;
      bases.push_back(end);
      for (PreparedBatch& prepared : append.batches) {
        prepared.batch->place_at(end);
        group.writes.put(Space::kLog, log_key(key, end), std::move(prepared.blob));
        group.writes.put(Space::kMeta, index_key(key, end), encode_index_entry(prepared.index));
        end = prepared.batch->next_offset();
        group.placed.push_back({*append.to, std::move(prepared.batch)});
      }
    }
    for (const Epoch::Position& position : request.epochs[e].positions) {
      group.writes.put(Space::kMeta, position_key(position.owner, *position_key_at++),
                       encode_i64(position.next.value) + position.metadata);
    }
    group.writes.append(std::move(request.epochs[e].state));
  }
  return {};
}

void EmbeddedLog::publish(const Group& group) {
  MutexLock lock(mutex_);
  for (const PlacedBatch& placed : group.placed) {
    // Cannot fail: topics are deleted only by the holder of the baton.
    ring_.add(find_partition(placed.to).value()->tail, placed.batch);
  }
  for (const auto& [partition, end] : group.ends) find_partition(partition).value()->end = end;
}

}  // namespace thalweg::runtime
