// The storages every contract suite runs over, each in a world that can be killed and looked into.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "runtime/storage/storage.h"

namespace thalweg::runtime::contract {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thalweg_XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class StorageWorld {
 public:
  virtual ~StorageWorld() = default;
  virtual Storage& storage() = 0;
  virtual void kill() = 0;        // the process dies and starts again: the storage is another object
  virtual void lose_power() = 0;  // at least as bad: writes that were not synced may be gone
  virtual void fail_writes(int count) = 0;  // only where can_fail_writes()
  virtual bool can_fail_writes() const = 0;
};

class MemoryWorld final : public StorageWorld {
 public:
  Storage& storage() override { return *storage_; }
  void kill() override {}
  void lose_power() override { storage_->crash(); }
  void fail_writes(int count) override { storage_->fail_writes(count, "the disk is sick"); }
  bool can_fail_writes() const override { return true; }

 private:
  std::unique_ptr<MemoryStorage> storage_ = make_memory_storage();
};

class RocksDbWorld final : public StorageWorld {
 public:
  RocksDbWorld() { open(); }
  Storage& storage() override { return *storage_; }
  // A copy of the files as they are now is what a killed process leaves behind; a copy during which
  // background work changed the folder is not, and made again.
  void kill() override {
    const std::string before = folder_.path() + "/" + std::to_string(generation_);
    ++generation_;
    const std::string after = folder_.path() + "/" + std::to_string(generation_);
    for (;;) {
      const auto listed = listing(before);
      std::error_code failure;
      std::filesystem::remove_all(after, failure);
      std::filesystem::copy(before, after, std::filesystem::copy_options::recursive, failure);
      if (!failure && listing(before) == listed) break;
    }
    storage_.reset();
    std::filesystem::remove_all(before);
    open();
  }
  void lose_power() override { kill(); }
  void fail_writes(int) override {}
  bool can_fail_writes() const override { return false; }

 private:
  static std::map<std::string, std::uintmax_t> listing(const std::string& folder) {
    std::map<std::string, std::uintmax_t> sizes;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      sizes[entry.path().string()] = entry.file_size(ignored);
    }
    return sizes;
  }
  void open() {
    RocksDbOptions options;
    options.write_buffer_bytes = 1 << 20;
    auto opened = open_rocksdb(folder_.path() + "/" + std::to_string(generation_), options);
    ASSERT_TRUE(opened) << describe(opened.error());
    storage_ = std::move(opened).value();
  }
  TemporaryFolder folder_;
  int generation_ = 0;
  std::unique_ptr<Storage> storage_;
};

struct StorageChoice {
  std::string name;
  std::function<std::unique_ptr<StorageWorld>()> make;
};
inline const StorageChoice kMemory{"memory", [] { return std::make_unique<MemoryWorld>(); }};
inline const StorageChoice kRocksDb{"rocksdb", [] { return std::make_unique<RocksDbWorld>(); }};

}  // namespace thalweg::runtime::contract

#define THALWEG_ASSERT_OK(expression)                             \
  do {                                                            \
    const auto& outcome = (expression);                           \
    ASSERT_TRUE(outcome) << ::thalweg::describe(outcome.error()); \
  } while (false)
#define THALWEG_EXPECT_OK(expression)                             \
  do {                                                            \
    const auto& outcome = (expression);                           \
    EXPECT_TRUE(outcome) << ::thalweg::describe(outcome.error()); \
  } while (false)
