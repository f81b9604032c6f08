// What every Storage promises.
#include <gtest/gtest.h>

#include <thread>

#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime {
namespace {

using contract::StorageChoice;
using contract::StorageWorld;

class StorageContract : public testing::TestWithParam<StorageChoice> {
 protected:
  Storage& storage() { return world_->storage(); }
  void put(Space space, const std::string& key, const std::string& value,
           Durability durability = Durability::kSync) {
    WriteSet writes;
    writes.put(space, key, value);
    THALWEG_ASSERT_OK(storage().write(writes, durability));
  }
  std::string get(Space space, const std::string& key) {
    const auto value = storage().get(space, key);
    EXPECT_TRUE(value) << describe(value.error());
    return value && *value ? **value : "(none)";
  }
  std::string keys(Space space, const std::string& from = "") {
    std::string all;
    const auto cursor = storage().cursor(space);
    for (cursor->seek(from); cursor->valid(); cursor->next()) all.append(cursor->key()).append(" ");
    THALWEG_EXPECT_OK(cursor->status());
    return all;
  }
  std::unique_ptr<StorageWorld> world_ = GetParam().make();
};

TEST_P(StorageContract, SpacesAreSeparate) {
  put(Space::kMeta, "k", "m");
  put(Space::kLog, "k", "l");
  EXPECT_EQ(get(Space::kMeta, "k"), "m");
  EXPECT_EQ(get(Space::kLog, "k"), "l");
  EXPECT_EQ(get(Space::kState, "k"), "(none)");
}

TEST_P(StorageContract, WritesOfASetApplyInOrder) {
  WriteSet writes;
  writes.put(Space::kMeta, "a", "1");
  writes.erase(Space::kMeta, "a");
  writes.put(Space::kMeta, "a", "2");
  writes.put(Space::kMeta, "b", "1");
  WriteSet more;
  more.erase(Space::kMeta, "b");
  more.erase(Space::kMeta, "never there");
  const std::size_t size = writes.size_bytes() + more.size_bytes();
  writes.append(std::move(more));
  EXPECT_EQ(writes.size_bytes(), size);
  EXPECT_TRUE(more.empty());
  THALWEG_ASSERT_OK(storage().write(writes, Durability::kSync));
  EXPECT_EQ(get(Space::kMeta, "a"), "2");
  EXPECT_EQ(get(Space::kMeta, "b"), "(none)");
}

TEST_P(StorageContract, KeysAreOrderedAsBytes) {
  for (const std::string key : {"b", "a", "\xff", "ab"}) put(Space::kLog, key, "");
  const auto cursor = storage().cursor(Space::kLog);
  cursor->seek("aa");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "ab");
  cursor->seek_for_prev("aa");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "a");
  cursor->seek_for_prev("a");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "a");
  cursor->seek_for_prev("A");
  EXPECT_FALSE(cursor->valid());
  cursor->seek("\xff\xff");
  EXPECT_FALSE(cursor->valid());
  THALWEG_EXPECT_OK(cursor->status());
  EXPECT_EQ(keys(Space::kLog), "a ab b \xff ");
}

TEST_P(StorageContract, ACursorSeesTheMomentItWasMade) {
  put(Space::kState, "a", "1");
  const auto cursor = storage().cursor(Space::kState);
  put(Space::kState, "a", "2");
  put(Space::kState, "b", "2");
  cursor->seek("");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->value(), "1");
  cursor->next();
  EXPECT_FALSE(cursor->valid());
  EXPECT_EQ(keys(Space::kState), "a b ");
}

TEST_P(StorageContract, MultiGetAnswersInOrder) {
  for (int i = 0; i < 200; i += 2)
    put(Space::kState, "k" + std::to_string(i), std::to_string(i), Durability::kAsync);
  std::vector<std::string> names;
  for (int i = 199; i >= 0; --i) names.push_back("k" + std::to_string(i));
  const std::vector<std::string_view> wanted(names.begin(), names.end());
  const auto values = storage().multi_get(Space::kState, wanted);
  THALWEG_ASSERT_OK(values);
  ASSERT_EQ(values->size(), 200u);
  for (int i = 0; i < 200; ++i) {
    const auto& value = (*values)[static_cast<std::size_t>(199 - i)];
    EXPECT_EQ(value.has_value(), i % 2 == 0);
    EXPECT_EQ(value.value_or(""), i % 2 == 0 ? std::to_string(i) : "");
  }
}

TEST_P(StorageContract, EraseRangeIsHalfOpen) {
  for (const std::string key : {"a", "b", "c", "d"}) put(Space::kLog, key, std::string(1000, 'x'));
  THALWEG_ASSERT_OK(storage().erase_range(Space::kLog, "b", "d"));
  EXPECT_EQ(keys(Space::kLog), "a d ");
  THALWEG_ASSERT_OK(storage().erase_range(Space::kLog, "d", "a"));
  EXPECT_EQ(keys(Space::kLog), "a d ");
  EXPECT_EQ(prefix_end("ab"), "ac");
  EXPECT_EQ(prefix_end("a\xff"), "b");
  EXPECT_EQ(prefix_end("\xff"), "");
}

TEST_P(StorageContract, EraseRangeOfManyKeys) {
  WriteSet writes;
  for (int i = 0; i < 5000; ++i) {
    std::string key = "k";
    append_u32_be(key, static_cast<std::uint32_t>(i));
    writes.put(Space::kState, std::move(key), std::string(2000, static_cast<char>(i)));
  }
  writes.put(Space::kState, "z", "");
  THALWEG_ASSERT_OK(storage().write(writes, Durability::kSync));
  EXPECT_GT(storage().approximate_size_bytes(Space::kState), 10'000u);
  THALWEG_ASSERT_OK(storage().erase_range(Space::kState, "k", prefix_end("k")));
  EXPECT_EQ(keys(Space::kState), "z ");
}

TEST_P(StorageContract, IngestedEntriesReplaceAndErase) {
  put(Space::kState, "k00005", "old");
  put(Space::kState, "k00006", "old");
  put(Space::kMeta, "before", "1", Durability::kAsync);
  std::vector<WriteSet::Entry> sorted;
  for (int i = 0; i < 1000; ++i) {
    std::string key = std::to_string(i);
    key = "k" + std::string(5 - key.size(), '0') + key;
    sorted.push_back({Space::kState, i == 6, std::move(key), "new"});
  }
  THALWEG_ASSERT_OK(storage().ingest(Space::kState, sorted));
  THALWEG_ASSERT_OK(storage().ingest(Space::kState, {}));
  put(Space::kState, "k00007", "newer", Durability::kAsync);
  EXPECT_EQ(get(Space::kState, "k00007"), "newer");
  world_->lose_power();
  EXPECT_EQ(get(Space::kMeta, "before"), "1");
  EXPECT_EQ(get(Space::kState, "k00005"), "new");
  EXPECT_EQ(get(Space::kState, "k00006"), "(none)");
  EXPECT_EQ(get(Space::kState, "k00999"), "new");
  const auto cursor = storage().cursor(Space::kState);
  THALWEG_ASSERT_OK(
      storage().ingest(Space::kState, std::vector<WriteSet::Entry>{{Space::kState, false, "a", "1"}}));
  cursor->seek("");
  EXPECT_EQ(cursor->key(), "k00000");
}

TEST_P(StorageContract, SyncedWritesSurviveEverything) {
  put(Space::kMeta, "async first", "1", Durability::kAsync);
  put(Space::kMeta, "sync", "1");
  put(Space::kLog, "async", "1", Durability::kAsync);
  world_->kill();
  EXPECT_EQ(get(Space::kLog, "async"), "1");
  world_->lose_power();
  EXPECT_EQ(get(Space::kMeta, "async first"),
            "1");  // order is kept: what is older than a synced write is there
  EXPECT_EQ(get(Space::kMeta, "sync"), "1");
  put(Space::kLog, "async 2", "1", Durability::kAsync);
  THALWEG_ASSERT_OK(storage().flush());
  world_->lose_power();
  EXPECT_EQ(get(Space::kLog, "async 2"), "1");
}

TEST_P(StorageContract, AFailedWriteChangesNothing) {
  if (!world_->can_fail_writes()) GTEST_SKIP();
  put(Space::kMeta, "a", "1");
  world_->fail_writes(1);
  WriteSet writes;
  writes.put(Space::kMeta, "a", "2");
  const auto refused = storage().write(writes, Durability::kSync);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_EQ(refused.error().message, "the disk is sick");
  EXPECT_EQ(get(Space::kMeta, "a"), "1");
  THALWEG_EXPECT_OK(storage().write(writes, Durability::kSync));
  EXPECT_EQ(get(Space::kMeta, "a"), "2");
}

TEST_P(StorageContract, ThreadsMayWriteAndReadAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 100; ++i) {
        put(Space::kState, std::to_string(t) + "/" + std::to_string(i), "v", Durability::kAsync);
        const auto cursor = storage().cursor(Space::kState);
        cursor->seek(std::to_string(t));
        EXPECT_TRUE(cursor->valid());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int count = 0;
  const auto cursor = storage().cursor(Space::kState);
  for (cursor->seek(""); cursor->valid(); cursor->next()) ++count;
  EXPECT_EQ(count, 400);
}

INSTANTIATE_TEST_SUITE_P(All, StorageContract, testing::Values(contract::kMemory, contract::kRocksDb),
                         [](const auto& choice) { return choice.param.name; });

}  // namespace
}  // namespace thalweg::runtime
