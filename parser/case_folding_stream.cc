#include "parser/case_folding_stream.h"

#include <algorithm>

namespace thalweg::parser {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

std::size_t fold(char32_t c) { return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c; }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

struct Decoded {
  char32_t character;
  std::size_t length;
};

Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 && lead < 0xF8   ? 4
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                                                           : 0;
  if (length == 0 || text.size() < length) return {kReplacement, 1};
  char32_t character = lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return {kReplacement, 1};
    character = (character << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  return {character, length};
}

}  // namespace

void CaseFoldingStream::assign(std::string_view text) {
  text_ = text;
  index_ = 0;
  characters_.clear();
  offsets_.clear();
  size_ = text.size();
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return;
  for (std::size_t at = 0; at < text.size();) {
    const auto [character, length] = decode(text.substr(at));
    characters_.push_back(character);
    offsets_.push_back(static_cast<std::uint32_t>(at));
    at += length;
  }
  size_ = characters_.size();
}

std::size_t CaseFoldingStream::byte_offset(std::size_t index) const {
  if (index >= size_) return text_.size();
  return offsets_.empty() ? index : offsets_[index];
}

void CaseFoldingStream::consume() {
  if (index_ >= size_) throw antlr4::IllegalStateException("cannot consume EOF");
  ++index_;
}

std::size_t CaseFoldingStream::LA(ssize_t distance) {
  if (distance == 0) return 0;
  const ssize_t at = static_cast<ssize_t>(index_) + (distance > 0 ? distance - 1 : distance);
  if (at < 0 || at >= static_cast<ssize_t>(size_)) return antlr4::IntStream::EOF;
  const auto position = static_cast<std::size_t>(at);
  return characters_.empty() ? fold(static_cast<unsigned char>(text_[position]))
                             : fold(characters_[position]);
}

std::string CaseFoldingStream::getText(const antlr4::misc::Interval& interval) {
  if (interval.a < 0 || interval.b < interval.a) return "";
  const auto begin = byte_offset(static_cast<std::size_t>(interval.a));
  const auto end = byte_offset(static_cast<std::size_t>(interval.b) + 1);
  return std::string(text_.substr(begin, end - begin));
}

}  // namespace thalweg::parser
