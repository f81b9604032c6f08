// INSTR, SPLIT, SPLIT_TO_MAP, FIELD, ELT, CHR.
#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"
#include "runtime/functions/utf16_text.h"

namespace thalweg::runtime {
namespace {

using planner::MapEntries;
using planner::SqlKind;
using planner::Value;
using planner::ValueList;

// The position, counted from 1, of the n-th occurrence at or after `position`; a negative position
// searches backward from that many units before the end.
template <typename Text>
std::int32_t find_occurrence(const Text& text, const Text& wanted, std::int64_t position,
                             std::int64_t occurrence) {
  const auto length = static_cast<std::int64_t>(text.size());
  if (position == 0 || occurrence <= 0 || std::abs(position) > length) return 0;
  const bool backward = position < 0;
  auto at = static_cast<std::size_t>(backward ? length + position : position - 1);
  for (;; backward ? --at : ++at) {
    at = backward ? text.rfind(wanted, at) : text.find(wanted, at);
    if (at == Text::npos) return 0;
    if (--occurrence == 0) return static_cast<std::int32_t>(at) + 1;
    if (backward && at == 0) return 0;
  }
}

std::int32_t instr(std::optional<std::string_view> text, std::optional<std::string_view> wanted,
                   std::int32_t position, std::int32_t occurrence) {
  if (!text || !wanted) return 0;
  if (is_ascii(*text)) return find_occurrence(*text, *wanted, position, occurrence);
  return find_occurrence(to_units(*text), to_units(*wanted), position, occurrence);
}

template <typename Each>
void for_each_piece(std::string_view text, std::string_view delimiter, Each each) {
  for (;;) {
    const std::size_t cut = text.find(delimiter);
    each(text.substr(0, cut));
    if (cut == text.npos) return;
    text.remove_prefix(cut + delimiter.size());
  }
}

ValueList split(std::string_view text, std::string_view delimiter, bool bytes) {
  ValueList pieces;
  if (!delimiter.empty() || text.empty()) {
    if (delimiter.empty()) return {Value(std::string(text))};
    for_each_piece(text, delimiter, [&](std::string_view piece) { pieces.emplace_back(std::string(piece)); });
    return pieces;
  }
  if (bytes || is_ascii(text)) {
    for (const char c : text) pieces.emplace_back(std::string(1, c));
    return pieces;
  }
  for (const char16_t unit : to_units(text)) pieces.emplace_back(to_utf8(std::u16string_view(&unit, 1)));
  return pieces;
}

Result<Value> split_to_map(const ValueCall& call) {
  if (call[1].is_null() || call[2].is_null()) return Value();
  const std::string& between = call[1].as_string();
  const std::string& inside = call[2].as_string();
  if (between.empty() || inside.empty() || between == inside) return Value();
  MapEntries entries;
  for_each_piece(call[0].as_string(), between, [&](std::string_view entry) {
    const std::size_t cut = entry.find(inside);
    if (cut == entry.npos) return;
    std::string_view value = entry.substr(cut + inside.size());
    value = value.substr(0, value.find(inside));
    entries.emplace_back(Value(std::string(entry.substr(0, cut))), Value(std::string(value)));
  });
  return planner::make_map(std::move(entries), SqlKind::kString, 16);
}

std::optional<std::string> chr_of_code(std::int32_t code) {
  if (code < 0 || code > 0x10FFFF) return std::nullopt;
  if (code >= 0xD800 && code < 0xE000) return "?";
  std::string out;
  append_utf8(out, static_cast<char32_t>(code));
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Reads backslash escapes as in Java source: \uXXXX, \n, octal, or the character itself.
class Unescaper {
 public:
  explicit Unescaper(std::string_view text) : text_(text) {}

  Result<std::string> run() {
    while (at_ < text_.size()) {
      if (text_[at_] != '\\' || at_ + 1 == text_.size()) {
        const std::size_t begin = at_;
        planner::next_code_point(text_, at_);
        out_ += to_units(text_.substr(begin, at_ - begin));
        continue;
      }
      ++at_;
      THALWEG_CHECK(escape());
    }
    return to_utf8(out_);
  }

 private:
  Result<void> escape() {
    const char c = text_[at_];
    if (c == 'u') return unicode();
    if (c >= '0' && c <= '7') return octal(), Result<void>();
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kMeanings = "\b\f\n\r\t";
    const std::size_t found = kLetters.find(c);
    const std::size_t begin = at_;
    planner::next_code_point(text_, at_);
    out_ += found == kLetters.npos ? to_units(text_.substr(begin, at_ - begin))
                                   : std::u16string(1, static_cast<char16_t>(kMeanings[found]));
    return {};
  }

  Result<void> unicode() {
    while (at_ < text_.size() && text_[at_] == 'u') ++at_;
    int code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const int digit = at_ < text_.size() ? hex_digit(text_[at_]) : -1;
      if (digit < 0) return row_error("Unable to parse unicode value: " + std::string(text_));
      code = code * 16 + digit;
    }
    out_.push_back(static_cast<char16_t>(code));
    return {};
  }

  void octal() {
    int code = 0;
    for (int digits = 0; digits < 3 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7';
         ++digits) {
      const int next = code * 8 + (text_[at_] - '0');
      if (next > 0377) break;
      code = next;
      ++at_;
    }
    out_.push_back(static_cast<char16_t>(code));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::u16string out_;
};

Result<std::optional<std::string>> chr_of_escape(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  THALWEG_TRY(std::string decoded, Unescaper(text).run());
  return std::optional<std::string>(std::move(decoded));
}

void add_list_lookup(FunctionLibrary& library) {
  library.add({.name = "elt",
               .category = "STRING",
               .doc = "The n-th of the texts, counted from 1; NULL if there is none.",
               .arguments = {"n", "args"},
               .overloads = {scalar([](NotNull<std::int32_t> n,
                                       Variadic<std::string_view> texts) -> std::optional<std::string_view> {
                 if (n < 1 || static_cast<std::size_t>(n) > texts.size()) return std::nullopt;
                 return texts[static_cast<std::size_t>(n) - 1];
               })},
               .examples = {{"elt(2, 'a', 'b')", "b"}, {"elt(3, 'a', 'b')", "NULL"}}});

  library.add({.name = "field",
               .category = "STRING",
               .doc = "The position, counted from 1, of `str` among the texts; 0 if it is not there.",
               .arguments = {"str", "args"},
               .overloads = {scalar([](std::optional<std::string_view> text,
                                       Variadic<std::string_view> texts) -> std::int32_t {
                 for (std::size_t i = 0; text && i < texts.size(); ++i) {
                   if (texts[i] == text) return static_cast<std::int32_t>(i) + 1;
                 }
                 return 0;
               })},
               .examples = {{"field('b', 'a', 'b')", "2"}, {"field('z', 'a', 'b')", "0"}}});
}

// Overloads whose only parameter has a name of its own.
Overload of_one(std::string parameter, Overload overload) {
  overload.signature.parameters.front().name = std::move(parameter);
  return overload;
}

}  // namespace

void add_text_search_functions(FunctionLibrary& library) {
  using Text = std::optional<std::string_view>;
  library.add(
      {.name = "instr",
       .category = "STRING",
       .doc = "The position, counted from 1, of the n-th `occurrence` of `substring` from `position` on; a "
              "negative position searches backward from the end. 0 if there is none.",
       .arguments = {"str", "substring", "position", "occurrence"},
       .overloads = {scalar([](Text text, Text wanted) { return instr(text, wanted, 1, 1); }),
                     scalar([](Text text, Text wanted, NotNull<std::int32_t> position) {
                       return instr(text, wanted, position, 1);
                     }),
                     scalar([](Text text, Text wanted, NotNull<std::int32_t> position,
                               NotNull<std::int32_t> occurrence) {
                       return instr(text, wanted, position, occurrence);
                     })},
       .examples = {{"instr('CORPORATE FLOOR', 'OR', -3)", "5"},
                    {"instr('CORPORATE FLOOR', 'OR', -3, 2)", "2"},
                    {"instr('abc', 'x')", "0"}}});

  library.add(
      {.name = "split",
       .category = "STRING",
       .doc = "Cuts at every delimiter and keeps empty pieces; an empty delimiter gives single characters.",
       .arguments = {"string", "delimiter"},
       .overloads = {scalar([](std::string_view text, std::string_view delimiter)
                                -> ArrayOf<std::string_view> { return {split(text, delimiter, false)}; }),
                     scalar([](Bytes bytes, Bytes delimiter) -> ArrayOf<Bytes> {
                       return {split(bytes.view, delimiter.view, true)};
                     })},
       .examples = {{"split('a,,b', ',')", "[a, , b]"}, {"split('abc', '')", "[a, b, c]"}}});

  library.add({.name = "split_to_map",
               .category = "STRING",
               .doc = "Reads entries cut by one delimiter, keys and values by another, into a map.",
               .overloads = {on_values({{"input", varchar()},
                                        {"entryDelimiter", varchar(), Nulls::kSeen},
                                        {"kvDelimiter", varchar(), Nulls::kSeen}},
                                       map_of(varchar(), varchar()), split_to_map)},
               .examples = {{"split_to_map('a:=1/b:=2', '/', ':=')", "{a=1, b=2}"}}});

  add_list_lookup(library);

  library.add(
      {.name = "Chr",
       .category = "STRING",
       .doc = "The character of a code point, or of a text of \\uXXXX escapes.",
       .overloads = {of_one("decimalCode", scalar([](std::int32_t code) { return chr_of_code(code); })),
                     of_one("utf16Code", scalar([](std::string_view text) { return chr_of_escape(text); }))},
       .examples = {{"chr(75)", "K"}, {"chr('\\u004b')", "K"}, {"chr(-1)", "NULL"}}});
}

}  // namespace thalweg::runtime
