// A stored block of any bytes is refused or readable throughout. Since hardly any bytes carry a right
// checksum, the checksum is put right in a second try.
#include <cstring>
#include <string>

#include "runtime/log/record_batch.h"
#include "runtime/storage/checksum.h"

namespace {

using thalweg::Offset;
using thalweg::runtime::RecordBatch;

void read_all(std::string_view blob) {
  const auto batch = RecordBatch::decode(blob, Offset{0});
  if (!batch) return;
  std::uint64_t sum = 0;
  const auto add = [&sum](std::string_view bytes) {
    for (const char c : bytes) sum += static_cast<unsigned char>(c);
  };
  for (std::uint32_t i = 0; i < (*batch)->size(); ++i) {
    sum += static_cast<std::uint64_t>((*batch)->timestamp_ms(i));
    add((*batch)->key(i));
    add((*batch)->value(i));
    THALWEG_ASSERT((*batch)->readable_after_value(i) >= 64);
    add({(*batch)->value(i).data() + (*batch)->value(i).size(), 64});
    for (const auto& header : thalweg::runtime::parse_headers((*batch)->headers(i))) add(header.name);
  }
  volatile std::uint64_t keep = sum;
  (void)keep;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string blob(reinterpret_cast<const char*>(bytes), size);
  read_all(blob);
  if (blob.size() >= 8) {
    const std::uint32_t checksum = thalweg::runtime::crc32c(std::string_view(blob).substr(8));
    std::memcpy(blob.data(), "TLB1", 4);
    std::memcpy(blob.data() + 4, &checksum, 4);
    read_all(blob);
  }
  return 0;
}
