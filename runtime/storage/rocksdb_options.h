// How the database is tuned: one set of options for all of it, one for each column family.
//
//   meta   (family "default") small and hot: bloom filter, lz4
//   log    blobs of up to 512 KB that are already compressed and appended in order per partition:
//          universal compaction rewrites each byte a few times at most, no filter, kept out of the cache
//   state  deltas, mostly erased again before they leave the memtable, and folded rows: leveled, bloom, lz4
#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "runtime/storage/storage.h"

namespace thalweg::runtime {

rocksdb::DBOptions database_options(const RocksDbOptions& options);
std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksDbOptions& options);  // by Space

}  // namespace thalweg::runtime
