// CRC-32C (Castagnoli), the checksum of every blob we store. Uses the processor's instruction when it
// has one, a table otherwise; both give the same number.
#pragma once

#include <cstdint>
#include <string_view>

namespace thalweg::runtime {

// `seed` is the checksum of the bytes before, so that pieces may be summed one after another.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// The table version, for processors without the instruction.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace thalweg::runtime
