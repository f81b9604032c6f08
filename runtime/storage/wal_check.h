// Finds damage in RocksDB's write-ahead logs before RocksDB replays them.
//
// RocksDB ends its replay at the first record it cannot read. That is right where the last record is torn by
// a crash, and loses acknowledged writes without a word where older bytes are damaged. The difference: behind
// a torn record no other begins.
//
//   file    blocks of 32 KiB, of records that do not cross them
//   record  [u32 masked crc32c of type and data][u16 length][u8 type: 1 whole, 2 first, 3 middle, 4
//   last][data] data    of a whole or first one: [u64 sequence number][u32 count]…      all little-endian
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace thalweg::runtime {

struct WalDamage {
  std::string file;
  std::uint64_t offset = 0;    // of the first byte that cannot be read
  std::uint64_t sequence = 0;  // the greatest number of a write that is readable behind it
};

// The log files of a data folder; nothing: all is well, or the folder is new. kIo when one cannot be read.
Result<std::optional<WalDamage>> find_wal_damage(const std::string& folder);

}  // namespace thalweg::runtime
