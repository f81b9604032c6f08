// What only a real folder shows: locks, permissions, full disks.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
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
  const pid_t holder = ::fork();
  if (holder == 0) {
    char byte = 'x';
    {
      const auto storage = open_rocksdb(folder.path());
      byte = storage ? 'y' : 'n';
      if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
      if (::read(finish[0], &byte, 1) != 1) ::_exit(1);
    }
    ::_exit(0);
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
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
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

// A limit on file sizes stands in for a full disk: writes fail until it is lifted, then go on.
int fill_the_disk(const std::string& folder) {
  std::signal(SIGXFSZ, SIG_IGN);
  auto storage = open_rocksdb(folder);
  if (!storage || !(*storage)->write(one_write("before"), Durability::kSync)) return 10;
  const rlimit tight = {200'000, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  bool failed = false;
  for (int i = 0; i < 40 && !failed; ++i) {
    const auto written = (*storage)->write(one_write("during" + std::to_string(i), 10'000), Durability::kSync);
    failed = !written && written.error().code == ErrorCode::kIo;
  }
  if (!failed) return 11;
  if ((*storage)->write(one_write("refused", 300'000), Durability::kSync)) return 12;
  const rlimit wide = {RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &wide);
  for (int attempt = 0; attempt < 50; ++attempt) {
    if ((*storage)->write(one_write("after", 300'000), Durability::kSync)) {
      storage->reset();
      const auto reopened = open_rocksdb(folder);
      if (!reopened || !(*reopened)->get(Space::kLog, "after")->has_value()) return 14;
      return (*reopened)->get(Space::kLog, "before")->has_value() ? 0 : 15;
    }
    ::usleep(20'000);
  }
  return 13;
}

TEST(RocksDbStorage, WritesGoOnWhenThereIsSpaceAgain) {
  const contract::TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(fill_the_disk(folder.path()));
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace thalweg::runtime
