// What every StateBackend promises, step by step; state_model_test.cc does the same at random.
#include <gtest/gtest.h>

#include <thread>

#include "runtime/state/state_format.h"
#include "runtime/state/state_store.h"
#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime {
namespace {

using contract::StorageChoice;
using contract::StorageWorld;

std::string windowed_key(std::uint64_t start, const std::string& key) {
  std::string bytes;
  append_u64_be(bytes, start);
  return bytes + key;
}

class StateContract : public testing::TestWithParam<StorageChoice> {
 protected:
  StateContract() { restart(); }

  void restart(std::size_t budget = 1 << 30) {
    StateOptions options;
    options.memory_budget_bytes = budget;
    options.fold_after_bytes = 1 << 20;
    auto made = make_state_backend(world_->storage(), options);
    ASSERT_TRUE(made) << describe(made.error());
    backend_ = std::move(made).value();
  }
  void kill() {
    store_.reset();
    backend_.reset();
    world_->kill();
    restart();
  }
  void open(StoreKind kind = StoreKind::kPlain, const std::string& query = "q") {
    store_.reset();
    auto opened = backend_->open({query, "store", PartitionId{0}}, kind);
    ASSERT_TRUE(opened) << describe(opened.error());
    store_ = std::move(opened).value();
  }
  Slot upsert(const std::string& key, bool* inserted = nullptr) {
    const StateKey wanted{key, hash_key(key)};
    Slot slot = kNoSlot;
    std::uint8_t made = 0;
    THALWEG_EXPECT_OK(store_->upsert(std::span(&wanted, 1), std::span(&slot, 1), std::span(&made, 1)));
    if (inserted != nullptr) *inserted = made != 0;
    return slot;
  }
  void put(const std::string& key, const std::string& row) { store_->set_row(upsert(key), row); }
  std::string get(const std::string& key) {
    const StateKey wanted{key, hash_key(key)};
    Slot slot = kNoSlot;
    THALWEG_EXPECT_OK(store_->lookup(std::span(&wanted, 1), std::span(&slot, 1)));
    return slot == kNoSlot ? "(none)" : std::string(store_->row(slot));
  }
  void erase(const std::string& key) {
    const StateKey wanted{key, hash_key(key)};
    Slot slot = kNoSlot;
    THALWEG_ASSERT_OK(store_->lookup(std::span(&wanted, 1), std::span(&slot, 1)));
    if (slot != kNoSlot) store_->erase(slot);
  }
  void commit() {
    WriteSet writes;
    THALWEG_ASSERT_OK(store_->checkpoint(writes));
    THALWEG_ASSERT_OK(world_->storage().write(writes, Durability::kSync));
  }
  std::string scan(const std::string& from = "", const std::string& to = "") {
    std::string text;
    THALWEG_EXPECT_OK(store_->scan(from, to, [&](std::string_view key, std::string_view row) {
      text.append(key).append("=").append(row).append(" ");
      return true;
    }));
    return text;
  }
  std::vector<std::int64_t> starts() {
    auto found = store_->window_starts();
    EXPECT_TRUE(found) << describe(found.error());
    return found ? *found : std::vector<std::int64_t>();
  }

  std::unique_ptr<StorageWorld> world_ = GetParam().make();
  std::unique_ptr<StateBackend> backend_;
  std::unique_ptr<StateStore> store_;
};

TEST_P(StateContract, RowsAreInsertedChangedAndErased) {
  open();
  bool inserted = false;
  Slot slot = upsert("a", &inserted);
  EXPECT_TRUE(inserted);
  EXPECT_EQ(store_->row(slot), "");
  EXPECT_EQ(store_->key(slot), "a");
  store_->set_row(slot, "1234");
  store_->mutable_row(slot)[1] = '!';
  EXPECT_EQ(get("a"), "1!34");
  upsert("a", &inserted);
  EXPECT_FALSE(inserted);
  store_->set_row(slot, std::string(5000, 'x'));
  EXPECT_EQ(get("a"), std::string(5000, 'x'));
  store_->set_row(slot, "short");
  EXPECT_EQ(get("a"), "short");
  erase("a");
  EXPECT_EQ(get("a"), "(none)");
  slot = upsert("a", &inserted);
  EXPECT_TRUE(inserted);
  EXPECT_EQ(store_->row(slot), "");
  EXPECT_EQ(store_->row_count_estimate(), 1u);
  EXPECT_EQ(get(""), "(none)");
  put("", "empty key");
  EXPECT_EQ(get(""), "empty key");
}

TEST_P(StateContract, ABatchGivesEqualKeysOneSlot) {
  open();
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("key" + std::to_string(i % 300));
  std::vector<StateKey> keys;
  for (const std::string& name : names) keys.push_back({name, hash_key(name)});
  std::vector<Slot> slots(keys.size());
  std::vector<std::uint8_t> inserted(keys.size());
  THALWEG_ASSERT_OK(store_->upsert(keys, slots, inserted));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(inserted[i], i < 300) << i;
    EXPECT_EQ(slots[i], slots[i % 300]);
    EXPECT_EQ(store_->key(slots[i]), names[i]);
  }
  THALWEG_ASSERT_OK(store_->lookup(keys, slots));
  EXPECT_EQ(slots[299], slots[599]);
  EXPECT_EQ(store_->row_count_estimate(), 300u);
}

TEST_P(StateContract, OnlyWhatWasCommittedSurvivesAKill) {
  open();
  put("a", "1");
  put("b", "1");
  put("gone", "1");
  commit();
  put("a", "2");
  erase("gone");
  commit();
  put("a", "3");
  put("c", "3");
  erase("b");
  for (const bool fold : {false, true}) {
    kill();
    if (fold) THALWEG_ASSERT_OK(backend_->fold(true));
    open();
    EXPECT_EQ(scan(), "a=2 b=1 ") << fold;
    EXPECT_EQ(get("gone"), "(none)");
    EXPECT_EQ(store_->row_count_estimate(), 2u);
  }
  EXPECT_EQ(scan(), "a=2 b=1 ");
}

TEST_P(StateContract, RollBackReturnsToTheLastDurableEpoch) {
  open();
  put("a", "1");
  put("b", "1");
  commit();
  put("a", "2");
  put("c", "2");
  erase("b");
  WriteSet lost;
  THALWEG_ASSERT_OK(store_->checkpoint(lost));
  THALWEG_ASSERT_OK(store_->roll_back());
  EXPECT_EQ(scan(), "a=1 b=1 ");
  put("a", "3");
  commit();
  kill();
  open();
  EXPECT_EQ(scan(), "a=3 b=1 ");
}

TEST_P(StateContract, EvictedRowsComeBack) {
  restart(0);
  open();
  for (int i = 0; i < 500; ++i) put("key" + std::to_string(i), "row" + std::to_string(i));
  store_->evict();
  EXPECT_EQ(get("key7"), "row7");  // dirty rows stay
  commit();
  store_->evict();
  const std::size_t full = store_->memory_bytes();
  THALWEG_ASSERT_OK(backend_->fold(false));  // over budget: small deltas are folded, too
  store_->evict();
  EXPECT_LT(store_->memory_bytes(), full / 2);
  EXPECT_EQ(get("key7"), "row7");
  EXPECT_EQ(get("none"), "(none)");
  bool inserted = true;
  store_->set_row(upsert("key8", &inserted), "new");
  EXPECT_FALSE(inserted);
  upsert("key500", &inserted);
  EXPECT_TRUE(inserted);
  erase("key9");
  EXPECT_EQ(get("key9"), "(none)");
  EXPECT_EQ(store_->row_count_estimate(), 500u);
  EXPECT_EQ(scan("key498", "key5"), "key498=row498 key499=row499 ");
  EXPECT_EQ(scan("key8", "key80"), "key8=new ");
  EXPECT_EQ(scan("key9", "key90"), "");
  commit();
  THALWEG_ASSERT_OK(backend_->fold(true));
  store_->evict();
  store_->evict();
  EXPECT_EQ(get("key8"), "new");
  EXPECT_EQ(get("key9"), "(none)");
}

TEST_P(StateContract, BigStoresAreReadLazilyAfterARestart) {
  open();
  const std::string row(2000, 'r');
  for (int i = 0; i < 1500; ++i) put("key" + std::to_string(10'000 + i), row + std::to_string(i));
  commit();
  THALWEG_ASSERT_OK(backend_->fold(true));
  kill();
  open();
  EXPECT_LT(store_->memory_bytes(), 2'000'000u);
  EXPECT_EQ(store_->row_count_estimate(), 1500u);
  EXPECT_EQ(get("key11499"), row + "1499");
  int count = 0;
  THALWEG_ASSERT_OK(store_->scan("", "", [&](std::string_view, std::string_view) { return ++count < 1400; }));
  EXPECT_EQ(count, 1400);
}

TEST_P(StateContract, ManyRowsAreFoldedInBulk) {
  open();
  std::vector<std::string> names;
  for (int i = 0; i < 25'000; ++i)
    names.push_back("a key of some length " + std::to_string(i * 7919 % 25'000));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < names.size(); i += round == 0 ? 1 : 3)
      put(names[i], names[i] + std::to_string(round));
    if (round == 1) erase(names[1]);
    commit();
    THALWEG_ASSERT_OK(backend_->fold(true));
  }
  kill();
  open();
  EXPECT_EQ(store_->row_count_estimate(), 24'999u);
  for (std::size_t i = 0; i < names.size(); i += 101) {
    EXPECT_EQ(get(names[i]), names[i] + (i % 3 == 0 ? "1" : "0"));
  }
  EXPECT_EQ(get(names[1]), "(none)");
}

TEST_P(StateContract, WindowsAreListedAndExpire) {
  restart(0);
  for (const bool fold : {false, true}) {
    open(StoreKind::kWindowed, fold ? "folded" : "pending");
    for (int start : {1000, 2000, 3000}) {
      for (int i = 0; i < 20; ++i)
        put(windowed_key(static_cast<std::uint64_t>(start), std::to_string(i)), "r");
    }
    EXPECT_EQ(starts(), (std::vector<std::int64_t>{1000, 2000, 3000}));
    commit();
    if (fold) THALWEG_ASSERT_OK(backend_->fold(true));
    store_->evict();
    store_->evict();
    EXPECT_EQ(starts(), (std::vector<std::int64_t>{1000, 2000, 3000}));
    for (int i = 0; i < 20; ++i) erase(windowed_key(2000, std::to_string(i)));
    EXPECT_EQ(starts(), (std::vector<std::int64_t>{1000, 3000}));
    THALWEG_ASSERT_OK(store_->expire_before(3000));
    EXPECT_EQ(starts(), (std::vector<std::int64_t>{3000}));
    EXPECT_EQ(get(windowed_key(1000, "1")), "(none)");
    EXPECT_EQ(get(windowed_key(3000, "1")), "r");
    EXPECT_EQ(scan("", windowed_key(3000, "")), "");
    EXPECT_EQ(scan(windowed_key(3000, "1"), windowed_key(3000, "10")), windowed_key(3000, "1") + "=r ");
    commit();
    kill();
    open(StoreKind::kWindowed, fold ? "folded" : "pending");
    EXPECT_EQ(starts(), (std::vector<std::int64_t>{3000}));
    EXPECT_EQ(get(windowed_key(1000, "1")), "(none)");
    THALWEG_ASSERT_OK(backend_->fold(true));
  }
  int stored = 0;
  const auto cursor = world_->storage().cursor(Space::kState);
  for (cursor->seek("r"); cursor->valid() && cursor->key().starts_with("r"); cursor->next()) ++stored;
  EXPECT_EQ(stored, 40);
}

TEST_P(StateContract, WipingAQueryLeavesNothingOfIt) {
  open(StoreKind::kPlain, "q1");
  put("a", "1");
  commit();
  EXPECT_EQ(backend_->open({"q1", "store", PartitionId{0}}, StoreKind::kPlain).error().code,
            ErrorCode::kInUse);
  EXPECT_EQ(backend_->wipe_query("q1").error().code, ErrorCode::kInUse);
  THALWEG_ASSERT_OK(backend_->fold(true));
  put("b", "1");
  commit();
  open(StoreKind::kPlain, "q11");
  put("a", "other query");
  commit();
  THALWEG_ASSERT_OK(backend_->wipe_query("q1"));
  THALWEG_ASSERT_OK(backend_->wipe_query("never was"));
  open(StoreKind::kPlain, "q1");
  EXPECT_EQ(scan(), "");
  kill();
  open(StoreKind::kPlain, "q11");
  EXPECT_EQ(scan(), "a=other query ");
  store_.reset();
  THALWEG_ASSERT_OK(backend_->wipe_query("q11"));
  const auto cursor = world_->storage().cursor(Space::kState);
  for (const char* prefix : {"d", "r", "c", "x"}) {
    cursor->seek(prefix);
    EXPECT_FALSE(cursor->valid() && cursor->key().starts_with(prefix)) << prefix;
  }
}

TEST_P(StateContract, TransientStoresLeaveNothing) {
  store_ = backend_->open_transient(StoreKind::kWindowed);
  put(windowed_key(1, "a"), "1");
  put(windowed_key(2, "a"), "2");
  erase(windowed_key(1, "a"));
  WriteSet writes;
  THALWEG_ASSERT_OK(store_->checkpoint(writes));
  EXPECT_TRUE(writes.empty());
  store_->evict();
  EXPECT_EQ(get(windowed_key(2, "a")), "2");
  EXPECT_EQ(starts(), (std::vector<std::int64_t>{2}));
  THALWEG_ASSERT_OK(store_->expire_before(3));
  EXPECT_EQ(scan(), "");
}

TEST_P(StateContract, AnIdleStoreIsSmallAndWritesNothing) {
  open();
  EXPECT_LT(store_->memory_bytes(), 4096u);
  WriteSet writes;
  THALWEG_ASSERT_OK(store_->checkpoint(writes));
  EXPECT_TRUE(writes.empty());
  put("a", "1");
  erase("a");
  THALWEG_ASSERT_OK(store_->checkpoint(writes));
  EXPECT_TRUE(writes.empty());  // came and went within one epoch
}

TEST_P(StateContract, TooLongKeysAreRefused) {
  open();
  const std::string longest(512 << 10, 'k');
  put(longest, "row");
  EXPECT_EQ(get(longest), "row");
  const std::string longer = longest + "k";
  const StateKey key{longer, hash_key(longer)};
  Slot slot = kNoSlot;
  std::uint8_t inserted = 0;
  EXPECT_EQ(store_->upsert(std::span(&key, 1), std::span(&slot, 1), std::span(&inserted, 1)).error().code,
            ErrorCode::kLimit);
}

TEST_P(StateContract, DamagedDeltasAndRowsAreReported) {
  open();
  put("a", std::string(2'000'000, 'r'));  // too large to be read at open
  commit();
  store_.reset();
  const std::string delta = delta_key(1, 1);
  const std::string good = *world_->storage().get(Space::kState, delta).value();
  for (std::size_t byte = 0; byte < good.size(); byte += 1 + byte * 3) {
    std::string damaged = good;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 1);
    WriteSet writes;
    writes.put(Space::kState, delta, damaged);
    THALWEG_ASSERT_OK(world_->storage().write(writes, Durability::kSync));
    const auto refused = backend_->open({"q", "store", PartitionId{0}}, StoreKind::kPlain);
    ASSERT_FALSE(refused) << byte;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupted);
    EXPECT_EQ(refused.error().message.substr(0, 22), "state store q/store-0:");
    EXPECT_EQ(backend_->fold(true).error().code, ErrorCode::kCorrupted);
  }
  WriteSet repair;
  repair.put(Space::kState, delta, good);
  THALWEG_ASSERT_OK(world_->storage().write(repair, Durability::kSync));
  THALWEG_ASSERT_OK(backend_->fold(true));
  std::string row = *world_->storage().get(Space::kState, row_key(1, "a")).value();
  row[row.size() / 2] = '!';
  WriteSet damage;
  damage.put(Space::kState, row_key(1, "a"), row);
  THALWEG_ASSERT_OK(world_->storage().write(damage, Durability::kSync));
  open();
  const StateKey key{"a", hash_key("a")};
  Slot slot = kNoSlot;
  EXPECT_EQ(store_->lookup(std::span(&key, 1), std::span(&slot, 1)).error().code, ErrorCode::kCorrupted);
}

TEST_P(StateContract, FoldingGoesOnBesideEverything) {
  restart(20'000);
  open();
  std::atomic<bool> stop = false;
  std::thread folder([&] {
    while (!stop.load()) THALWEG_EXPECT_OK(backend_->fold(true));
  });
  std::vector<int> expected(400, 0);
  std::uint32_t state = 1;
  for (int epoch = 0; epoch < 60; ++epoch) {
    for (int i = 0; i < 50; ++i) {
      const auto n = static_cast<std::size_t>((state = state * 1664525 + 1013904223) >> 8) % expected.size();
      EXPECT_EQ(get("key" + std::to_string(n)), expected[n] == 0 ? "(none)" : std::to_string(expected[n]));
      put("key" + std::to_string(n), std::to_string(++expected[n]));
    }
    commit();
    store_->evict();
  }
  stop.store(true);
  folder.join();
  for (std::size_t n = 0; n < expected.size(); ++n) {
    EXPECT_EQ(get("key" + std::to_string(n)), expected[n] == 0 ? "(none)" : std::to_string(expected[n]));
  }
}

INSTANTIATE_TEST_SUITE_P(Stored, StateContract, testing::Values(contract::kMemory, contract::kRocksDb),
                         [](const auto& choice) { return choice.param.name; });

}  // namespace
}  // namespace thalweg::runtime
