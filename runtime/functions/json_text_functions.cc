// JSON_CONCAT, TO_JSON_STRING.
#include <algorithm>

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

using Members = std::vector<std::pair<std::string, std::string>>;  // name, compact value

// Members of an object; a later one of the same name replaces the value in its place.
Result<void> merge_object(JsonCursor& cursor, Members& members) {
  return cursor.for_each_member([&](std::string name) -> Result<void> {
    std::string value;
    THALWEG_CHECK(cursor.copy_value(value));
    const auto held =
        std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == name; });
    if (held == members.end()) {
      members.emplace_back(std::move(name), std::move(value));
    } else {
      held->second = std::move(value);
    }
    return {};
  });
}

std::string object_text(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (out.size() > 1) out += ',';
    planner::append_json_string(out, name);
    out += ':';
    out += value;
  }
  return out + '}';
}

// Appends the items of an array, or any other value as one item.
Result<void> append_items(JsonCursor& cursor, JsonKind kind, std::string& out) {
  const auto one = [&]() -> Result<void> {
    if (out.size() > 1) out += ',';
    return cursor.copy_value(out);
  };
  return kind == JsonKind::kArray ? cursor.for_each_item(one) : one();
}

Result<std::optional<std::string>> concat(const Variadic<std::string_view>& texts) {
  std::vector<JsonCursor> cursors;
  bool all_objects = true;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto text = texts[i];
    if (!text) return std::optional<std::string>();
    JsonCursor cursor(*text);
    if (cursor.at_end()) return std::optional<std::string>();
    THALWEG_TRY(const JsonKind kind, cursor.kind());
    all_objects = all_objects && kind == JsonKind::kObject;
    cursors.push_back(cursor);
  }
  if (all_objects && !cursors.empty()) {
    Members members;
    for (JsonCursor& cursor : cursors) THALWEG_CHECK(merge_object(cursor, members));
    return std::optional<std::string>(object_text(members));
  }
  std::string out = "[";
  for (JsonCursor& cursor : cursors) {
    THALWEG_TRY(const JsonKind kind, cursor.kind());
    THALWEG_CHECK(append_items(cursor, kind, out));
  }
  return std::optional<std::string>(out + ']');
}

void append_value(std::string& out, const Value& value, const SqlType& type);

using NamedValues = std::vector<std::tuple<std::string, const Value*, const SqlType*>>;

void append_object(std::string& out, NamedValues members) {
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return planner::compare_utf16(std::get<0>(a), std::get<0>(b)) < 0;
  });
  out += '{';
  bool first = true;
  for (const auto& [name, value, type] : members) {
    if (!first) out += ',';
    first = false;
    planner::append_json_string(out, name);
    out += ':';
    append_value(out, *value, *type);
  }
  out += '}';
}

void append_array(std::string& out, const ValueList& items, const SqlType& type) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    append_value(out, items[i], type);
  }
  out += ']';
}

// Unlike JSON records, dates and times are ISO texts here, and names are in order.
void append_value(std::string& out, const Value& value, const SqlType& type) {
  if (value.is_null()) {
    out += "null";
    return;
  }
  switch (type.kind()) {
    case SqlKind::kDate:
      return planner::append_json_string(out,
                                         planner::date_to_string(static_cast<std::int32_t>(value.as_int())));
    case SqlKind::kTime:
      return planner::append_json_string(out,
                                         planner::time_to_string(static_cast<std::int32_t>(value.as_int())));
    case SqlKind::kTimestamp:
      return planner::append_json_string(out, planner::timestamp_to_string(value.as_int()));
    case SqlKind::kArray: return append_array(out, value.as_list(), type.element());
    case SqlKind::kMap: {
      NamedValues members;
      for (const auto& [key, item] : value.as_map()) {
        members.emplace_back(key.is_null() ? "null" : planner::cast_to_string(key, type.key()), &item,
                             &type.value());
      }
      return append_object(out, std::move(members));
    }
    case SqlKind::kStruct: {
      NamedValues members;
      for (std::size_t i = 0; i < type.fields().size(); ++i) {
        members.emplace_back(type.fields()[i].name, &value.as_list()[i], &type.fields()[i].type);
      }
      return append_object(out, std::move(members));
    }
    case SqlKind::kBoolean:
    case SqlKind::kInteger:
    case SqlKind::kBigint:
    case SqlKind::kDouble:
    case SqlKind::kDecimal:
    case SqlKind::kString:
    case SqlKind::kBytes: return planner::append_json(out, value, type);
  }
}

}  // namespace

void add_json_text_functions(FunctionLibrary& library) {
  library.add({.name = "JSON_CONCAT",
               .category = "JSON",
               .doc = "Merges JSON objects, or makes one array of all values with arrays spliced in.",
               .arguments = {"jsonStrings"},
               .overloads = {scalar([](Variadic<std::string_view> texts) { return concat(texts); })},
               .examples = {{"json_concat('[1]', '2', '{\"a\": 1}')", "[1,2,{\"a\":1}]"},
                            {"json_concat('{\"a\": 1}', '{\"a\": 2, \"b\": 3}')", "{\"a\":2,\"b\":3}"}}});

  library.add({.name = "TO_JSON_STRING",
               .category = "JSON",
               .doc = "Any value as JSON text; names of maps and structs in order.",
               .overloads = {on_values({{"val", any_type("T"), Nulls::kSeen}}, varchar(),
                                       [](const ValueCall& call) -> Result<Value> {
                                         std::string out;
                                         append_value(out, call[0], call.types[0]);
                                         return Value(std::move(out));
                                       })},
               .examples = {{"to_json_string(ARRAY[1, NULL])", "[1,null]"},
                            {"to_json_string(STRUCT(b := 1, a := 'x'))", "{\"A\":\"x\",\"B\":1}"}}});
}

}  // namespace thalweg::runtime
