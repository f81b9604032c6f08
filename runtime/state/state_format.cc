#include "runtime/state/state_format.h"

#include "runtime/storage/checksum.h"

namespace thalweg::runtime {
namespace {

constexpr std::uint32_t kMagic = 0x31445354;  // "TSD1"
constexpr std::size_t kChecksummedFrom = 8;
constexpr std::size_t kHeadBytes = 28;
constexpr std::size_t kExpiredAt = 8;
constexpr std::size_t kRowCountAt = 16;
constexpr std::size_t kCountAt = 24;

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <typename T>
void store(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

std::string with_id(std::string_view prefix, std::uint32_t store) {
  std::string key(prefix);
  append_u32_be(key, store);
  return key;
}

void append_sized(std::string& key, std::string_view part) {
  append_u32_be(key, static_cast<std::uint32_t>(part.size()));
  key.append(part);
}

std::uint32_t row_checksum(std::string_view key, std::string_view row) { return crc32c(row, crc32c(key)); }

Error damaged(const char* what) { return {ErrorCode::kCorrupted, what}; }

// Entries must lie within the blob, or reading them would leave it.
bool entries_fit(std::string_view entries, std::uint32_t count) {
  for (; count > 0; --count) {
    if (entries.size() < 8) return false;
    const auto key_bytes = load<std::uint32_t>(entries.data());
    const auto row_bytes = load<std::uint32_t>(entries.data() + 4);
    const std::uint64_t bytes =
        8 + std::uint64_t{key_bytes} + (row_bytes == DeltaWriter::kErasedSize ? 0 : row_bytes);
    if (bytes > entries.size()) return false;
    entries.remove_prefix(bytes);
  }
  return entries.empty();
}

}  // namespace

std::string query_prefix(std::string_view query) {
  std::string key(kStorePrefix);
  append_sized(key, query);
  return key;
}

std::string store_key(const StoreId& id) {
  std::string key = query_prefix(id.query);
  append_sized(key, id.store);
  append_u32_be(key, static_cast<std::uint32_t>(id.partition.value));
  return key;
}

std::string wiped_key(std::uint32_t store) { return with_id(kWipedPrefix, store); }
std::string count_key(std::uint32_t store) { return with_id("c", store); }
std::string delta_prefix(std::uint32_t store) { return with_id("d", store); }
std::string row_prefix(std::uint32_t store) { return with_id("r", store); }
std::string row_key(std::uint32_t store, std::string_view key) { return row_prefix(store).append(key); }

std::string delta_key(std::uint32_t store, std::uint64_t sequence) {
  std::string key = delta_prefix(store);
  append_u64_be(key, sequence);
  return key;
}

std::string window_bound(std::uint64_t start) {
  std::string key;
  append_u64_be(key, start);
  return key;
}

std::string encode_row(std::string_view key, std::string_view row) {
  std::string stored(sizeof(std::uint32_t), '\0');
  store(stored, 0, row_checksum(key, row));
  return stored.append(row);
}

Result<std::string_view> decode_row(std::string_view key, std::string_view stored) {
  if (stored.size() < sizeof(std::uint32_t)) return damaged("state row is too short");
  const std::string_view row = stored.substr(sizeof(std::uint32_t));
  if (load<std::uint32_t>(stored.data()) != row_checksum(key, row)) {
    return damaged("state row is damaged: checksum mismatch");
  }
  return row;
}

DeltaWriter::DeltaWriter(std::uint64_t expired_before, std::size_t size_bytes_estimate) {
  bytes_.reserve(kHeadBytes + size_bytes_estimate);
  bytes_.resize(kHeadBytes);
  store(bytes_, 0, kMagic);
  store(bytes_, kExpiredAt, expired_before);
}

std::string DeltaWriter::finish(std::int64_t row_count) && {
  store(bytes_, kRowCountAt, row_count);
  store(bytes_, kCountAt, count_);
  store(bytes_, 4, crc32c(std::string_view(bytes_).substr(kChecksummedFrom)));
  return std::move(bytes_);
}

Result<DeltaReader> DeltaReader::open(std::string_view blob) {
  if (blob.size() < kHeadBytes || load<std::uint32_t>(blob.data()) != kMagic) {
    return damaged("state delta is damaged: wrong magic");
  }
  if (load<std::uint32_t>(blob.data() + 4) != crc32c(blob.substr(kChecksummedFrom))) {
    return damaged("state delta is damaged: checksum mismatch");
  }
  DeltaReader reader;
  reader.entries_ = blob.substr(kHeadBytes);
  reader.expired_before_ = load<std::uint64_t>(blob.data() + kExpiredAt);
  reader.row_count_ = load<std::int64_t>(blob.data() + kRowCountAt);
  if (!entries_fit(reader.entries_, load<std::uint32_t>(blob.data() + kCountAt))) {
    return damaged("state delta is damaged: wrong sizes");
  }
  return reader;
}

std::optional<DeltaReader::Entry> DeltaReader::next() {
  if (entries_.empty()) return std::nullopt;
  const auto key_bytes = load<std::uint32_t>(entries_.data());
  const auto row_bytes = load<std::uint32_t>(entries_.data() + 4);
  entries_.remove_prefix(8);
  Entry entry{entries_.substr(0, key_bytes), std::nullopt};
  entries_.remove_prefix(key_bytes);
  if (row_bytes != DeltaWriter::kErasedSize) {
    entry.row = entries_.substr(0, row_bytes);
    entries_.remove_prefix(row_bytes);
  }
  return entry;
}

}  // namespace thalweg::runtime
