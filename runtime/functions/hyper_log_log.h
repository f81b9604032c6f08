// Estimates how many different values were seen: 2^14 registers, standard error about 0.8 %.
//
//   sparse   'S' then sorted 4-byte entries, register << 8 | rank (native order), up to kSparseMax
//   dense    'D' then one byte per register
//
// The sketch is a string, so that small groups cost a few bytes in state and in the changelog.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace thalweg::runtime {

class HyperLogLog {
 public:
  static std::string empty() { return "S"; }
  static void add(std::string& sketch, std::uint64_t hash);
  static void merge(const std::string& other, std::string& sketch);
  static std::int64_t estimate(const std::string& sketch);

  // Hashes that stay the same across restarts and machines of one byte order.
  static std::uint64_t hash(std::uint64_t bits);
  static std::uint64_t hash(std::string_view bytes);

 private:
  static void set(std::string& sketch, std::uint32_t index, std::uint8_t rank);
  static void make_dense(std::string& sketch);
};

}  // namespace thalweg::runtime
