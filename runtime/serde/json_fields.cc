#include "runtime/serde/json_fields.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace thalweg::runtime {

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool equals_in_upper_case(std::string_view key, std::string_view name) {
  return std::equal(key.begin(), key.end(), name.begin(), name.end(),
                    [](char k, char n) { return upper(k) == n; });
}

std::string upper_case(std::string_view key) {
  auto text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(key.data(), static_cast<std::int32_t>(key.size())));
  std::string out;
  text.toUpper(icu::Locale::getRoot()).toUTF8String(out);
  return out;
}

}  // namespace

JsonFields::JsonFields(std::vector<std::string> names) : names_(std::move(names)) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (by_size_.size() <= names_[i].size()) by_size_.resize(names_[i].size() + 1);
    by_size_[names_[i].size()].push_back(static_cast<std::int16_t>(i));
  }
}

JsonFields::Match JsonFields::find(std::string_view key) const {
  Match match;
  const bool ascii = is_ascii(key);
  if (key.size() < by_size_.size()) {
    for (const std::int16_t i : by_size_[key.size()]) {
      const std::string& name = names_[static_cast<std::size_t>(i)];
      if (name == key) {
        match.exact = i;
      } else if (ascii && equals_in_upper_case(key, name)) {
        match.upper = i;
      }
    }
  }
  if (!ascii) {
    const auto found = std::find(names_.begin(), names_.end(), upper_case(key));
    const auto i = static_cast<std::int16_t>(found - names_.begin());
    if (found != names_.end() && i != match.exact) match.upper = i;
  }
  return match;
}

JsonFields::Match JsonFields::learn(std::size_t position, std::string_view key) {
  const Match match = find(key);
  if (position < kPlaces && key.size() < kNameMax) {
    Place& place = expected_[position];
    std::memcpy(place.name.data(), key.data(), key.size());
    place.size = static_cast<std::uint32_t>(key.size());
    place.match = match;
  }
  return match;
}

}  // namespace thalweg::runtime
