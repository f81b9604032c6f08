// What every Log promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "runtime/log/log.h"
#include "runtime/log/log_keys.h"
#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime {
namespace {

using contract::StorageChoice;
using contract::StorageWorld;

struct LogChoice {
  std::string name;
  StorageChoice storage;
  std::size_t ring_bytes;
};

class LogContract : public testing::TestWithParam<LogChoice> {
 protected:
  LogContract() { open(); }

  void open() {
    EmbeddedLogOptions options;
    options.ring_bytes = GetParam().ring_bytes;
    options.batch_bytes_max = 10'000;
    auto opened = open_embedded_log(world_->storage(), clock_, options);
    ASSERT_TRUE(opened) << describe(opened.error());
    log_ = std::move(opened).value();
  }
  void kill() {
    log_.reset();
    world_->kill();
    open();
  }

  void create(const std::string& name, TopicConfig config = {}) {
    THALWEG_ASSERT_OK(log_->create_topic(name, config));
  }

  static Epoch epoch(const TopicPartition& to,
                     const std::vector<std::pair<std::int64_t, std::string>>& values) {
    Epoch made;
    Epoch::Append& append = made.appends.emplace_back(Epoch::Append{to, {}});
    for (const auto& [timestamp, value] : values) append.records.append(timestamp, value + "-key", value);
    return made;
  }
  std::vector<std::vector<Offset>> commit(Epoch epoch) {
    auto bases = log_->commit(std::span(&epoch, 1));
    EXPECT_TRUE(bases) << describe(bases.error());
    return bases ? std::move(bases).value() : std::vector<std::vector<Offset>>();
  }
  void append(const TopicPartition& to, const std::vector<std::pair<std::int64_t, std::string>>& values) {
    commit(epoch(to, values));
  }
  // "offset:value ..." from `from` on, read in steps of about `step_bytes`.
  std::string contents(const TopicPartition& partition, std::int64_t from = 0, std::size_t step_bytes = 1) {
    std::string text;
    for (Offset at = std::max(Offset{from}, log_->start_offset(partition).value_or(Offset{0}));;) {
      const auto batches = log_->read(partition, at, step_bytes);
      if (!batches) return text + "(" + std::string(to_string(batches.error().code)) + ")";
      if (batches->empty()) return text;
      for (const RecordBatchPtr& batch : *batches) {
        for (std::uint32_t i = 0; i < batch->size(); ++i) {
          const std::int64_t offset = batch->base_offset().value + i;
          if (offset < at.value) continue;
          text += std::to_string(offset) + ":" + std::string(batch->value(i)) + " ";
        }
        at = batch->next_offset();
      }
    }
  }

  std::unique_ptr<StorageWorld> world_ = GetParam().storage.make();
  ManualClock clock_{WallTime{1'000'000}};
  std::unique_ptr<Log> log_;
  const TopicPartition clicks_{"clicks", PartitionId{0}};
};

TEST_P(LogContract, TopicsAreCreatedListedAndDeleted) {
  const TopicConfig config{3, 2, 5000, 1'000'000, true, "compact,delete"};
  create("clicks", config);
  EXPECT_EQ(log_->create_topic("clicks", {}).error().code, ErrorCode::kExists);
  EXPECT_FALSE(log_->create_topic("", {}));
  EXPECT_FALSE(log_->create_topic("none", {.partitions = 0}));
  create("other");
  EXPECT_EQ(log_->topic("clicks"), config);
  EXPECT_EQ(log_->topic("nobody"), std::nullopt);
  kill();
  EXPECT_EQ(log_->topics(), (std::map<std::string, TopicConfig>{{"clicks", config}, {"other", {}}}));
  THALWEG_EXPECT_OK(log_->delete_topic("other"));
  EXPECT_EQ(log_->delete_topic("other").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(log_->topics().size(), 1u);
  kill();
  EXPECT_EQ(log_->topics().size(), 1u);
}

TEST_P(LogContract, RecordsComeBackWithEverything) {
  create("clicks");
  Epoch made;
  Epoch::Append& to = made.appends.emplace_back(Epoch::Append{clicks_, {}});
  std::string headers;
  append_header(headers, "name", "value");
  to.records.append(42, "k", "v", headers);
  to.records.append(7, std::nullopt, std::nullopt);
  EXPECT_EQ(commit(std::move(made)), (std::vector<std::vector<Offset>>{{Offset{0}}}));
  for (int round = 0; round < 2; ++round, kill()) {
    const auto batches = log_->read(clicks_, Offset{0}, 1000);
    THALWEG_ASSERT_OK(batches);
    ASSERT_EQ(batches->size(), 1u);
    const RecordBatch& batch = *batches->front();
    ASSERT_EQ(batch.size(), 2u);
    EXPECT_EQ(batch.timestamp_ms(0), 42);
    EXPECT_EQ(batch.key(0), "k");
    EXPECT_EQ(parse_headers(batch.headers(0)), (std::vector<Header>{{"name", "value"}}));
    EXPECT_TRUE(batch.key_is_null(1) && batch.value_is_null(1));
  }
}

TEST_P(LogContract, ReadingBeginsAnywhere) {
  create("clicks");
  append(clicks_, {{1, "a"}, {2, "b"}, {3, "c"}});
  append(clicks_, {{4, "d"}});
  append(clicks_, {{5, "e"}, {6, "f"}});
  for (int round = 0; round < 2; ++round, kill()) {
    EXPECT_EQ(contents(clicks_), "0:a 1:b 2:c 3:d 4:e 5:f ");
    EXPECT_EQ(contents(clicks_, 0, 1 << 20), "0:a 1:b 2:c 3:d 4:e 5:f ");
    EXPECT_EQ(contents(clicks_, 1), "1:b 2:c 3:d 4:e 5:f ");
    EXPECT_EQ(contents(clicks_, 3), "3:d 4:e 5:f ");
    EXPECT_EQ(contents(clicks_, 5), "5:f ");
    EXPECT_EQ(contents(clicks_, 6), "");
    EXPECT_EQ(contents(clicks_, 100), "");
    EXPECT_EQ(contents(clicks_, -5), "0:a 1:b 2:c 3:d 4:e 5:f ");
    EXPECT_EQ(log_->read(clicks_, Offset{0}, 1)->size(), 1u);
    EXPECT_EQ(log_->read(clicks_, Offset{0}, 1 << 20)->size(), 3u);
    EXPECT_EQ(*log_->end_offset(clicks_), Offset{6});
    EXPECT_EQ(*log_->start_offset(clicks_), Offset{0});
  }
  EXPECT_EQ(log_->read({"nobody", PartitionId{0}}, Offset{0}, 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(log_->read({"clicks", PartitionId{1}}, Offset{0}, 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(log_->end_offset({"clicks", PartitionId{-1}}).error().code, ErrorCode::kNotFound);
}

TEST_P(LogContract, LargeAppendsAreCut) {
  create("clicks");
  Epoch made;
  Epoch::Append& to = made.appends.emplace_back(Epoch::Append{clicks_, {}});
  for (int i = 0; i < 100; ++i) to.records.append(i, std::nullopt, std::string(1000, 'v'));
  to.records.append(100, std::nullopt, std::string(50'000, 'V'));
  made.appends.push_back(made.appends.front());
  EXPECT_EQ(commit(std::move(made)), (std::vector<std::vector<Offset>>{{Offset{0}, Offset{101}}}));
  const auto batches = log_->read(clicks_, Offset{0}, 10 << 20);
  THALWEG_ASSERT_OK(batches);
  EXPECT_GT(batches->size(), 20u);
  Offset expected{0};
  for (const RecordBatchPtr& batch : *batches) {
    EXPECT_EQ(batch->base_offset(), expected);
    expected = batch->next_offset();
  }
  EXPECT_EQ(expected, Offset{202});
}

TEST_P(LogContract, AnEpochIsAllOrNothing) {
  create("clicks", {.partitions = 2});
  Epoch good = epoch(clicks_, {{1, "a"}});
  good.positions.push_back({"query", clicks_, Offset{17}, "note"});
  good.state.put(Space::kState, "state", "1");
  commit(std::move(good));
  EXPECT_EQ(world_->storage().get(Space::kState, "state")->value(), "1");

  std::vector<Epoch> bad;
  bad.push_back(epoch(clicks_, {{2, "b"}}));
  bad.back().positions.push_back({"query", clicks_, Offset{18}, ""});
  bad.back().state.put(Space::kState, "state", "2");
  bad.push_back(epoch({"nobody", PartitionId{0}}, {{2, "b"}}));
  const auto refused = log_->commit(bad);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  for (int round = 0; round < 2; ++round, kill()) {
    EXPECT_EQ(contents(clicks_), "0:a ");
    EXPECT_EQ(world_->storage().get(Space::kState, "state")->value(), "1");
    const auto positions = log_->positions("query");
    THALWEG_ASSERT_OK(positions);
    ASSERT_EQ(positions->size(), 1u);
    EXPECT_EQ(positions->front().from, clicks_);
    EXPECT_EQ(positions->front().next, Offset{17});
    EXPECT_EQ(positions->front().metadata, "note");
  }
  THALWEG_EXPECT_OK(log_->commit({}));
  std::vector<Epoch> empty(2);
  empty[1] = epoch(clicks_, {});
  const auto nothing = log_->commit(empty);
  THALWEG_ASSERT_OK(nothing);
  EXPECT_EQ(*nothing, (std::vector<std::vector<Offset>>{{}, {Offset{1}}}));
}

TEST_P(LogContract, AFailedCommitLeavesNothing) {
  if (!world_->can_fail_writes()) GTEST_SKIP();
  create("clicks");
  append(clicks_, {{1, "a"}});
  world_->fail_writes(1);
  Epoch failing = epoch(clicks_, {{2, "lost"}});
  const auto refused = log_->commit(std::span(&failing, 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_EQ(contents(clicks_), "0:a ");
  append(clicks_, {{2, "b"}});
  kill();
  EXPECT_EQ(contents(clicks_), "0:a 1:b ");
}

TEST_P(LogContract, PositionsBelongToTheirOwner) {
  create("clicks", {.partitions = 2});
  Epoch made;
  made.positions = {{"q", {"clicks", PartitionId{1}}, Offset{5}, ""},
                    {"q", clicks_, Offset{4}, ""},
                    {"q2", clicks_, Offset{9}, ""}};
  commit(std::move(made));
  EXPECT_EQ(log_->positions("q")->size(), 2u);
  EXPECT_EQ(log_->positions("q2")->size(), 1u);
  EXPECT_TRUE(log_->positions("")->empty());
  THALWEG_EXPECT_OK(log_->forget_positions("q"));
  THALWEG_EXPECT_OK(log_->forget_positions("nobody"));
  EXPECT_TRUE(log_->positions("q")->empty());
  EXPECT_EQ(log_->positions("q2")->size(), 1u);
}

TEST_P(LogContract, ADeletedTopicComesBackEmpty) {
  create("clicks");
  Epoch made = epoch(clicks_, {{1, "old"}});
  made.positions.push_back({"q", clicks_, Offset{1}, ""});
  commit(std::move(made));
  THALWEG_ASSERT_OK(log_->delete_topic("clicks"));
  EXPECT_EQ(log_->read(clicks_, Offset{0}, 1).error().code, ErrorCode::kNotFound);
  create("clicks");
  EXPECT_EQ(contents(clicks_), "");
  EXPECT_TRUE(log_->positions("q")->empty());
  append(clicks_, {{1, "new"}});
  kill();
  EXPECT_EQ(contents(clicks_), "0:new ");
  int blobs = 0;
  const auto cursor = world_->storage().cursor(Space::kLog);
  for (cursor->seek(""); cursor->valid(); cursor->next()) ++blobs;
  EXPECT_EQ(blobs, 1);
}

TEST_P(LogContract, OffsetsByTime) {
  create("clicks");
  append(clicks_, {{10, "a"}, {30, "b"}, {20, "c"}});
  append(clicks_, {{5, "d"}});
  append(clicks_, {{40, "e"}});
  for (int round = 0; round < 2; ++round, kill()) {
    const auto at = [&](std::int64_t time) {
      const auto offset = log_->offset_for_time(clicks_, EventTime{time});
      EXPECT_TRUE(offset) << describe(offset.error());
      return *offset ? (*offset)->value : -1;
    };
    EXPECT_EQ(at(0), 0);
    EXPECT_EQ(at(10), 0);
    EXPECT_EQ(at(11), 1);
    EXPECT_EQ(at(31), 4);
    EXPECT_EQ(at(41), -1);
  }
}

TEST_P(LogContract, RetentionByTime) {
  create("clicks", {.retention_ms = 1000});
  append(clicks_, {{998'000, "a"}, {998'500, "b"}});
  append(clicks_, {{999'500, "c"}});
  append(clicks_, {{1, "newest is kept"}});
  EXPECT_GT(*log_->enforce_retention(), 0u);
  EXPECT_EQ(contents(clicks_), "2:c 3:newest is kept ");
  EXPECT_EQ(*log_->start_offset(clicks_), Offset{2});
  clock_.advance_ms(1'000'000);
  EXPECT_GT(*log_->enforce_retention(), 0u);
  EXPECT_EQ(*log_->enforce_retention(), 0u);
  kill();
  EXPECT_EQ(contents(clicks_), "3:newest is kept ");
  EXPECT_EQ(*log_->start_offset(clicks_), Offset{3});
  EXPECT_EQ(log_->offset_for_time(clicks_, EventTime{0})->value(), Offset{3});
  append(clicks_, {{2, "more"}});
  EXPECT_EQ(contents(clicks_), "3:newest is kept 4:more ");
}

TEST_P(LogContract, RetentionBySize) {
  create("clicks", {.retention_bytes = 1500});
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 1000; ++i) noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (int i = 0; i < 10; ++i) append(clicks_, {{i, noise}});
  EXPECT_GT(*log_->enforce_retention(), 7000u);
  EXPECT_EQ(*log_->start_offset(clicks_), Offset{8});  // two are more than enough, one would be too few
  EXPECT_EQ(*log_->end_offset(clicks_), Offset{10});
  kill();
  EXPECT_EQ(*log_->start_offset(clicks_), Offset{8});
}

TEST_P(LogContract, InternalTopicsArePurged) {
  create("clicks");
  create("repartition", {.internal = true});
  const TopicPartition internal{"repartition", PartitionId{0}};
  EXPECT_FALSE(log_->purge_before(clicks_, Offset{0}));
  append(internal, {{1, "a"}, {2, "b"}});
  append(internal, {{3, "c"}, {4, "d"}});
  append(internal, {{5, "e"}});
  THALWEG_ASSERT_OK(log_->purge_before(internal, Offset{3}));
  EXPECT_GT(*log_->enforce_retention(), 0u);
  EXPECT_EQ(contents(internal), "3:d 4:e ");
  THALWEG_ASSERT_OK(log_->purge_before(internal, Offset{1'000}));
  THALWEG_EXPECT_OK(log_->enforce_retention());
  kill();
  EXPECT_EQ(contents(internal), "");
  EXPECT_EQ(*log_->start_offset(internal), Offset{5});
  EXPECT_EQ(*log_->end_offset(internal), Offset{5});
  append(internal, {{6, "f"}});
  EXPECT_EQ(contents(internal), "5:f ");
}

TEST_P(LogContract, ADamagedBatchHarmsNoOther) {
  create("clicks");
  append(clicks_, {{1, "a"}, {2, "b"}});
  append(clicks_, {{3, "c"}, {4, "d"}});
  append(clicks_, {{5, "e"}});
  const std::string key = log_key({1, 0}, Offset{2});
  std::string blob = *world_->storage().get(Space::kLog, key).value();
  blob[blob.size() / 2] = static_cast<char>(blob[blob.size() / 2] ^ 4);
  WriteSet damage;
  damage.put(Space::kLog, key, blob);
  THALWEG_ASSERT_OK(world_->storage().write(damage, Durability::kSync));
  kill();
  EXPECT_EQ(contents(clicks_), "0:a 1:b (corrupted)");
  EXPECT_EQ(log_->read(clicks_, Offset{0}, 1 << 20)->size(), 1u);
  const auto refused = log_->read(clicks_, Offset{3}, 1 << 20);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupted);
  EXPECT_EQ(*log_->batch_end(clicks_, Offset{3}), Offset{4});
  EXPECT_EQ(refused.error().message,
            "topic \"clicks\" partition 0 offsets 2 to 3: record batch is damaged: checksum mismatch");
  EXPECT_EQ(contents(clicks_, 4), "4:e ");
  // The same for one that is gone, and for the newest.
  WriteSet more;
  more.erase(Space::kLog, key);
  more.erase(Space::kLog, log_key({1, 0}, Offset{4}));
  THALWEG_ASSERT_OK(world_->storage().write(more, Durability::kSync));
  EXPECT_EQ(log_->read(clicks_, Offset{2}, 1).error().code, ErrorCode::kCorrupted);
  EXPECT_EQ(*log_->batch_end(clicks_, Offset{2}), Offset{4});
  EXPECT_EQ(log_->read(clicks_, Offset{4}, 1).error().message,
            "topic \"clicks\" partition 0 offset 4: record batch is missing");
  EXPECT_EQ(*log_->batch_end(clicks_, Offset{4}), Offset{5});
  EXPECT_EQ(*log_->end_offset(clicks_), Offset{5});
}

TEST_P(LogContract, ListenersHearOfVisibleCommits) {
  create("clicks", {.partitions = 2});
  std::vector<std::string> heard;
  const std::uint64_t id = log_->add_listener([&](const TopicPartition& partition) {
    heard.push_back(std::to_string(partition.partition.value) + " ends at " +
                    std::to_string(log_->end_offset(partition)->value));
  });
  append(clicks_, {{1, "a"}});
  append({"clicks", PartitionId{1}}, {{1, "a"}, {2, "b"}});
  log_->remove_listener(id);
  append(clicks_, {{1, "unheard"}});
  EXPECT_EQ(heard, (std::vector<std::string>{"0 ends at 1", "1 ends at 2"}));
}

TEST_P(LogContract, ManyThreadsCommitAtOnce) {
  create("clicks");
  constexpr int kThreads = 4;
  constexpr int kCommits = 60;
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    Offset at{0};
    while (!stop.load()) {
      const auto batches = log_->read(clicks_, at, 1000);
      ASSERT_TRUE(batches) << describe(batches.error());
      for (const RecordBatchPtr& batch : *batches) {
        ASSERT_EQ(batch->base_offset(), at);
        at = batch->next_offset();
      }
      if (batches->empty()) std::this_thread::yield();
    }
  });
  std::vector<std::set<std::int64_t>> bases(kThreads);
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < kCommits; ++i) {
        std::vector<Epoch> epochs;
        epochs.push_back(epoch(clicks_, {{i, std::to_string(t)}}));
        epochs.push_back(epoch(clicks_, {{i, std::to_string(t)}, {i, std::to_string(t)}}));
        const auto given = log_->commit(epochs);
        ASSERT_TRUE(given) << describe(given.error());
        EXPECT_EQ((*given)[1][0].value, (*given)[0][0].value + 1);
        bases[static_cast<std::size_t>(t)].insert((*given)[0][0].value);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop.store(true);
  reader.join();
  std::set<std::int64_t> all;
  for (const auto& some : bases) all.insert(some.begin(), some.end());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kCommits));
  EXPECT_EQ(*log_->end_offset(clicks_), Offset{kThreads * kCommits * 3});
  kill();
  EXPECT_EQ(*log_->end_offset(clicks_), Offset{kThreads * kCommits * 3});
}

INSTANTIATE_TEST_SUITE_P(Embedded, LogContract,
                         testing::Values(LogChoice{"memory", contract::kMemory, 64 << 20},
                                         LogChoice{"memory_small_ring", contract::kMemory, 400},
                                         LogChoice{"memory_no_ring", contract::kMemory, 0},
                                         LogChoice{"rocksdb", contract::kRocksDb, 64 << 20},
                                         LogChoice{"rocksdb_no_ring", contract::kRocksDb, 0}),
                         [](const auto& choice) { return choice.param.name; });

}  // namespace
}  // namespace thalweg::runtime
