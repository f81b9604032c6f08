#include "runtime/storage/rocksdb_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>

namespace thalweg::runtime {
namespace {

constexpr std::uint64_t kWalBytesMax = 128ull << 20;  // also bounds what a restart replays

rocksdb::CompressionType light_compression() {
  const auto supported = rocksdb::GetSupportedCompressions();
  const bool lz4 = std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
  return lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

std::shared_ptr<rocksdb::TableFactory> table_factory(const std::shared_ptr<rocksdb::Cache>& cache,
                                                     std::size_t block_bytes, bool filter) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = block_bytes;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  if (filter) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

// Keeps RocksDB from resuming by itself.
class NoResume final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

// RocksDB's own log file would abort the process once a full disk has refused it a line (its writer, and
// Debian's library has assertions on). What matters comes back as a status.
class NoLogger final : public rocksdb::Logger {
 public:
  NoLogger() : rocksdb::Logger(rocksdb::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::ColumnFamilyOptions meta_options(const RocksDbOptions& options,
                                          const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = std::min<std::uint64_t>(8ull << 20, options.write_buffer_bytes);
  family.max_write_buffer_number = 4;
  family.compression = light_compression();
  family.table_factory = table_factory(cache, 8u << 10, true);
  return family;
}

rocksdb::ColumnFamilyOptions log_options(const RocksDbOptions& options,
                                         const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.max_write_buffer_number = 4;
  family.compression = rocksdb::kNoCompression;
  family.compaction_style = rocksdb::kCompactionStyleUniversal;
  family.compaction_options_universal.size_ratio = 20;
  family.compaction_options_universal.min_merge_width = 4;
  family.compaction_options_universal.max_size_amplification_percent = 400;
  family.compaction_options_universal.allow_trivial_move = true;
  family.level0_file_num_compaction_trigger = 8;
  family.level0_slowdown_writes_trigger = 40;
  family.level0_stop_writes_trigger = 60;
  family.soft_pending_compaction_bytes_limit = 0;
  family.hard_pending_compaction_bytes_limit = 0;
  family.target_file_size_base = 256ull << 20;
  // Retention erases from the front: files that are mostly erasures are compacted away early.
  family.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(256, 128));
  family.table_factory = table_factory(cache, 64u << 10, false);
  return family;
}

rocksdb::ColumnFamilyOptions state_options(const RocksDbOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.max_write_buffer_number = 4;
  family.compression = light_compression();
  family.level_compaction_dynamic_level_bytes = true;
  family.target_file_size_base = 32ull << 20;
  family.memtable_whole_key_filtering = true;
  family.memtable_prefix_bloom_size_ratio = 0.02;
  family.table_factory = table_factory(cache, 8u << 10, true);
  return family;
}

}  // namespace

rocksdb::DBOptions database_options(const RocksDbOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;
  db.max_total_wal_size = kWalBytesMax;
  db.db_write_buffer_size = 3 * options.write_buffer_bytes;
  db.max_background_jobs = std::max(2, options.background_threads);
  db.max_open_files = 1024;
  db.bytes_per_sync = 1u << 20;
  db.wal_bytes_per_sync = 1u << 20;
  db.avoid_unnecessary_blocking_io = true;
  db.skip_stats_update_on_db_open = true;
  db.skip_checking_sst_file_sizes_on_db_open = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.info_log = std::make_shared<NoLogger>();
  db.listeners.push_back(std::make_shared<NoResume>());
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksDbOptions& options) {
  rocksdb::LRUCacheOptions cache_options;
  cache_options.capacity = options.block_cache_bytes;
  cache_options.num_shard_bits = 3;
  cache_options.high_pri_pool_ratio = 0.5;
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(cache_options);
  return {{rocksdb::kDefaultColumnFamilyName, meta_options(options, cache)},
          {"log", log_options(options, cache)},
          {"state", state_options(options, cache)}};
}

}  // namespace thalweg::runtime
