// One RocksDB per data folder, a column family per space; their options are in rocksdb_options.
//
// The write-ahead log is the commit record and is always on.
//
// After a failed write RocksDB is read-only, and 7.8 cannot resume: it goes on to use the file writer that
// failed, which then refuses everything or trips an assertion (facebook/rocksdb#11643). So the database is
// left as it is, readable, and closed and opened again once there is space.
#include <fcntl.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>

#include "base/mutex.h"
#include "runtime/storage/rocksdb_options.h"
#include "runtime/storage/storage.h"
#include "runtime/storage/wal_check.h"

namespace thalweg::runtime {
namespace {

constexpr std::uint32_t kEraseBatchKeys = 512;
constexpr std::uint64_t kReopenBytesFree = 64ull << 20;

Error to_error(const rocksdb::Status& status, const std::string& doing) {
  if (status.IsCorruption())
    return {ErrorCode::kCorrupted, doing + ": stored data is damaged: " + status.ToString()};
  if (status.IsNoSpace() || status.ToString().find("No space left") != std::string::npos) {
    return Error{ErrorCode::kIo, doing + ": the disk is full"}.with_hint("free some space, then go on");
  }
  return {ErrorCode::kIo, doing + ": " + status.ToString()};
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

using Families = std::vector<rocksdb::ColumnFamilyHandle*>;  // in order of Space

// An open database with its column families, closed when the last cursor is gone.
class OpenDatabase {
 public:
  OpenDatabase(std::unique_ptr<rocksdb::DB> database, Families opened)
      : db(std::move(database)), families(std::move(opened)) {}
  ~OpenDatabase() {
    for (rocksdb::ColumnFamilyHandle* handle : families) {
      db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
    db->Close().PermitUncheckedError();
  }
  OpenDatabase(const OpenDatabase&) = delete;
  OpenDatabase& operator=(const OpenDatabase&) = delete;

  rocksdb::ColumnFamilyHandle* family(Space space) const { return families[static_cast<std::size_t>(space)]; }

  const std::unique_ptr<rocksdb::DB> db;
  const Families families;
};
using DatabasePtr = std::shared_ptr<OpenDatabase>;

rocksdb::ReadOptions read_options(Space space) {
  rocksdb::ReadOptions read;
  read.fill_cache = space != Space::kLog;  // one blob would push out a hundred state blocks
  return read;
}

class FailedCursor final : public Cursor {
 public:
  explicit FailedCursor(Error error) : error_(std::move(error)) {}
  void seek(std::string_view) override {}
  void seek_for_prev(std::string_view) override {}
  bool valid() const override { return false; }
  void next() override {}
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  Result<void> status() const override { return error_; }

 private:
  Error error_;
};

class RocksCursor final : public Cursor {
 public:
  RocksCursor(DatabasePtr database, Space space)
      : database_(std::move(database)),
        at_(database_->db->NewIterator(read_options(space), database_->family(space))) {}
  void seek(std::string_view key) override { at_->Seek(slice(key)); }
  void seek_for_prev(std::string_view key) override { at_->SeekForPrev(slice(key)); }
  bool valid() const override { return at_->Valid(); }
  void next() override { at_->Next(); }
  std::string_view key() const override { return view(at_->key()); }
  std::string_view value() const override { return view(at_->value()); }
  Result<void> status() const override {
    if (at_->status().ok()) return {};
    return to_error(at_->status(), "reading");
  }

 private:
  DatabasePtr database_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

class RocksStorage final : public Storage {
 public:
  RocksStorage(std::string folder, const RocksDbOptions& options, DatabasePtr database)
      : folder_(std::move(folder)), options_(options), database_(std::move(database)) {
    written_sequence_ = database_->db->GetLatestSequenceNumber();
  }

  ~RocksStorage() override {
    // Best effort: what is not flushed is in the write-ahead log and only makes the next start slower.
    if (database_ != nullptr && !failure_)
      database_->db->Flush({}, database_->families).PermitUncheckedError();
  }

  Result<void> write(const WriteSet& writes, Durability durability) override {
    MutexLock lock(write_mutex_);
    THALWEG_TRY(const DatabasePtr database, writable());
    rocksdb::WriteBatch batch(writes.size_bytes() + writes.entries().size() * 16 + 16);
    for (const WriteSet::Entry& entry : writes.entries()) {
      const auto added = entry.erase ? batch.Delete(database->family(entry.space), entry.key)
                                     : batch.Put(database->family(entry.space), entry.key, entry.value);
      if (!added.ok()) return to_error(added, "writing");
    }
    return write_batch(*database, batch, durability);
  }

  Result<std::optional<std::string>> get(Space space, std::string_view key) const override {
    THALWEG_TRY(const DatabasePtr database, readable());
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        database->db->Get(read_options(space), database->family(space), slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return to_error(status, "reading");
    return std::optional<std::string>(std::string(view(value)));
  }

  Result<std::vector<std::optional<std::string>>> multi_get(
      Space space, std::span<const std::string_view> keys) const override {
    THALWEG_TRY(const DatabasePtr database, readable());
    std::vector<std::optional<std::string>> values(keys.size());
    std::array<rocksdb::Slice, kMultiGetKeys> slices;
    std::array<rocksdb::PinnableSlice, kMultiGetKeys> found;
    std::array<rocksdb::Status, kMultiGetKeys> statuses;
    for (std::size_t first = 0; first < keys.size(); first += kMultiGetKeys) {
      const std::size_t count = std::min(kMultiGetKeys, keys.size() - first);
      for (std::size_t i = 0; i < count; ++i) slices[i] = slice(keys[first + i]);
      database->db->MultiGet(read_options(space), database->family(space), count, slices.data(), found.data(),
                             statuses.data());
      for (std::size_t i = 0; i < count; ++i) {
        if (statuses[i].ok()) {
          values[first + i].emplace(view(found[i]));
        } else if (!statuses[i].IsNotFound()) {
          return to_error(statuses[i], "reading");
        }
        found[i].Reset();
      }
    }
    return values;
  }

  std::unique_ptr<Cursor> cursor(Space space) const override {
    auto database = readable();
    if (!database) return std::make_unique<FailedCursor>(std::move(database).error());
    return std::make_unique<RocksCursor>(std::move(database).value(), space);
  }

  Result<void> erase_range(Space space, std::string_view from, std::string_view to) override {
    if (from >= to) return {};
    MutexLock lock(write_mutex_);
    THALWEG_TRY(const DatabasePtr database, writable());
    rocksdb::ColumnFamilyHandle* family = database->family(space);
    const rocksdb::Slice begin = slice(from);
    const rocksdb::Slice end = slice(to);
    const auto dropped = rocksdb::DeleteFilesInRange(database->db.get(), family, &begin, &end, false);
    if (!dropped.ok()) return fail(dropped, "erasing");
    rocksdb::ReadOptions read;
    read.fill_cache = false;
    read.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> at(database->db->NewIterator(read, family));
    rocksdb::WriteBatch batch;
    for (at->Seek(begin); at->Valid(); at->Next()) {
      if (const auto added = batch.Delete(family, at->key()); !added.ok()) return to_error(added, "erasing");
      if (batch.Count() < kEraseBatchKeys) continue;
      THALWEG_CHECK(write_batch(*database, batch, Durability::kAsync));
      batch.Clear();
    }
    if (at->status().IsCorruption()) {
      // Keys that cannot be read can still be covered by one mark, which makes readers slower.
      batch.Clear();
      const auto added = batch.DeleteRange(family, begin, end);
      if (!added.ok()) return to_error(added, "erasing");
    } else if (!at->status().ok()) {
      return to_error(at->status(), "erasing");
    }
    if (batch.Count() > 0) THALWEG_CHECK(write_batch(*database, batch, Durability::kAsync));
    return {};
  }

  // One sorted file, made aside and moved in. It is on disk when it is seen, so all before has to be, too.
  Result<void> ingest(Space space, std::span<const WriteSet::Entry> sorted) override {
    if (sorted.empty()) return {};
    const std::string path = folder_ + "/ingest-" + std::to_string(next_ingest_.fetch_add(1)) + ".sst";
    THALWEG_TRY(const DatabasePtr database, readable());
    auto made = make_table(*database, space, sorted, path);
    if (made) made = move_in(space, path);
    ::unlink(path.c_str());
    return made;
  }

  Result<void> flush() override {
    MutexLock lock(write_mutex_);
    THALWEG_TRY(const DatabasePtr database, writable());
    const rocksdb::Status status = database->db->FlushWAL(true);
    if (!status.ok()) return fail(status, "flushing");
    return {};
  }

  std::uint64_t approximate_size_bytes(Space space) const override {
    const auto database = readable();
    if (!database) return 0;
    rocksdb::DB& db = *(*database)->db;
    std::uint64_t files = 0;
    std::uint64_t memory = 0;
    db.GetIntProperty((*database)->family(space), rocksdb::DB::Properties::kLiveSstFilesSize, &files);
    db.GetIntProperty((*database)->family(space), rocksdb::DB::Properties::kCurSizeAllMemTables, &memory);
    return files + memory;
  }

 private:
  static constexpr std::size_t kMultiGetKeys = 64;

  Result<DatabasePtr> readable() const {
    MutexLock lock(database_mutex_);
    if (database_ == nullptr) return closed_because_;
    return database_;
  }

  // The database, opened again if the last write failed.
  Result<DatabasePtr> writable() THALWEG_REQUIRES(write_mutex_) {
    if (failure_) [[unlikely]]
      THALWEG_CHECK(reopen());
    return readable();
  }

  Result<void> write_batch(OpenDatabase& database, rocksdb::WriteBatch& batch, Durability durability)
      THALWEG_REQUIRES(write_mutex_) {
    rocksdb::WriteOptions write;
    write.sync = durability == Durability::kSync;
    const rocksdb::Status status = database.db->Write(write, &batch);
    if (!status.ok()) return fail(status, "writing");
    written_sequence_ = database.db->GetLatestSequenceNumber();
    return {};
  }

  static Result<void> make_table(const OpenDatabase& database, Space space,
                                 std::span<const WriteSet::Entry> sorted, const std::string& path) {
    rocksdb::ColumnFamilyHandle* family = database.family(space);
    rocksdb::SstFileWriter table(rocksdb::EnvOptions(), database.db->GetOptions(family), family, false);
    rocksdb::Status status = table.Open(path);
    for (std::size_t i = 0; i < sorted.size() && status.ok(); ++i) {
      const WriteSet::Entry& entry = sorted[i];
      status = entry.erase ? table.Delete(entry.key) : table.Put(entry.key, entry.value);
    }
    if (status.ok()) status = table.Finish();
    if (!status.ok()) return to_error(status, "writing");
    return {};
  }

  Result<void> move_in(Space space, const std::string& path) {
    MutexLock lock(write_mutex_);
    THALWEG_TRY(const DatabasePtr database, writable());
    if (const auto synced = database->db->FlushWAL(true); !synced.ok()) return fail(synced, "flushing");
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    ingest.snapshot_consistency = true;
    const auto moved = database->db->IngestExternalFile(database->family(space), {path}, ingest);
    if (!moved.ok()) return to_error(moved, "writing");
    written_sequence_ = database->db->GetLatestSequenceNumber();
    return {};
  }

  Error fail(const rocksdb::Status& status, const std::string& doing) THALWEG_REQUIRES(write_mutex_) {
    failure_ = to_error(status, doing);
    return *failure_;
  }

  Result<void> reopen() THALWEG_REQUIRES(write_mutex_);

  const std::string folder_;
  const RocksDbOptions options_;
  std::atomic<std::uint64_t> next_ingest_ = 0;
  Mutex write_mutex_;  // one writer at a time, so that it is known which write was the last good one
  std::optional<Error> failure_ THALWEG_GUARDED_BY(write_mutex_);
  std::uint64_t written_sequence_ THALWEG_GUARDED_BY(write_mutex_) = 0;
  bool beyond_repair_ THALWEG_GUARDED_BY(write_mutex_) = false;
  mutable Mutex database_mutex_;
  DatabasePtr database_ THALWEG_GUARDED_BY(database_mutex_);  // null: could not be opened again
  Error closed_because_ THALWEG_GUARDED_BY(database_mutex_);
};

// Process that holds the folder's lock, or 0. Only asked after the lock was refused because of another
// process: closing the file would drop a lock of our own.
int lock_holder(const std::string& folder) {
  const int file = ::open((folder + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return 0;
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  const bool held = ::fcntl(file, F_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  ::close(file);
  return held ? static_cast<int>(range.l_pid) : 0;
}

Error open_error(const rocksdb::Status& status, const std::string& folder) {
  const std::string text = status.ToString();
  const std::string quoted = "data folder \"" + folder + "\"";
  const bool other_process = text.find("lock file") != std::string::npos &&
                             text.find("temporarily unavailable") != std::string::npos;
  if (other_process) {
    const int holder = lock_holder(folder);
    const std::string by = holder > 0 ? "process " + std::to_string(holder) : "another process";
    return Error{ErrorCode::kInUse, quoted + " is in use by " + by}.with_hint(
        "stop that server or choose another data folder");
  }
  if (text.find("lock hold by current process") != std::string::npos) {
    return Error{ErrorCode::kInUse, quoted + " is already open in this process"};
  }
  return to_error(status, "cannot open " + quoted);
}

Result<void> make_folder(const std::string& folder) {
  const std::string doing = "cannot open data folder \"" + folder + "\": ";
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return Error{ErrorCode::kIo, doing + failure.message()};
  if (!std::filesystem::is_directory(folder, failure)) return Error{ErrorCode::kIo, doing + "not a folder"};
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return Error{ErrorCode::kIo, doing + std::error_code(errno, std::generic_category()).message()};
  }
  return {};
}

// Fails if writes behind damage in a write-ahead log would be lost: those that no sorted file holds.
Result<void> check_write_ahead_logs(const std::string& folder, const RocksDbOptions& options) {
  const std::string doing = "cannot open data folder \"" + folder + "\": ";
  const auto found = find_wal_damage(folder);
  if (!found) return Error{found.error().code, doing + found.error().message};
  const auto& damage = *found;
  if (!damage) return {};
  rocksdb::DB* db = nullptr;
  Families families;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(database_options(options), folder,
                                                              column_families(options), &families, &db);
  if (!status.ok()) return open_error(status, folder);
  const OpenDatabase database(std::unique_ptr<rocksdb::DB>(db), std::move(families));
  if (database.db->GetLatestSequenceNumber() >= damage->sequence) return {};
  const std::string place = std::to_string(damage->offset);
  return Error{ErrorCode::kCorrupted, "cannot open data folder \"" + folder +
                                          "\": stored data is damaged: " + damage->file + " at byte " +
                                          place + ", with acknowledged writes behind it"}
      .with_hint("restore a backup, or give up what was written behind that place: truncate -s " + place +
                 " " + damage->file);
}

Result<DatabasePtr> open_database(const std::string& folder, const RocksDbOptions& options,
                                  bool flush_at_once) {
  rocksdb::DBOptions settings = database_options(options);
  settings.avoid_flush_during_recovery = !flush_at_once;
  rocksdb::DB* db = nullptr;
  Families families;
  const rocksdb::Status status =
      rocksdb::DB::Open(settings, folder, column_families(options), &families, &db);
  if (!status.ok()) return open_error(status, folder);
  return std::make_shared<OpenDatabase>(std::unique_ptr<rocksdb::DB>(db), std::move(families));
}

Result<void> RocksStorage::reopen() {
  if (beyond_repair_) return *failure_;
  std::error_code unknown;
  const std::filesystem::space_info space = std::filesystem::space(folder_, unknown);
  if (!unknown && space.available < std::min(kReopenBytesFree, 2 * options_.write_buffer_bytes))
    return *failure_;
  MutexLock lock(database_mutex_);
  if (database_ != nullptr && database_.use_count() > 1) return *failure_;  // somebody reads: next time
  database_ = nullptr;
  // Flushing leaves the damaged write-ahead log behind for good.
  auto opened = open_database(folder_, options_, true);
  if (!opened) {
    failure_ = closed_because_ = std::move(opened).error();
    return closed_because_;
  }
  database_ = std::move(opened).value();
  if (database_->db->GetLatestSequenceNumber() > written_sequence_) {
    // The write was refused only when it was complete in the write-ahead log. Everybody believes that it
    // did not happen; only a restart makes all agree with the disk.
    beyond_repair_ = true;
    failure_ =
        Error{ErrorCode::kIo, "a write that failed is on disk nevertheless"}.with_hint("restart the server");
    return *failure_;
  }
  failure_.reset();
  return {};
}

}  // namespace

Result<std::unique_ptr<Storage>> open_rocksdb(const std::string& folder, const RocksDbOptions& options) {
  THALWEG_CHECK(make_folder(folder));
  if (options.writes_are_synced) THALWEG_CHECK(check_write_ahead_logs(folder, options));
  THALWEG_TRY(DatabasePtr database, open_database(folder, options, false));
  return std::unique_ptr<Storage>(std::make_unique<RocksStorage>(folder, options, std::move(database)));
}

}  // namespace thalweg::runtime
