// What only a real folder shows: locks, permissions, full disks.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime {
namespace {

WriteSet one_write(const std::string& key, std::size_t bytes = 10) {
  WriteSet writes;
  writes.put(Space::kLog, key, std::string(bytes, 'x'));
  return writes;
}

TEST(RocksDbStorage, ReopensWhatItWrote) {
  const contract::TemporaryFolder folder;
  const std::string path = folder.path() + "/deep/er";
  {
    const auto storage = open_rocksdb(path);
    THALWEG_ASSERT_OK(storage);
    THALWEG_ASSERT_OK((*storage)->write(one_write("k", 100'000), Durability::kAsync));
  }
  const auto storage = open_rocksdb(path);
  THALWEG_ASSERT_OK(storage);
  EXPECT_EQ((*storage)->get(Space::kLog, "k")->value().size(), 100'000u);
}

TEST(RocksDbStorage, SecondOpenInThisProcessIsRefused) {
  const contract::TemporaryFolder folder;
  const auto first = open_rocksdb(folder.path());
  THALWEG_ASSERT_OK(first);
  const auto second = open_rocksdb(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
}

TEST(RocksDbStorage, FolderOfAnotherProcessIsRefusedByName) {
  const contract::TemporaryFolder folder;
  int ready[2];
  int finish[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(finish), 0);
  { THALWEG_ASSERT_OK(open_rocksdb(folder.path())); }
  const pid_t holder = ::fork();
  if (holder == 0) {
    // RocksDB's threads do not survive a fork, so the child takes the lock by hand.
    const int lock = ::open((folder.path() + "/LOCK").c_str(), O_RDWR);
    struct flock range = {};
    range.l_type = F_WRLCK;
    char byte = ::fcntl(lock, F_SETLK, &range) == 0 ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::_exit(::read(finish[0], &byte, 1) == 1 ? 0 : 1);
  }
  char byte = ' ';
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto second = open_rocksdb(folder.path());
  EXPECT_FALSE(second);
  if (!second) {
    EXPECT_EQ(second.error().code, ErrorCode::kInUse);
    EXPECT_NE(second.error().message.find("in use by process " + std::to_string(holder)), std::string::npos)
        << describe(second.error());
  }
  ASSERT_EQ(::write(finish[1], "x", 1), 1);
  int status = 0;
  ::waitpid(holder, &status, 0);
  EXPECT_EQ(status, 0);
  THALWEG_EXPECT_OK(open_rocksdb(folder.path()));
}

TEST(RocksDbStorage, AFileInPlaceOfTheFolderIsAnIoError) {
  const contract::TemporaryFolder folder;
  std::ofstream(folder.path() + "/file") << "x";
  const auto storage = open_rocksdb(folder.path() + "/file");
  ASSERT_FALSE(storage);
  EXPECT_EQ(storage.error().code, ErrorCode::kIo);
  EXPECT_NE(storage.error().message.find("cannot open data folder"), std::string::npos);
}

TEST(RocksDbStorage, AReadOnlyFolderIsAnIoError) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const contract::TemporaryFolder folder;
  std::filesystem::permissions(folder.path(),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const auto storage = open_rocksdb(folder.path());
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  ASSERT_FALSE(storage);
  EXPECT_EQ(storage.error().code, ErrorCode::kIo);
}

TEST(RocksDbStorage, DamagedFilesAreReported) {
  const contract::TemporaryFolder folder;
  { THALWEG_ASSERT_OK(open_rocksdb(folder.path())); }
  std::ofstream(folder.path() + "/CURRENT", std::ios::trunc) << "nonsense\n";
  const auto storage = open_rocksdb(folder.path());
  ASSERT_FALSE(storage);
  EXPECT_EQ(storage.error().code, ErrorCode::kCorrupted) << describe(storage.error());
}

constexpr int kNotPermitted = 77;

// Mounts a small disk that only this process sees.
bool mount_small_disk(const std::string& folder) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  return ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=32m") == 0;
}

// Exit code 0: writes failed while the disk was full and went on afterwards.
int fill_the_disk(const std::string& folder) {
  if (!mount_small_disk(folder)) return kNotPermitted;
  RocksDbOptions options;
  options.write_buffer_bytes = 4 << 20;
  auto storage = open_rocksdb(folder + "/db", options);
  if (!storage || !(*storage)->write(one_write("before"), Durability::kSync)) return 10;
  const std::string filler = folder + "/filler";
  std::ofstream(filler) << std::string(40 << 20, 'x');
  bool failed = false;
  for (int i = 0; i < 100 && !failed; ++i) {
    const auto written =
        (*storage)->write(one_write("during" + std::to_string(i), 1 << 20), Durability::kSync);
    failed = !written && written.error().code == ErrorCode::kIo &&
             written.error().message == "writing: the disk is full";
    if (!written && !failed) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  }
  if (!failed) return 11;
  if ((*storage)->write(one_write("refused"), Durability::kSync)) return 12;
  if (!(*storage)->get(Space::kLog, "before")) return 13;
  std::filesystem::remove(filler);
  for (int attempt = 0; attempt < 200; ++attempt) {
    const auto written = (*storage)->write(one_write("after", 1 << 20), Durability::kSync);
    if (written) {
      storage->reset();
      const auto reopened = open_rocksdb(folder + "/db", options);
      if (!reopened || !(*reopened)->get(Space::kLog, "after")->has_value()) return 14;
      return (*reopened)->get(Space::kLog, "before")->has_value() ? 0 : 15;
    }
    std::fprintf(stderr, "%s\n", written.error().message.c_str());
    ::usleep(20'000);
  }
  return 16;
}

bool exited_well(int status) {
  return WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kNotPermitted);
}

TEST(RocksDbStorageDeathTest, WritesGoOnWhenThereIsSpaceAgain) {
  const contract::TemporaryFolder folder;
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own, with threads of its own
  EXPECT_EXIT(::_exit(fill_the_disk(folder.path())), exited_well, "");
}

}  // namespace
}  // namespace thalweg::runtime
