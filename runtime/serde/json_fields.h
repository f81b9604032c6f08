// Which columns a property name feeds: the one of identical name, and the one whose name is the property's
// in upper case (reference, formats §7). Records of a topic mostly list their properties in one order, so
// the answer for each place in the object is remembered and one comparison usually confirms it.
//
// Thread: one; it learns.
#pragma once

#include <emmintrin.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace thalweg::runtime {

class JsonFields {
 public:
  struct Match {
    std::int16_t exact = -1;  // index of the column; -1: none
    std::int16_t upper = -1;  // never equal to exact
  };

  explicit JsonFields(std::vector<std::string> names);
  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t i) const { return names_[i]; }

  // `key` is a property's name, without escapes, at place `position` of its object; 16 bytes behind its
  // beginning must be readable.
  Match find(std::size_t position, std::string_view key) {
    if (position < kPlaces && expected_[position].holds(key)) [[likely]]
      return expected_[position].match;
    return learn(position, key);
  }
  // Without memory; for keys that come from elsewhere.
  Match find(std::string_view key) const;

 private:
  static constexpr std::size_t kPlaces = 48;
  static constexpr std::size_t kNameMax = 16;

  struct Place {
    std::array<char, kNameMax> name{};
    std::uint32_t size = UINT32_MAX;
    Match match;

    bool holds(std::string_view key) const {
      if (key.size() != size) return false;
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(name.data()));
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key.data()));
      const int differ = ~_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
      return (differ & ((1 << size) - 1)) == 0;
    }
  };

  Match learn(std::size_t position, std::string_view key);

  std::vector<std::string> names_;
  std::vector<std::vector<std::int16_t>> by_size_;  // columns by the length of their name
  std::array<Place, kPlaces> expected_;
};

}  // namespace thalweg::runtime
