// Damage in a write-ahead log, and what only looks like it.
#include "runtime/storage/wal_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime {
namespace {

namespace fs = std::filesystem;

constexpr int kWrites = 20;
constexpr std::size_t kWriteBytes = 9'000;  // some cross a block of 32 KiB

std::string key_of(int i) { return "key" + std::to_string(i); }

// What a killed process leaves: `kWrites` synced writes, all in the write-ahead log.
class WalCheck : public testing::Test {
 protected:
  void SetUp() override {
    const auto storage = open_rocksdb(folder_.path() + "/open");
    THALWEG_ASSERT_OK(storage);
    for (int i = 0; i < kWrites; ++i) {
      WriteSet writes;
      writes.put(Space::kLog, key_of(i), std::string(kWriteBytes, static_cast<char>('a' + i)));
      THALWEG_ASSERT_OK((*storage)->write(writes, Durability::kSync));
    }
    fs::copy(folder_.path() + "/open", killed_);
    for (const auto& entry : fs::directory_iterator(killed_)) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0) log_ = entry.path();
    }
    ASSERT_GT(fs::file_size(log_), kWrites * kWriteBytes);
  }

  void flip(std::uint64_t at) {
    std::fstream file(log_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  int writes_left(const RocksDbOptions& options = {}) const {
    const auto storage = open_rocksdb(killed_, options);
    EXPECT_TRUE(storage) << describe(storage.error());
    int count = 0;
    for (int i = 0; i < kWrites; ++i) count += (*storage)->get(Space::kLog, key_of(i)).value() ? 1 : 0;
    return count;
  }

  const contract::TemporaryFolder folder_;
  const std::string killed_ = folder_.path() + "/killed";
  fs::path log_;
};

TEST_F(WalCheck, AnIntactLogIsReplayed) {
  const auto damage = find_wal_damage(killed_);
  THALWEG_ASSERT_OK(damage);
  EXPECT_FALSE(damage->has_value());
  EXPECT_EQ(writes_left(), kWrites);
}

TEST_F(WalCheck, DamageAnywhereBeforeTheLastWriteIsRefused) {
  const std::uint64_t last = fs::file_size(log_) - kWriteBytes - 100;
  for (std::uint64_t at = 0; at < last; at += 4'999) {
    flip(at);
    const auto damage = find_wal_damage(killed_);
    THALWEG_ASSERT_OK(damage);
    ASSERT_TRUE(damage->has_value()) << at;
    EXPECT_EQ((*damage)->file, log_.string());
    EXPECT_LE((*damage)->offset, at);
    EXPECT_GT((*damage)->offset + 32'768, at);
    const auto refused = open_rocksdb(killed_);
    ASSERT_FALSE(refused) << at;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupted);
    EXPECT_NE(refused.error().message.find("acknowledged writes behind it"), std::string::npos);
    flip(at);
  }
}

// Each byte of a record's head, the length among them.
TEST_F(WalCheck, ALengthThatLiesHidesNothing) {
  for (std::uint64_t at = 0; at < 7; ++at) {
    flip(at);
    EXPECT_TRUE(find_wal_damage(killed_).value()) << at;
    flip(at);
  }
}

TEST_F(WalCheck, ATornLastWriteIsNoDamage) {
  fs::resize_file(log_, fs::file_size(log_) - kWriteBytes / 2);
  EXPECT_FALSE(find_wal_damage(killed_).value());
  EXPECT_EQ(writes_left(), kWrites - 1);
}

TEST_F(WalCheck, ZeroesBehindTheLastWriteAreNoDamage) {
  fs::resize_file(log_, fs::file_size(log_) + 100'000);
  EXPECT_FALSE(find_wal_damage(killed_).value());
  EXPECT_EQ(writes_left(), kWrites);
}

TEST_F(WalCheck, ALogThatIsInSortedFilesMayBeDamaged) {
  const fs::path kept = folder_.path() + "/kept.log";
  fs::copy(log_, kept);
  { THALWEG_ASSERT_OK(open_rocksdb(killed_)); }  // flushes as it closes
  if (!fs::exists(log_)) fs::copy(kept, log_);
  flip(20'000);
  EXPECT_TRUE(find_wal_damage(killed_).value());
  EXPECT_EQ(writes_left(), kWrites);
}

// What was not synced may have holes after a power cut: then the readable front is all there is.
TEST_F(WalCheck, UnsyncedLogsAreReplayedUpToTheDamage) {
  flip(fs::file_size(log_) / 2);
  RocksDbOptions options;
  options.writes_are_synced = false;
  const int left = writes_left(options);
  EXPECT_GT(left, 0);
  EXPECT_LT(left, kWrites);
}

}  // namespace
}  // namespace thalweg::runtime
