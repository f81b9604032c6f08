// LEN, UCASE, LCASE, INITCAP, TRIM, SUBSTRING, LPAD, RPAD, REPLACE.
#include <algorithm>

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include "planner/types/text.h"
#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"
#include "runtime/functions/utf16_text.h"

namespace thalweg::runtime {
namespace {

// Upper and lower case of the root locale; the length may change.
std::string_view change_case(Arena& arena, std::string_view text, bool upper) {
  if (is_ascii(text)) {
    char* to = arena.array<char>(text.size());
    const char first = upper ? 'a' : 'A';
    std::transform(text.begin(), text.end(), to, [first](char c) {
      return static_cast<unsigned char>(c - first) < 26 ? static_cast<char>(c ^ 0x20) : c;
    });
    return {to, text.size()};
  }
  auto unicode = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  upper ? unicode.toUpper(icu::Locale::getRoot()) : unicode.toLower(icu::Locale::getRoot());
  std::string utf8;
  unicode.toUTF8String(utf8);
  return arena.copy(utf8);
}

bool is_space(char16_t unit) { return unit == ' ' || (unit >= '\t' && unit <= '\r'); }

std::string capitalise_words(Arena& arena, std::string_view text) {
  const std::u16string lower = to_units(change_case(arena, text, false));
  std::u16string out;
  bool word_starts = true;
  for (const char16_t unit : lower) {
    if (is_space(unit)) {
      word_starts = true;
      if (!out.empty()) out.push_back(unit);  // leading spaces go
      continue;
    }
    const bool whole_character = (unit & 0xF800) != 0xD800;
    if (word_starts && whole_character) {
      out += to_units(change_case(arena, to_utf8(std::u16string_view(&unit, 1)), true));
    } else {
      out.push_back(unit);
    }
    word_starts = false;
  }
  return to_utf8(out);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

struct Range {
  std::size_t begin;
  std::size_t end;
};

// 1-based position, 0 meaning 1, negative from the end.
Range substring_range(std::size_t length, std::int64_t position, std::int64_t count) {
  const auto size = static_cast<std::int64_t>(length);
  const std::int64_t start = position < 0 ? std::max<std::int64_t>(size + position, 0)
                                          : std::min(std::max<std::int64_t>(position - 1, 0), size);
  const std::int64_t end = std::clamp(start + count, start, size);
  return {static_cast<std::size_t>(start), static_cast<std::size_t>(end)};
}

constexpr std::int64_t kToTheEnd = std::int64_t{1} << 40;

std::string_view substring(Arena& arena, std::string_view text, std::int64_t position, std::int64_t count) {
  const auto length = static_cast<std::size_t>(planner::utf16_length(text));
  const Range range = substring_range(length, position, count);
  return cut_units(arena, text, range.begin, range.end);
}

Bytes sub_bytes(Bytes bytes, std::int64_t position, std::int64_t count) {
  const Range range = substring_range(bytes.view.size(), position, count);
  return {bytes.view.substr(range.begin, range.end - range.begin)};
}

// No row may take all the memory there is.
constexpr std::size_t kPaddedMax = std::size_t{1} << 26;

template <typename Text>
Result<std::optional<Text>> pad(const Text& input, std::int32_t target, const Text& padding, bool left) {
  if (padding.empty() || target < 0) return std::optional<Text>();
  const auto length = static_cast<std::size_t>(target);
  if (input.size() >= length) return std::optional(input.substr(0, length));
  if (length > kPaddedMax) {
    return row_error("the padded value would be longer than " + std::to_string(kPaddedMax));
  }
  Text fill;
  fill.reserve(length);
  while (fill.size() < length - input.size()) fill += padding;
  fill.resize(length - input.size());
  return std::optional(left ? fill + input : input + fill);
}

Result<std::optional<std::string>> pad_text(std::string_view input, std::int32_t target,
                                            std::string_view padding, bool left) {
  if (is_ascii(input) && is_ascii(padding))
    return pad(std::string(input), target, std::string(padding), left);
  THALWEG_TRY(const auto padded, pad(to_units(input), target, to_units(padding), left));
  if (!padded) return std::optional<std::string>();
  return std::optional(to_utf8(*padded));
}

Result<std::optional<OwnedBytes>> pad_bytes(Bytes input, std::int32_t target, Bytes padding, bool left) {
  THALWEG_TRY(auto padded, pad(std::string(input.view), target, std::string(padding.view), left));
  if (!padded) return std::optional<OwnedBytes>();
  return std::optional(OwnedBytes{std::move(*padded)});
}

// An empty `old` stands before every unit and at the end.
std::string insert_around(std::string_view text, std::string_view insertion) {
  const std::u16string inserted = to_units(insertion);
  std::u16string out = inserted;
  for (const char16_t unit : to_units(text)) (out += unit) += inserted;
  return to_utf8(out);
}

std::string replace_all(std::string_view text, std::string_view old, std::string_view replacement) {
  if (old.empty()) return insert_around(text, replacement);
  std::string out;
  for (;;) {
    const std::size_t found = text.find(old);
    out += text.substr(0, found);
    if (found == text.npos) return out;
    out += replacement;
    text.remove_prefix(found + old.size());
  }
}

void add_padding(FunctionLibrary& library, const std::string& name, bool left) {
  library.add(
      {.name = name,
       .category = "STRING",
       .doc = std::string("Pads at the ") + (left ? "left" : "right") +
              " to a target length; longer input is cut to its left part.",
       .arguments = {"input", "targetLen", "padding"},
       .overloads = {scalar([left](std::string_view input, std::int32_t target, std::string_view padding) {
                       return pad_text(input, target, padding, left);
                     }),
                     scalar([left](Bytes input, std::int32_t target, Bytes padding) {
                       return pad_bytes(input, target, padding, left);
                     })},
       .examples = {{name + "('foo', 7, 'Bar')", left ? "BarBfoo" : "fooBarB"},
                    {name + "('foo', 2, 'Bar')", "fo"},
                    {name + "('foo', -1, 'Bar')", "NULL"}}});
}

void add_case_functions(FunctionLibrary& library) {
  library.add({.name = "ucase",
               .category = "STRING",
               .doc = "The text in upper case.",
               .arguments = {"input"},
               .overloads = {scalar([](Arena& arena, std::string_view text) -> std::string_view {
                 return change_case(arena, text, true);
               })},
               .examples = {{"ucase('Fluß')", "FLUSS"}}});
  library.add({.name = "lcase",
               .category = "STRING",
               .doc = "The text in lower case.",
               .arguments = {"input"},
               .overloads = {scalar([](Arena& arena, std::string_view text) -> std::string_view {
                 return change_case(arena, text, false);
               })},
               .examples = {{"lcase('ThalWeg')", "thalweg"}}});
  library.add({.name = "initcap",
               .category = "STRING",
               .doc = "Every word with a capital first letter and the rest in lower case.",
               .arguments = {"str"},
               .overloads = {scalar([](Arena& arena, std::string_view text) -> std::string {
                 return capitalise_words(arena, text);
               })},
               .examples = {{"initcap('the QUICK  fox')", "The Quick  Fox"}}});
}

}  // namespace

void add_text_functions(FunctionLibrary& library) {
  library.add(
      {.name = "len",
       .category = "STRING",
       .doc = "The number of UTF-16 code units of a text, or of bytes.",
       .arguments = {"input"},
       .overloads = {scalar([](std::string_view text) {
                       return static_cast<std::int32_t>(planner::utf16_length(text));
                     }),
                     scalar([](Bytes bytes) { return static_cast<std::int32_t>(bytes.view.size()); })},
       .examples = {{"len('river')", "5"}, {"len('')", "0"}}});

  add_case_functions(library);

  library.add({.name = "trim",
               .category = "STRING",
               .doc = "Strips blanks and control characters at both ends.",
               .arguments = {"input"},
               .overloads = {scalar([](std::string_view text) -> std::string_view { return trim(text); })},
               .examples = {{"trim('  a b ')", "a b"}}});

  library.add(
      {.name = "substring",
       .category = "STRING",
       .doc =
           "The part of `str` from position `pos` (counted from 1, or from the end if negative) of at most "
           "`length` characters.",
       .arguments = {"str", "pos", "length"},
       .overloads =
           {scalar([](Arena& arena, std::string_view text, std::int32_t position) -> std::string_view {
              return substring(arena, text, position, kToTheEnd);
            }),
            scalar([](Arena& arena, std::string_view text, std::int32_t position, std::int32_t length)
                       -> std::string_view { return substring(arena, text, position, length); }),
            scalar([](Bytes bytes, std::int32_t position) { return sub_bytes(bytes, position, kToTheEnd); }),
            scalar([](Bytes bytes, std::int32_t position, std::int32_t length) {
              return sub_bytes(bytes, position, length);
            })},
       .examples = {{"substring('hello', -3, 2)", "ll"},
                    {"substring('hello', 2)", "ello"},
                    {"substring('hello', 9)", ""}}});

  add_padding(library, "LPad", true);
  add_padding(library, "RPad", false);

  library.add(
      {.name = "replace",
       .category = "STRING",
       .doc = "Replaces every occurrence of `oldStr` by `newStr`.",
       .arguments = {"str", "oldStr", "newStr"},
       .overloads = {scalar([](std::string_view text, std::string_view old, std::string_view replacement) {
         return replace_all(text, old, replacement);
       })},
       .examples = {{"replace('foobar', 'o', '0')", "f00bar"}, {"replace('ab', '', '-')", "-a-b-"}}});
}

}  // namespace thalweg::runtime
