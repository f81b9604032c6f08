// Records in bulk: how they lie in memory, on disk and between tasks.
//
//   blob     [u32 magic "TLB1"][u32 crc32c of all that follows][u8 codec: 0 none, 1 lz4][3 bytes 0]
//            [u32 record count][u32 body size, uncompressed][i64 min timestamp][i64 max timestamp][body]
//   body     [i64 timestamp]×n [u32 key end]×n [u32 value end]×n [u32 headers end]×n
//            [u8 flags]×n  (1: key null, 2: value null)  [keys][values][headers][64 zero bytes]
//   headers  of one record: ([u32 name length][name][i32 value length, -1 null][value])*
//
// Integers are little-endian. Ends are offsets from the start of the keys, values and headers sections.
// Values stand back to back and the body ends in padding, so a parser may read up to 64 bytes past
// any value. The base offset is the blob's key in the log and not part of the blob.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace thalweg::runtime {

struct Header {
  std::string name;
  std::optional<std::string> value;
  bool operator==(const Header&) const = default;
};
void append_header(std::string& out, std::string_view name, std::optional<std::string_view> value);
std::vector<Header> parse_headers(std::string_view encoded);

// Immutable and thread-safe; shared between readers.
class RecordBatch {
 public:
  // Checks magic, sizes and checksum: ErrorCode::kCorrupted naming what is wrong.
  static Result<std::shared_ptr<const RecordBatch>> decode(std::string_view blob, Offset base_offset);

  Offset base_offset() const { return base_offset_; }
  Offset next_offset() const { return Offset{base_offset_.value + static_cast<std::int64_t>(count_)}; }
  std::uint32_t size() const { return count_; }
  std::int64_t timestamp_ms(std::uint32_t i) const { return timestamps_[i]; }
  const std::int64_t* timestamps() const { return timestamps_; }
  bool key_is_null(std::uint32_t i) const { return flags_[i] & 1; }
  bool value_is_null(std::uint32_t i) const { return flags_[i] & 2; }
  std::string_view key(std::uint32_t i) const { return slice(keys_, key_ends_, i); }
  std::string_view value(std::uint32_t i) const { return slice(values_, value_ends_, i); }
  std::string_view headers(std::uint32_t i) const { return slice(headers_, header_ends_, i); }  // encoded
  std::int64_t max_timestamp_ms() const { return max_timestamp_; }
  std::size_t size_bytes() const { return body_.size(); }
  // Bytes that may be read behind the value of record i without leaving the buffer (≥ 64).
  std::size_t readable_after_value(std::uint32_t i) const;

  // Gives the records their offsets; only before the batch is shared.
  void place_at(Offset base_offset) { base_offset_ = base_offset; }

 private:
  friend class RecordBatchBuilder;
  static std::string_view slice(const char* section, const std::uint32_t* ends, std::uint32_t i) {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return {section + begin, ends[i] - begin};
  }
  void point_into_body();

  Offset base_offset_;
  std::uint32_t count_ = 0;
  std::int64_t max_timestamp_ = 0;
  std::string body_;
  const std::int64_t* timestamps_ = nullptr;
  const std::uint32_t* key_ends_ = nullptr;
  const std::uint32_t* value_ends_ = nullptr;
  const std::uint32_t* header_ends_ = nullptr;
  const std::uint8_t* flags_ = nullptr;
  const char* keys_ = nullptr;
  const char* values_ = nullptr;
  const char* headers_ = nullptr;
};
using RecordBatchPtr = std::shared_ptr<const RecordBatch>;

// The blob's head, without reading (or checking) the body: enough for retention and search by time.
struct BlobSummary {
  std::uint32_t record_count;
  std::int64_t min_timestamp_ms;
  std::int64_t max_timestamp_ms;
};
std::optional<BlobSummary> summarize_blob(std::string_view blob);

// Collects records; serializers append straight into its buffers.
class RecordBatchBuilder {
 public:
  // Append the next record's bytes to these, then call finish_record.
  std::string& key_bytes() { return keys_; }
  std::string& value_bytes() { return values_; }
  std::string& header_bytes() { return headers_; }
  void finish_record(std::int64_t timestamp_ms, bool key_null, bool value_null);
  // Takes back what was appended since the last finish_record.
  void abandon_record();
  void append(std::int64_t timestamp_ms, std::optional<std::string_view> key,
              std::optional<std::string_view> value, std::string_view encoded_headers = {});

  std::uint32_t size() const { return static_cast<std::uint32_t>(timestamps_.size()); }
  bool empty() const { return timestamps_.empty(); }
  std::size_t size_bytes() const { return keys_.size() + values_.size() + headers_.size() + size() * 21; }
  void clear();

  enum class Codec : std::uint8_t { kNone, kLz4 };
  std::string encode(Codec codec) const;           // the blob
  RecordBatchPtr share(Offset base_offset) const;  // the same records without the detour over a blob

  // Records [first, last) as a batch that has no place in a log yet, and the blob of such a batch.
  std::shared_ptr<RecordBatch> build(std::uint32_t first, std::uint32_t last) const;
  static std::string encode(const RecordBatch& batch, Codec codec);
  // Behind the last record that still fits a batch of `bytes_max` beginning with `first`; at least first + 1.
  std::uint32_t cut_after(std::uint32_t first, std::size_t bytes_max) const;

 private:
  std::size_t bytes_before(std::uint32_t record) const;

  std::vector<std::int64_t> timestamps_;
  std::vector<std::uint32_t> key_ends_, value_ends_, header_ends_;
  std::vector<std::uint8_t> flags_;
  std::string keys_, values_, headers_;
};

}  // namespace thalweg::runtime
