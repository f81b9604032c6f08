#include "runtime/log/record_batch.h"

#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "runtime/storage/checksum.h"

namespace thalweg::runtime {
namespace {

constexpr std::uint32_t kMagic = 0x31424c54;  // "TLB1"
constexpr std::size_t kPaddingBytes = 64;
constexpr std::size_t kBytesPerRecord = sizeof(std::int64_t) + 3 * sizeof(std::uint32_t) + 1;
constexpr std::uint8_t kKeyNull = 1;
constexpr std::uint8_t kValueNull = 2;

struct BlobHead {
  std::uint32_t magic;
  std::uint32_t checksum;
  std::uint8_t codec;
  std::uint8_t zero[3];
  std::uint32_t record_count;
  std::uint32_t body_bytes;
  // Timestamps lie unaligned behind; read by memcpy.
};
static_assert(sizeof(BlobHead) == 20);
constexpr std::size_t kHeadBytes = sizeof(BlobHead) + 2 * sizeof(std::int64_t);
constexpr std::size_t kChecksummedFrom = 8;

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <typename T>
char* put(char* to, const T* values, std::size_t count) {
  if (count > 0) std::memcpy(to, values, count * sizeof(T));
  return to + count * sizeof(T);
}

Error damaged(std::string what) {
  return {ErrorCode::kCorrupted, "record batch is damaged: " + std::move(what)};
}

bool ascending(const std::uint32_t* ends, std::uint32_t count) {
  bool ok = true;
  for (std::uint32_t i = 1; i < count; ++i) ok &= ends[i - 1] <= ends[i];
  return ok;
}

char* put_ends(char* to, const std::vector<std::uint32_t>& ends, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t before = first == 0 ? 0 : ends[first - 1];
  if (before == 0) return put(to, ends.data() + first, last - first);
  for (std::uint32_t i = first; i < last; ++i, to += sizeof(std::uint32_t)) {
    const std::uint32_t end = ends[i] - before;
    std::memcpy(to, &end, sizeof(end));
  }
  return to;
}

std::string_view span_of(const std::string& bytes, const std::vector<std::uint32_t>& ends,
                         std::uint32_t first, std::uint32_t last) {
  const std::uint32_t begin = first == 0 ? 0 : ends[first - 1];
  const std::uint32_t end = last == 0 ? 0 : ends[last - 1];
  return {bytes.data() + begin, end - begin};
}

void append_u32_le(std::string& out, std::uint32_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

Result<std::string> unpack(std::string_view packed, std::uint8_t codec, std::uint32_t body_bytes) {
  if (codec == static_cast<std::uint8_t>(RecordBatchBuilder::Codec::kNone)) {
    if (packed.size() != body_bytes) return damaged("the body has the wrong size");
    return std::string(packed);
  }
  if (codec != static_cast<std::uint8_t>(RecordBatchBuilder::Codec::kLz4)) return damaged("unknown codec");
  if (body_bytes > static_cast<std::uint32_t>(LZ4_MAX_INPUT_SIZE) || body_bytes / 256 > packed.size()) {
    return damaged("impossible body size");
  }
  std::string body(body_bytes, '\0');
  const int got = LZ4_decompress_safe(packed.data(), body.data(), static_cast<int>(packed.size()),
                                      static_cast<int>(body_bytes));
  if (got != static_cast<int>(body_bytes)) return damaged("the body does not decompress");
  return body;
}

}  // namespace

void append_header(std::string& out, std::string_view name, std::optional<std::string_view> value) {
  append_u32_le(out, static_cast<std::uint32_t>(name.size()));
  out.append(name);
  append_u32_le(out, value ? static_cast<std::uint32_t>(value->size()) : 0xffffffffu);
  if (value) out.append(*value);
}

std::vector<Header> parse_headers(std::string_view encoded) {
  std::vector<Header> headers;
  const auto take = [&encoded](std::size_t bytes) {
    const std::string_view taken = encoded.substr(0, bytes);
    encoded.remove_prefix(taken.size());
    return taken;
  };
  while (encoded.size() >= 8) {
    const std::string_view name = take(load<std::uint32_t>(take(4).data()));
    if (encoded.size() < 4) break;
    const auto value_bytes = load<std::int32_t>(take(4).data());
    Header header{std::string(name), std::nullopt};
    if (value_bytes >= 0) header.value = std::string(take(static_cast<std::size_t>(value_bytes)));
    headers.push_back(std::move(header));
  }
  return headers;
}

std::optional<BlobSummary> summarize_blob(std::string_view blob) {
  if (blob.size() < kHeadBytes || load<std::uint32_t>(blob.data()) != kMagic) return std::nullopt;
  return BlobSummary{load<BlobHead>(blob.data()).record_count,
                     load<std::int64_t>(blob.data() + sizeof(BlobHead)),
                     load<std::int64_t>(blob.data() + sizeof(BlobHead) + sizeof(std::int64_t))};
}

Result<std::shared_ptr<const RecordBatch>> RecordBatch::decode(std::string_view blob, Offset base_offset) {
  if (blob.size() < kHeadBytes) return damaged("too short");
  const auto head = load<BlobHead>(blob.data());
  if (head.magic != kMagic) return damaged("wrong magic");
  if (crc32c(blob.substr(kChecksummedFrom)) != head.checksum) return damaged("checksum mismatch");
  const std::uint64_t fixed_bytes = std::uint64_t{head.record_count} * kBytesPerRecord + kPaddingBytes;
  if (fixed_bytes > head.body_bytes) return damaged("more records than bytes");
  auto batch = std::make_shared<RecordBatch>();
  THALWEG_TRY(batch->body_, unpack(blob.substr(kHeadBytes), head.codec, head.body_bytes));
  batch->base_offset_ = base_offset;
  batch->count_ = head.record_count;
  batch->max_timestamp_ = load<std::int64_t>(blob.data() + sizeof(BlobHead) + sizeof(std::int64_t));
  batch->point_into_body();
  const std::uint32_t n = head.record_count;
  const bool ordered =
      ascending(batch->key_ends_, n) && ascending(batch->value_ends_, n) && ascending(batch->header_ends_, n);
  const std::uint64_t data_bytes = n == 0 ? 0
                                          : std::uint64_t{batch->key_ends_[n - 1]} +
                                                batch->value_ends_[n - 1] + batch->header_ends_[n - 1];
  if (!ordered || fixed_bytes + data_bytes != head.body_bytes) return damaged("the offset table is wrong");
  return std::shared_ptr<const RecordBatch>(std::move(batch));
}

std::size_t RecordBatch::readable_after_value(std::uint32_t i) const {
  const char* end = values_ + value_ends_[i];
  return static_cast<std::size_t>(body_.data() + body_.size() - end);
}

void RecordBatch::point_into_body() {
  const char* at = body_.data();
  timestamps_ = reinterpret_cast<const std::int64_t*>(at);
  key_ends_ = reinterpret_cast<const std::uint32_t*>(at + std::size_t{count_} * sizeof(std::int64_t));
  value_ends_ = key_ends_ + count_;
  header_ends_ = value_ends_ + count_;
  flags_ = reinterpret_cast<const std::uint8_t*>(header_ends_ + count_);
  keys_ = reinterpret_cast<const char*>(flags_ + count_);
  values_ = keys_ + (count_ == 0 ? 0 : key_ends_[count_ - 1]);
  headers_ = values_ + (count_ == 0 ? 0 : value_ends_[count_ - 1]);
}

void RecordBatchBuilder::finish_record(std::int64_t timestamp_ms, bool key_null, bool value_null) {
  timestamps_.push_back(timestamp_ms);
  key_ends_.push_back(static_cast<std::uint32_t>(keys_.size()));
  value_ends_.push_back(static_cast<std::uint32_t>(values_.size()));
  header_ends_.push_back(static_cast<std::uint32_t>(headers_.size()));
  flags_.push_back(static_cast<std::uint8_t>((key_null ? kKeyNull : 0) | (value_null ? kValueNull : 0)));
}

void RecordBatchBuilder::abandon_record() {
  keys_.resize(empty() ? 0 : key_ends_.back());
  values_.resize(empty() ? 0 : value_ends_.back());
  headers_.resize(empty() ? 0 : header_ends_.back());
}

void RecordBatchBuilder::append(std::int64_t timestamp_ms, std::optional<std::string_view> key,
                                std::optional<std::string_view> value, std::string_view encoded_headers) {
  if (key) keys_.append(*key);
  if (value) values_.append(*value);
  headers_.append(encoded_headers);
  finish_record(timestamp_ms, !key.has_value(), !value.has_value());
}

void RecordBatchBuilder::clear() {
  timestamps_.clear();
  key_ends_.clear();
  value_ends_.clear();
  header_ends_.clear();
  flags_.clear();
  keys_.clear();
  values_.clear();
  headers_.clear();
}

std::size_t RecordBatchBuilder::bytes_before(std::uint32_t record) const {
  if (record == 0) return 0;
  return std::size_t{key_ends_[record - 1]} + value_ends_[record - 1] + header_ends_[record - 1] +
         record * kBytesPerRecord;
}

std::uint32_t RecordBatchBuilder::cut_after(std::uint32_t first, std::size_t bytes_max) const {
  const std::size_t limit = bytes_before(first) + bytes_max;
  std::uint32_t low = first + 1;
  std::uint32_t high = size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low + 1) / 2;
    if (bytes_before(middle) <= limit) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

std::shared_ptr<RecordBatch> RecordBatchBuilder::build(std::uint32_t first, std::uint32_t last) const {
  const std::uint32_t count = last - first;
  const std::string_view keys = span_of(keys_, key_ends_, first, last);
  const std::string_view values = span_of(values_, value_ends_, first, last);
  const std::string_view headers = span_of(headers_, header_ends_, first, last);
  auto batch = std::make_shared<RecordBatch>();
  batch->count_ = count;
  batch->max_timestamp_ = count == 0
                              ? std::numeric_limits<std::int64_t>::min()
                              : *std::max_element(timestamps_.begin() + first, timestamps_.begin() + last);
  batch->body_.resize(count * kBytesPerRecord + keys.size() + values.size() + headers.size() + kPaddingBytes);
  char* at = batch->body_.data();
  at = put(at, timestamps_.data() + first, count);
  at = put_ends(at, key_ends_, first, last);
  at = put_ends(at, value_ends_, first, last);
  at = put_ends(at, header_ends_, first, last);
  at = put(at, flags_.data() + first, count);
  at = put(at, keys.data(), keys.size());
  at = put(at, values.data(), values.size());
  put(at, headers.data(), headers.size());
  batch->point_into_body();
  return batch;
}

std::string RecordBatchBuilder::encode(const RecordBatch& batch, Codec codec) {
  const std::string& body = batch.body_;
  THALWEG_ASSERT(body.size() <= std::numeric_limits<std::uint32_t>::max());
  std::string blob(kHeadBytes, '\0');
  BlobHead head = {kMagic,
                   0,
                   static_cast<std::uint8_t>(Codec::kNone),
                   {},
                   batch.count_,
                   static_cast<std::uint32_t>(body.size())};
  if (codec == Codec::kLz4 && body.size() <= static_cast<std::size_t>(LZ4_MAX_INPUT_SIZE)) {
    const int room = LZ4_compressBound(static_cast<int>(body.size()));
    blob.resize(kHeadBytes + static_cast<std::size_t>(room));
    const int packed =
        LZ4_compress_default(body.data(), blob.data() + kHeadBytes, static_cast<int>(body.size()), room);
    if (packed > 0 && static_cast<std::size_t>(packed) < body.size()) {
      head.codec = static_cast<std::uint8_t>(Codec::kLz4);
      blob.resize(kHeadBytes + static_cast<std::size_t>(packed));
    }
  }
  if (head.codec == static_cast<std::uint8_t>(Codec::kNone)) {
    blob.resize(kHeadBytes);
    blob.append(body);
  }
  std::int64_t times[2] = {batch.max_timestamp_, batch.max_timestamp_};
  for (std::uint32_t i = 0; i < batch.count_; ++i) times[0] = std::min(times[0], batch.timestamps_[i]);
  std::memcpy(blob.data() + sizeof(BlobHead), times, sizeof(times));
  std::memcpy(blob.data(), &head, sizeof(head));
  head.checksum = crc32c(std::string_view(blob).substr(kChecksummedFrom));
  std::memcpy(blob.data(), &head, sizeof(head));
  return blob;
}

std::string RecordBatchBuilder::encode(Codec codec) const { return encode(*build(0, size()), codec); }

RecordBatchPtr RecordBatchBuilder::share(Offset base_offset) const {
  std::shared_ptr<RecordBatch> batch = build(0, size());
  batch->place_at(base_offset);
  return batch;
}

}  // namespace thalweg::runtime
