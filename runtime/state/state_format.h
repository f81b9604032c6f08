// How state lies in Space::kState. Integers in keys are big-endian, in values little-endian.
//
//   "n"                                     → next store id u32
//   "i" [query][store][partition u32]       → store id u32; query and store as [u32 size][bytes]
//   "x" [store id u32]                      → (empty) wiped store whose rows still go
//   "d" [store id u32][sequence u64]        → delta
//   "r" [store id u32][key]                 → row:   [u32 crc32c of key and row][row]
//   "c" [store id u32]                      → rows in the store after the last folded delta, i64
//
//   delta  [u32 magic "TSD1"][u32 crc32c of all that follows][u64 windows before this are gone, 0: none]
//          [i64 rows in the store after it][u32 entry count]
//          ([u32 key size][u32 row size, 0xffffffff: erased][key][row])*
//
// A delta's expiry comes before its rows; rows are absolute, so applying a delta twice does no harm.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/state/state_store.h"

namespace thalweg::runtime {

inline constexpr std::string_view kNextStoreIdKey = "n";
inline constexpr std::string_view kWipedPrefix = "x";
inline constexpr std::string_view kStorePrefix = "i";
std::string store_key(const StoreId& id);
std::string query_prefix(std::string_view query);
std::string wiped_key(std::uint32_t store);
std::string count_key(std::uint32_t store);
std::string delta_prefix(std::uint32_t store);
std::string delta_key(std::uint32_t store, std::uint64_t sequence);
std::string row_prefix(std::uint32_t store);
std::string row_key(std::uint32_t store, std::string_view key);
std::string window_bound(std::uint64_t start);  // the least key of that window
inline constexpr std::size_t kRowPrefixBytes = 5;

std::string encode_row(std::string_view key, std::string_view row);
Result<std::string_view> decode_row(std::string_view key, std::string_view stored);

class DeltaWriter {
 public:
  DeltaWriter(std::uint64_t expired_before, std::size_t size_bytes_estimate);
  void put(std::string_view key, std::string_view row) {
    append_entry(key, static_cast<std::uint32_t>(row.size()));
    bytes_.append(row);
  }
  void erase(std::string_view key) { append_entry(key, kErasedSize); }
  std::uint32_t count() const { return count_; }
  std::string finish(std::int64_t row_count) &&;

  static constexpr std::uint32_t kErasedSize = 0xffffffffu;

 private:
  void append_entry(std::string_view key, std::uint32_t row_size) {
    const std::uint32_t sizes[2] = {static_cast<std::uint32_t>(key.size()), row_size};
    bytes_.append(reinterpret_cast<const char*>(sizes), sizeof(sizes));
    bytes_.append(key);
    ++count_;
  }
  std::string bytes_;
  std::uint32_t count_ = 0;
};

// Reads a delta that lives as long as the reader.
class DeltaReader {
 public:
  static Result<DeltaReader> open(std::string_view blob);
  std::uint64_t expired_before() const { return expired_before_; }
  std::int64_t row_count() const { return row_count_; }

  struct Entry {
    std::string_view key;
    std::optional<std::string_view> row;
  };
  // The next entry, nullopt behind the last.
  std::optional<Entry> next();

 private:
  std::string_view entries_;
  std::uint64_t expired_before_ = 0;
  std::int64_t row_count_ = 0;
};

}  // namespace thalweg::runtime
