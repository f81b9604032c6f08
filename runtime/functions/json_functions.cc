// EXTRACTJSONFIELD, IS_JSON_STRING, JSON_ARRAY_CONTAINS, JSON_ARRAY_LENGTH, JSON_ITEMS, JSON_KEYS,
// JSON_RECORDS.
#include <charconv>

#include "planner/types/text.h"
#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"
#include "runtime/functions/json_cursor.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

// "$.a.b", "$.list[0]", "$[\"any text\"]".
class JsonPath {
 public:
  static Result<JsonPath> parse(std::string_view text) {
    JsonPath path;
    const auto invalid = [&] { return row_error("Invalid JSON path: '" + std::string(text) + "'"); };
    if (!text.starts_with('$')) return invalid();
    for (std::size_t at = 1; at < text.size();) {
      const bool ok = text[at] == '.' ? path.take_name(text, at) : path.take_bracket(text, at);
      if (!ok) return invalid();
    }
    return path;
  }

  // The text of the value at the path; nothing where it is absent or null. Reads one whole value.
  Result<std::optional<std::string>> find(JsonCursor& cursor) const { return find(cursor, 0); }

 private:
  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
  }

  bool take_name(std::string_view text, std::size_t& at) {
    const std::size_t begin = ++at;
    while (at < text.size() && (is_word(text[at]) || text[at] == ':' || text[at] == '@')) ++at;
    segments_.emplace_back(text.substr(begin, at - begin));
    return at > begin;
  }
  bool take_bracket(std::string_view text, std::size_t& at) {
    if (text[at] != '[') return false;
    if (++at < text.size() && text[at] == '"') return take_quoted(text, at);
    const std::size_t begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    segments_.emplace_back(text.substr(begin, at - begin));
    return at > begin && at < text.size() && text[at++] == ']';
  }
  bool take_quoted(std::string_view text, std::size_t& at) {
    std::string segment;
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      const bool escaped =
          text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
      if (escaped) ++at;
      segment.push_back(text[at]);
    }
    segments_.push_back(std::move(segment));
    if (text.substr(at, 2) != "\"]") return false;
    at += 2;
    return true;
  }

  Result<std::optional<std::string>> find(JsonCursor& cursor, std::size_t depth) const {
    std::optional<std::string> found;
    THALWEG_TRY(const JsonKind kind, cursor.kind());
    if (depth == segments_.size()) {
      if (kind == JsonKind::kNull) {
        THALWEG_CHECK(cursor.skip_value());
        return found;
      }
      THALWEG_TRY(found, json_value_as_text(cursor, kind));
      return found;
    }
    const std::string& segment = segments_[depth];
    const auto step = [&](bool wanted) -> Result<void> {
      if (!wanted) return cursor.skip_value();
      THALWEG_TRY(found, find(cursor, depth + 1));
      return {};
    };
    if (kind == JsonKind::kObject) {
      THALWEG_CHECK(cursor.for_each_member([&](const std::string& name) { return step(name == segment); }));
    } else if (kind == JsonKind::kArray) {
      const auto index = planner::parse_int(segment);
      std::int32_t at = 0;
      THALWEG_CHECK(cursor.for_each_item([&] { return step(index == at++); }));
    } else {
      THALWEG_CHECK(cursor.skip_value());
    }
    return found;
  }

  std::vector<std::string> segments_;
};

// The last path of a call site; paths are nearly always constant.
struct CachedPath {
  std::string text;
  std::optional<JsonPath> path;

  Result<const JsonPath*> get(std::string_view wanted) {
    if (!path || text != wanted) {
      THALWEG_TRY(path, JsonPath::parse(wanted));
      text = wanted;
    }
    return &*path;
  }
};

Result<std::optional<std::string>> extract(CachedPath& cache, std::string_view json,
                                           std::string_view path_text) {
  THALWEG_TRY(const JsonPath* path, cache.get(path_text));
  JsonCursor cursor(json);
  if (cursor.at_end()) return std::optional<std::string>();
  return path->find(cursor);
}

bool is_fractional(std::string_view number) { return number.find_first_of(".eE") != number.npos; }

bool number_equals(std::string_view number, const Value& wanted, const SqlType& type) {
  if (type.is(SqlKind::kDouble)) {
    return is_fractional(number) && planner::parse_java_double(number) == wanted.as_double();
  }
  if (!type.is(SqlKind::kInteger) && !type.is(SqlKind::kBigint)) return false;
  return !is_fractional(number) && planner::parse_bigint(number) == wanted.as_int();
}

Result<bool> item_equals(JsonCursor& cursor, const Value& wanted, const SqlType& type) {
  THALWEG_TRY(const JsonKind kind, cursor.kind());
  if (kind == JsonKind::kString) {
    THALWEG_TRY(const std::string text, cursor.read_string());
    return type.is(SqlKind::kString) && !wanted.is_null() && wanted.as_string() == text;
  }
  if (kind == JsonKind::kArray || kind == JsonKind::kObject) {
    THALWEG_CHECK(cursor.skip_value());
    return false;
  }
  THALWEG_TRY(const std::string_view scalar, cursor.read_scalar());
  if (kind == JsonKind::kNull || wanted.is_null()) return kind == JsonKind::kNull && wanted.is_null();
  if (kind == JsonKind::kBoolean) return type.is(SqlKind::kBoolean) && wanted.as_bool() == (scalar == "true");
  return number_equals(scalar, wanted, type);
}

Result<bool> array_contains(std::string_view json, const Value& wanted, const SqlType& type) {
  JsonCursor cursor(json);
  THALWEG_TRY(const JsonKind kind, cursor.kind());
  if (kind != JsonKind::kArray) return false;
  bool found = false;
  THALWEG_CHECK(cursor.for_each_item([&]() -> Result<void> {
    THALWEG_TRY(const bool equal, item_equals(cursor, wanted, type));
    found = found || equal;
    return {};
  }));
  return found;
}

// The cursor on a document of the given kind. Nothing if it is empty or of another kind (but well-formed).
Result<std::optional<JsonCursor>> open(std::string_view json, JsonKind wanted) {
  JsonCursor cursor(json);
  if (cursor.at_end()) return std::optional<JsonCursor>();
  THALWEG_TRY(const JsonKind kind, cursor.kind());
  if (kind == wanted) return std::optional<JsonCursor>(cursor);
  THALWEG_CHECK(cursor.skip_value());
  return std::optional<JsonCursor>();
}

Result<std::optional<std::int32_t>> array_length(std::string_view json) {
  THALWEG_TRY(auto cursor, open(json, JsonKind::kArray));
  if (!cursor) return std::optional<std::int32_t>();
  std::int32_t count = 0;
  THALWEG_CHECK(cursor->for_each_item([&] { return ++count, cursor->skip_value(); }));
  return std::optional<std::int32_t>(count);
}

Result<ArrayOf<std::string_view>> items(std::string_view json) {
  THALWEG_TRY(auto cursor, open(json, JsonKind::kArray));
  if (!cursor) return row_error("Invalid JSON format: not an array: " + std::string(json));
  ArrayOf<std::string_view> list;
  const auto copy_item = [&]() -> Result<void> {
    std::string item;
    THALWEG_CHECK(cursor->copy_value(item));
    list.items.emplace_back(std::move(item));
    return {};
  };
  THALWEG_CHECK(cursor->for_each_item(copy_item));
  return list;
}

Result<Value> keys(std::string_view json) {
  THALWEG_TRY(auto cursor, open(json, JsonKind::kObject));
  if (!cursor) return Value();
  ValueList names;
  THALWEG_CHECK(cursor->for_each_member([&](std::string name) {
    Value key(std::move(name));
    const bool known =
        std::any_of(names.begin(), names.end(), [&](const Value& held) { return planner::equal(held, key); });
    if (!known) names.push_back(std::move(key));
    return cursor->skip_value();
  }));
  return planner::make_list(std::move(names));
}

Result<Value> records(std::string_view json) {
  THALWEG_TRY(auto cursor, open(json, JsonKind::kObject));
  if (!cursor) return Value();
  planner::MapEntries entries;
  THALWEG_CHECK(cursor->for_each_member([&](std::string name) -> Result<void> {
    THALWEG_TRY(const JsonKind kind, cursor->kind());
    THALWEG_TRY(std::string text, json_value_as_text(*cursor, kind));
    entries.emplace_back(Value(std::move(name)), Value(std::move(text)));
    return {};
  }));
  return planner::make_map(std::move(entries), SqlKind::kString);
}

bool is_json(std::string_view text) {
  JsonCursor cursor(text);
  return !cursor.at_end() && cursor.skip_value().has_value();
}

void add_object_functions(FunctionLibrary& library) {
  library.add({.name = "JSON_KEYS",
               .category = "JSON",
               .doc = "The member names of a JSON object; NULL for other values.",
               .overloads = {on_values({{"jsonObj", varchar()}}, array_of(varchar()),
                                       [](const ValueCall& call) { return keys(call[0].as_string()); })},
               .examples = {{"json_keys('{\"a\": 1, \"b\": 2}')", "[a, b]"}}});

  library.add({.name = "JSON_RECORDS",
               .category = "JSON",
               .doc = "The members of a JSON object as a map of texts; NULL for other values.",
               .overloads = {on_values({{"jsonObj", varchar()}}, map_of(varchar(), varchar()),
                                       [](const ValueCall& call) { return records(call[0].as_string()); })},
               .examples = {{"json_records('{\"a\": \"x\", \"b\": [1, 2]}')", "{a=x, b=[1,2]}"}}});
}

}  // namespace

void add_json_functions(FunctionLibrary& library) {
  library.add({.name = "extractjsonfield",
               .category = "JSON",
               .doc = "The text of the value at a path such as $.a.b, $.list[0] or $[\"any name\"].",
               .arguments = {"input", "path"},
               .overloads = {scalar_per_site([](const FunctionEnvironment&) {
                 return [cache = CachedPath()](std::string_view json, std::string_view path) mutable {
                   return extract(cache, json, path);
                 };
               })},
               .examples = {{"extractjsonfield('{\"a\": {\"b\": [1, \"x\"]}}', '$.a.b[1]')", "x"},
                            {"extractjsonfield('{\"a\": 1.50}', '$.a')", "1.50"},
                            {"extractjsonfield('{}', '$.a')", "NULL"}}});

  library.add(
      {.name = "IS_JSON_STRING",
       .category = "JSON",
       .doc = "Whether the text is JSON.",
       .arguments = {"input"},
       .overloads = {scalar([](std::optional<std::string_view> text) { return text && is_json(*text); })},
       .examples = {{"is_json_string('[1, 2]')", "true"}, {"is_json_string('[1')", "false"}}});

  library.add({.name = "JSON_ARRAY_CONTAINS",
               .category = "JSON",
               .doc = "Whether a JSON array has an item equal to `val`, of the same kind.",
               .overloads = {on_values(
                   {{"jsonArray", varchar(), Nulls::kRefused}, {"val", any_type("T"), Nulls::kSeen}},
                   sql(SqlKind::kBoolean),
                   [](const ValueCall& call) -> Result<Value> {
                     const auto found = array_contains(call[0].as_string(), call[1], call.types[1]);
                     return Value(found.has_value() && *found);  // malformed text contains nothing
                   })},
               .examples = {{"json_array_contains('[1, 2]', 2)", "true"},
                            {"json_array_contains('[1, 2]', 2E0)", "false"}}});

  library.add({.name = "JSON_ARRAY_LENGTH",
               .category = "JSON",
               .doc = "The number of items of a JSON array; NULL for other values.",
               .arguments = {"jsonArray"},
               .overloads = {scalar([](std::string_view json) { return array_length(json); })},
               .examples = {{"json_array_length('[1, [2], 3]')", "3"}, {"json_array_length('{}')", "NULL"}}});

  library.add({.name = "JSON_ITEMS",
               .category = "JSON",
               .doc = "The items of a JSON array as JSON texts.",
               .arguments = {"jsonItems"},
               .overloads = {scalar([](std::string_view json) { return items(json); })},
               .examples = {{"json_items('[1, \"a\", {\"b\": 2}]')", "[1, \"a\", {\"b\":2}]"}}});

  add_object_functions(library);
}

}  // namespace thalweg::runtime
