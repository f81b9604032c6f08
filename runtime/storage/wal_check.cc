#include "runtime/storage/wal_check.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "runtime/storage/checksum.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kBlockBytes = 32u << 10;
constexpr std::size_t kHeadBytes = 7;
constexpr std::uint8_t kWhole = 1, kFirst = 2;

template <typename Number>
Number read_le(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number |= static_cast<Number>(static_cast<Number>(static_cast<unsigned char>(bytes[at + i])) << (8 * i));
  }
  return number;
}

std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

// The intact record at the front of `bytes`, head included; empty: there is none.
std::string_view record_at(std::string_view bytes) {
  if (bytes.size() < kHeadBytes) return {};
  const std::size_t length = read_le<std::uint16_t>(bytes, 4);
  if (bytes.size() < kHeadBytes + length) return {};
  if (bytes[6] == 0 || masked(crc32c(bytes.substr(6, 1 + length))) != read_le<std::uint32_t>(bytes, 0))
    return {};
  return bytes.substr(0, kHeadBytes + length);
}

// The number of the last write of a record that begins a batch; nothing: it is none.
std::optional<std::uint64_t> sequence_of(std::string_view record) {
  if (record.size() < kHeadBytes + 12 || (record[6] != kWhole && record[6] != kFirst)) return std::nullopt;
  const auto count = read_le<std::uint32_t>(record, kHeadBytes + 8);
  return read_le<std::uint64_t>(record, kHeadBytes) + std::max(count, 1u) - 1;
}

// Goes through the blocks of one file.
class Scan {
 public:
  void block(std::string_view bytes, std::uint64_t begin) {
    std::size_t at = 0;
    while (at + kHeadBytes <= bytes.size()) {
      const auto record = record_at(bytes.substr(at));
      if (record.empty()) {
        // A length that lies would hide the rest of the block, so every place is tried, once.
        if (damaged_at_ && *damaged_at_ < begin) return;
        if (!damaged_at_) damaged_at_ = begin + at;
        ++at;
        continue;
      }
      if (damaged_at_) note(record);
      at += record.size();
    }
  }

  std::optional<WalDamage> damage(const std::string& file) const {
    if (!behind_) return std::nullopt;
    return WalDamage{file, *damaged_at_, *behind_};
  }

 private:
  void note(std::string_view record) {
    if (const auto sequence = sequence_of(record)) behind_ = std::max(behind_.value_or(0), *sequence);
  }

  std::optional<std::uint64_t> damaged_at_;
  std::optional<std::uint64_t> behind_;
};

Result<std::optional<WalDamage>> scan_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Scan scan;
  std::vector<char> block(kBlockBytes);
  for (std::uint64_t begin = 0; file; begin += kBlockBytes) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    scan.block({block.data(), static_cast<std::size_t>(file.gcount())}, begin);
  }
  if (!file.eof()) return Error{ErrorCode::kIo, "cannot read " + path + ": " + std::strerror(errno)};
  return scan.damage(path);
}

}  // namespace

Result<std::optional<WalDamage>> find_wal_damage(const std::string& folder) {
  std::error_code failure;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".log") files.push_back(entry.path().string());
  }
  if (failure) return Error{ErrorCode::kIo, "cannot read " + folder + ": " + failure.message()};
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    THALWEG_TRY(auto damage, scan_file(file));
    if (damage) return damage;
  }
  return std::optional<WalDamage>();
}

}  // namespace thalweg::runtime
