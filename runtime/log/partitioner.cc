// The 32-bit murmur2 of Kafka's Java producer, so that keys land where its consumers expect them.
#include <cstring>

#include "runtime/log/log.h"

namespace thalweg::runtime {

std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  constexpr std::uint32_t kSeed = 0x9747b28c;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  std::uint32_t hash = kSeed ^ length;
  const char* at = bytes.data();
  for (std::uint32_t words = length / 4; words > 0; --words, at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash = hash * kMultiplier ^ word;
  }
  if (const std::uint32_t rest = length % 4; rest > 0) {
    for (std::uint32_t i = rest; i-- > 0;)
      hash ^= std::uint32_t{static_cast<unsigned char>(at[i])} << (8 * i);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ (hash >> 15);
}

PartitionId partition_of(std::string_view key_bytes, std::int32_t partition_count) {
  THALWEG_ASSERT(partition_count > 0);
  return PartitionId{static_cast<std::int32_t>(murmur2(key_bytes) & 0x7fffffffu) % partition_count};
}

}  // namespace thalweg::runtime
