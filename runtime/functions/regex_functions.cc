// REGEXP_EXTRACT, REGEXP_EXTRACT_ALL, REGEXP_REPLACE, REGEXP_SPLIT_TO_ARRAY.
#include "runtime/functions/families.h"
#include "runtime/functions/java_regex.h"
#include "runtime/functions/scalar.h"
#include "runtime/functions/utf16_text.h"

namespace thalweg::runtime {
namespace {

using planner::Value;
using planner::ValueList;
using Text = std::string_view;
using TextList = ArrayOf<std::string_view>;

Result<std::optional<std::string>> extract(RegexCache& cache, Text pattern, Text input, std::int32_t group) {
  THALWEG_TRY(JavaRegex * regex, cache.get(pattern));
  if (group < 0) return row_error("No group " + std::to_string(group));
  if (group > regex->group_count()) return std::optional<std::string>();
  THALWEG_TRY(auto match, regex->find(input, group));
  return match ? std::move(match->group) : std::nullopt;
}

Result<std::optional<TextList>> extract_all(RegexCache& cache, Text pattern, Text input, std::int32_t group) {
  THALWEG_TRY(JavaRegex * regex, cache.get(pattern));
  if (group < 0) return row_error("No group " + std::to_string(group));
  if (group > regex->group_count()) return std::optional<TextList>();
  THALWEG_TRY(auto matches, regex->find_all(input, group));
  TextList list;
  for (auto& match : matches) list.items.push_back(match.group ? Value(std::move(*match.group)) : Value());
  return std::optional<TextList>(std::move(list));
}

// A pattern that can match nothing leaves no empty first piece and no empty pieces at the end.
Result<TextList> split(RegexCache& cache, Text input, Text pattern) {
  THALWEG_TRY(JavaRegex * regex, cache.get(pattern));
  THALWEG_TRY(const auto matches, regex->find_all(input, 0));
  const std::u16string units = to_units(input);
  std::vector<std::u16string> pieces;
  std::size_t begin = 0;
  for (const auto& match : matches) {
    if (match.end == 0) continue;  // a zero-width match at the start
    pieces.push_back(units.substr(begin, static_cast<std::size_t>(match.begin) - begin));
    begin = static_cast<std::size_t>(match.end);
  }
  pieces.push_back(units.substr(begin));
  if (regex->matches_empty()) {
    while (pieces.size() > 1 && pieces.back().empty()) pieces.pop_back();
  }
  TextList list;
  for (const std::u16string& piece : pieces) list.items.emplace_back(to_utf8(piece));
  return list;
}

}  // namespace

void add_regex_functions(FunctionLibrary& library) {
  library.add({.name = "regexp_extract",
               .category = "REGULAR EXPRESSION",
               .doc = "The first part of `input` that matches `pattern`, or one of the pattern's groups.",
               .arguments = {"pattern", "input", "group"},
               .overloads = {scalar_per_site([](const FunctionEnvironment&) {
                               return [cache = RegexCache()](Text pattern, Text input) mutable {
                                 return extract(cache, pattern, input, 0);
                               };
                             }),
                             scalar_per_site([](const FunctionEnvironment&) {
                               return [cache = RegexCache()](Text pattern, Text input,
                                                             std::int32_t group) mutable {
                                 return extract(cache, pattern, input, group);
                               };
                             })},
               .examples = {{"regexp_extract('(.*) (.*)', 'hello there', 2)", "there"},
                            {"regexp_extract('x+', 'hello')", "NULL"}}});

  library.add({.name = "regexp_extract_all",
               .category = "REGULAR EXPRESSION",
               .doc = "All parts of `input` that match `pattern`, or one of the pattern's groups in each.",
               .arguments = {"pattern", "input", "group"},
               .overloads = {scalar_per_site([](const FunctionEnvironment&) {
                               return [cache = RegexCache()](Text pattern, Text input) mutable {
                                 return extract_all(cache, pattern, input, 0);
                               };
                             }),
                             scalar_per_site([](const FunctionEnvironment&) {
                               return [cache = RegexCache()](Text pattern, Text input,
                                                             std::int32_t group) mutable {
                                 return extract_all(cache, pattern, input, group);
                               };
                             })},
               .examples = {{"regexp_extract_all('[a-z]', 'a1b2')", "[a, b]"}}});

  library.add({.name = "regexp_replace",
               .category = "REGULAR EXPRESSION",
               .doc = "Replaces every match of `regexp`; $1 and ${name} in `newStr` stand for groups.",
               .arguments = {"str", "regexp", "newStr"},
               .overloads = {scalar_per_site([](const FunctionEnvironment&) {
                 return [cache = RegexCache()](Text text, Text pattern,
                                               Text replacement) mutable -> Result<std::string> {
                   THALWEG_TRY(JavaRegex * regex, cache.get(pattern));
                   return regex->replace_all(text, replacement);
                 };
               })},
               .examples = {{"regexp_replace('foobar', 'o+', '0')", "f0bar"},
                            {"regexp_replace('abc', '', 'n')", "nanbncn"}}});

  library.add({.name = "regexp_split_to_array",
               .category = "REGULAR EXPRESSION",
               .doc = "Cuts a text at every match of `regexp`.",
               .arguments = {"string", "regexp"},
               .overloads = {scalar_per_site([](const FunctionEnvironment&) {
                 return [cache = RegexCache()](Text text, Text pattern) mutable {
                   return split(cache, text, pattern);
                 };
               })},
               .examples = {{"regexp_split_to_array('aabcda', '(ab|cd)')", "[a, , a]"},
                            {"regexp_split_to_array('abc', '')", "[a, b, c]"}}});
}

}  // namespace thalweg::runtime
