// Random operations on a state store under a tiny budget, against ordered maps: what is in the store now,
// and what was in it at the last durable epoch. A failing run prints its seed; THALWEG_SEED repeats it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "runtime/state/state_store.h"
#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime {
namespace {

using contract::StorageChoice;
using contract::StorageWorld;
using Model = std::map<std::string, std::string>;

struct ModelChoice {
  std::string name;
  StorageChoice storage;
  StoreKind kind;
  int seeds;
};

class Walk {
 public:
  Walk(const ModelChoice& choice, std::uint64_t seed)
      : kind_(choice.kind), random_(seed), world_(choice.storage.make()) {
    start();
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) one_step();
    check_everything();
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  void start() {
    StateOptions options;
    options.memory_budget_bytes = below(3) == 0 ? 0 : 8'000;
    options.fold_after_bytes = 2'000;
    auto made = make_state_backend(world_->storage(), options);
    ASSERT_TRUE(made) << describe(made.error());
    backend_ = std::move(made).value();
    open();
  }
  void open() {
    auto opened = backend_->open({"q", "s", PartitionId{0}}, kind_);
    ASSERT_TRUE(opened) << describe(opened.error());
    store_ = std::move(opened).value();
  }

  std::string random_key() {
    std::string key;
    if (kind_ != StoreKind::kPlain) append_u64_be(key, oldest_window_ + below(6) * 10);
    return key + "k" + std::to_string(below(40));
  }
  std::string random_row() {
    return std::string(below(10) == 0 ? below(3000) : below(40), static_cast<char>('a' + below(26)));
  }

  void one_step() {
    switch (below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5: return change_batch();
      case 6:
      case 7: return erase_some();
      case 8:
      case 9: return look_up();
      case 10: return check_range();
      case 11:
      case 12:
      case 13: return commit();
      case 14: return fail_commit();
      case 15: THALWEG_ASSERT_OK(backend_->fold(below(2) == 0)); return;
      case 16:
      case 17: return store_->evict();
      case 18: return kind_ == StoreKind::kWindowed ? expire() : check_everything();
      case 19: return restart();
    }
  }

  void change_batch() {
    std::vector<std::string> names(1 + below(30));
    for (std::string& name : names) name = random_key();
    std::vector<StateKey> keys;
    for (const std::string& name : names) keys.push_back({name, hash_key(name)});
    std::vector<Slot> slots(keys.size());
    std::vector<std::uint8_t> inserted(keys.size());
    THALWEG_ASSERT_OK(store_->upsert(keys, slots, inserted));
    std::set<std::string> seen;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool first = seen.insert(names[i]).second;
      ASSERT_EQ(inserted[i] != 0, first && !now_.contains(names[i])) << i;
      ASSERT_EQ(store_->key(slots[i]), names[i]);
      const std::string& expected = now_.try_emplace(names[i]).first->second;
      ASSERT_EQ(store_->row(slots[i]), expected);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::string& expected = now_[names[i]];
      if (expected.empty() || below(2) == 0) {
        expected = random_row();
        store_->set_row(slots[i], expected);
      } else {
        expected[0] = '!';
        *store_->mutable_row(slots[i]) = '!';
      }
    }
  }

  void erase_some() {
    for (std::uint64_t n = below(8); n > 0; --n) {
      const std::string name = random_key();
      const Slot slot = find(name);
      ASSERT_EQ(slot != kNoSlot, now_.contains(name));
      if (slot == kNoSlot) continue;
      store_->erase(slot);
      now_.erase(name);
    }
  }

  Slot find(const std::string& name) {
    const StateKey key{name, hash_key(name)};
    Slot slot = kNoSlot;
    const auto found = store_->lookup(std::span(&key, 1), std::span(&slot, 1));
    EXPECT_TRUE(found) << describe(found.error());
    return slot;
  }

  void look_up() {
    std::vector<std::string> names(1 + below(50));
    for (std::string& name : names) name = random_key();
    std::vector<StateKey> keys;
    for (const std::string& name : names) keys.push_back({name, hash_key(name)});
    std::vector<Slot> slots(keys.size());
    THALWEG_ASSERT_OK(store_->lookup(keys, slots));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto expected = now_.find(names[i]);
      ASSERT_EQ(slots[i] != kNoSlot, expected != now_.end());
      if (slots[i] == kNoSlot) continue;
      ASSERT_EQ(store_->row(slots[i]), expected->second);
    }
  }

  void check_range() {
    const std::string from = random_key();
    // Also within one group or window.
    const std::string to = below(2) == 0 || from.size() < 9 ? random_key() : from.substr(0, 9) + "z";
    Model found;
    std::string previous;
    THALWEG_ASSERT_OK(store_->scan(from, to, [&](std::string_view key, std::string_view row) {
      EXPECT_LE(previous, key);
      previous = key;
      EXPECT_TRUE(found.emplace(key, row).second);
      return true;
    }));
    ASSERT_EQ(found, from < to ? Model(now_.lower_bound(from), now_.lower_bound(to)) : Model());
  }

  void check_everything() {
    Model found;
    THALWEG_ASSERT_OK(store_->scan(
        "", "", [&](std::string_view key, std::string_view row) { return found.emplace(key, row).second; }));
    ASSERT_EQ(found, now_);
    if (kind_ != StoreKind::kWindowed) return;
    std::set<std::int64_t> expected;
    for (const auto& [key, row] : now_) expected.insert(static_cast<std::int64_t>(read_u64_be(key)));
    const auto starts = store_->window_starts();
    THALWEG_ASSERT_OK(starts);
    ASSERT_EQ(*starts, std::vector<std::int64_t>(expected.begin(), expected.end()));
  }

  void commit() {
    WriteSet writes;
    THALWEG_ASSERT_OK(store_->checkpoint(writes));
    THALWEG_ASSERT_OK(world_->storage().write(writes, Durability::kSync));
    durable_ = now_;
  }

  void fail_commit() {
    WriteSet lost;
    THALWEG_ASSERT_OK(store_->checkpoint(lost));
    THALWEG_ASSERT_OK(store_->roll_back());
    now_ = durable_;
  }

  void expire() {
    const std::uint64_t start = oldest_window_ + below(3) * 10;
    THALWEG_ASSERT_OK(store_->expire_before(static_cast<std::int64_t>(start)));
    std::string bound;
    append_u64_be(bound, start);
    now_.erase(now_.begin(), now_.lower_bound(bound));
    oldest_window_ = start - (start > 0 && below(4) == 0 ? 10 : 0);  // now and then a row comes too late
  }

  void restart() {
    store_.reset();
    switch (below(3)) {
      case 0: now_ = durable_; return open();
      case 1:
        backend_.reset();
        world_->kill();
        break;
      case 2:
        backend_.reset();
        world_->lose_power();
        break;
    }
    now_ = durable_;
    start();
    check_everything();
  }

  StoreKind kind_;
  std::mt19937_64 random_;
  std::unique_ptr<StorageWorld> world_;
  std::unique_ptr<StateBackend> backend_;
  std::unique_ptr<StateStore> store_;
  Model now_;
  Model durable_;
  std::uint64_t oldest_window_ = 0;
};

class StateModel : public testing::TestWithParam<ModelChoice> {};

TEST_P(StateModel, RandomWalksAgreeWithTheModel) {
  const char* wanted = std::getenv("THALWEG_SEED");
  const std::uint64_t first = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1;
  const std::uint64_t last = wanted != nullptr ? first : static_cast<std::uint64_t>(GetParam().seeds);
  for (std::uint64_t seed = first; seed <= last && !HasFailure(); ++seed) {
    SCOPED_TRACE("THALWEG_SEED=" + std::to_string(seed));
    Walk(GetParam(), seed).run(GetParam().storage.name == "memory" ? 600 : 150);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Stored, StateModel,
    testing::Values(ModelChoice{"memory_plain", contract::kMemory, StoreKind::kPlain, 40},
                    ModelChoice{"memory_windowed", contract::kMemory, StoreKind::kWindowed, 40},
                    ModelChoice{"memory_grouped", contract::kMemory, StoreKind::kGrouped, 40},
                    ModelChoice{"rocksdb_plain", contract::kRocksDb, StoreKind::kPlain, 2},
                    ModelChoice{"rocksdb_windowed", contract::kRocksDb, StoreKind::kWindowed, 2},
                    ModelChoice{"rocksdb_grouped", contract::kRocksDb, StoreKind::kGrouped, 2}),
    [](const auto& choice) { return choice.param.name; });

}  // namespace
}  // namespace thalweg::runtime
