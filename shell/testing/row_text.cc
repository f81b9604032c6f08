#include "shell/testing/row_text.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>

#include "planner/types/text.h"
#include "planner/types/utf8.h"
#include "runtime/serde/serde.h"
#include "shell/testing/test_file.h"

namespace thalweg::shell {
namespace {

using planner::SqlKind;
using planner::Value;

constexpr std::int64_t kDayMs = 86'400'000;

Error bad_row(std::string message) { return Error(ErrorCode::kParse, std::move(message)); }

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Cuts at " | " outside quotes; a missing space at either end of the row is forgiven.
std::vector<std::string> split_cells(std::string_view text) {
  std::vector<std::string> cells;
  char quote = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++i;
      if (c == '\'' && quote == c && i + 1 < text.size() && text[i + 1] == c) {
        ++i;  // a doubled quote stands for itself
      } else if (c == quote) {
        quote = 0;
      }
    } else if (c == '"' || (c == '\'' && trim(text.substr(begin, i - begin)).empty())) {
      quote = c;
    } else if (c == '|') {
      cells.emplace_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  cells.emplace_back(trim(text.substr(begin)));
  return cells;
}

std::vector<runtime::Header> parse_header_cell(std::string_view cell) {
  std::vector<runtime::Header> headers;
  for (const std::string& word : words(cell)) {
    const std::string_view text = std::string_view(word).substr(1);
    const auto equals = text.find('=');
    runtime::Header header{std::string(text.substr(0, equals)), std::nullopt};
    if (equals != text.npos) header.value = std::string(text.substr(equals + 1));
    headers.push_back(std::move(header));
  }
  return headers;
}

// A time, or the number of a row.
Result<std::int64_t> parse_bound(std::string_view text) {
  if (const auto number = whole_number(text)) return *number;
  return parse_time_text(text);
}

Result<void> parse_window(std::string_view& rest, RowText& row) {
  const auto close = rest.find_first_of(")]");
  const auto comma = rest.find(',');
  if (close == rest.npos || comma == rest.npos || comma > close) return bad_row("a window is [start,end)");
  THALWEG_TRY(const auto start, parse_bound(trim(rest.substr(1, comma - 1))));
  THALWEG_TRY(const auto end, parse_bound(trim(rest.substr(comma + 1, close - comma - 1))));
  row.window = {start, end};
  rest = trim(rest.substr(close + 1));
  return {};
}

// "[0:00,1:00)", "[0:00,0:05]", "[0,3)"; "[0,3]" is a list.
bool looks_like_window(std::string_view text) {
  if (text.size() < 2 || text[0] != '[' || std::isdigit(static_cast<unsigned char>(text[1])) == 0)
    return false;
  const auto close = text.find_first_of(")]");
  if (close == text.npos) return false;
  const auto list = text.find_first_not_of("0123456789, ", 1) == close;
  return text[close] == ')' ? list || text.find(':') < close : text.find(':') < close;
}

std::string unquote(std::string_view cell) {
  std::string out;
  for (std::size_t i = 1; i + 1 < cell.size(); ++i) {
    out += cell[i];
    if (cell[i] == '\'') ++i;
  }
  return out;
}

bool is_quoted(std::string_view cell) {
  return cell.size() >= 2 && cell.front() == '\'' && cell.back() == '\'';
}

Result<Value> parse_nested(std::string_view cell, const planner::SqlType& type) {
  runtime::SideSchema schema;
  schema.topic = "cell";
  schema.format = {{"JSON", {}}, planner::Wrapping::kUnwrapped};
  schema.fields = {{"CELL", type}};
  const std::array<std::int32_t, 1> needed{0};
  THALWEG_TRY(const auto reader, runtime::make_deserializer(schema, needed));
  THALWEG_TRY(auto values, reader->decode_one(cell, false));
  return std::move(values.front());
}

template <typename T>
Result<Value> number_or_error(const std::optional<T>& parsed, std::string_view cell,
                              const planner::SqlType& type) {
  if (!parsed) return bad_row("'" + std::string(cell) + "' is no " + planner::to_string(type));
  return Value(static_cast<std::int64_t>(*parsed));
}

bool needs_quotes(std::string_view text) {
  if (text.empty() || text == "NULL" || text.front() == '\'' || text.front() == '^' || text.front() == '[' ||
      text.front() == '@') {
    return true;
  }
  return trim(text) != text || text.find('|') != text.npos || text.starts_with('#') ||
         text.find(" #") != text.npos || text.find('"') != text.npos || text.starts_with("- ");
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

}  // namespace

std::string time_text(std::int64_t ms) {
  if (ms < 0) return std::to_string(ms) + "ms";
  if (ms >= kDayMs) {
    std::string text = planner::timestamp_to_string(ms);
    if (text.ends_with(".000")) text.resize(text.size() - 4);
    return text;
  }
  std::array<char, 40> buffer{};
  const long long seconds = ms / 1000;
  if (seconds >= 3600) {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60,
                  seconds % 60);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld", seconds / 60, seconds % 60);
  }
  std::string text = buffer.data();
  if (ms % 1000 != 0) {
    std::snprintf(buffer.data(), buffer.size(), ".%03lld", static_cast<long long>(ms % 1000));
    text += buffer.data();
  }
  return text;
}

Result<std::int64_t> parse_time_text(std::string_view text) {
  const Error error =
      bad_row("'" + std::string(text) + "' is no time: write 1:04, 0:00.250, 1:02:03 or ISO text");
  if (text.ends_with("ms")) {
    const auto ms = whole_number(text.substr(0, text.size() - 2));
    if (!ms) return error;
    return *ms;
  }
  if (text.find('-') != text.npos) {
    const auto ms = planner::parse_timestamp(text);
    if (!ms) return error;
    return *ms;
  }
  std::int64_t fraction_ms = 0;
  if (const auto dot = text.find('.'); dot != text.npos) {
    std::string digits(text.substr(dot + 1));
    digits.resize(3, '0');
    const auto parsed = whole_number(digits);
    if (!parsed) return error;
    fraction_ms = *parsed;
    text = text.substr(0, dot);
  }
  std::int64_t seconds = 0;
  for (int parts = 0;; ++parts) {
    const auto colon = text.find(':');
    const auto part = whole_number(text.substr(0, colon));
    if (!part || (colon == text.npos && parts == 0)) return error;
    seconds = seconds * 60 + *part;
    if (colon == text.npos) break;
    text = text.substr(colon + 1);
  }
  return seconds * 1000 + fraction_ms;
}

std::string window_text(std::int64_t start, std::int64_t end, const planner::WindowInfo& window) {
  if (window.counts_rows) return "[" + std::to_string(start) + "," + std::to_string(end) + ")";
  const bool session = window.type == ast::WindowType::kSession;
  return "[" + time_text(start) + "," + time_text(end) + (session ? "]" : ")");
}

Result<RowText> parse_row(std::string_view line) {
  RowText row;
  std::string_view rest = trim(line);
  if (rest.starts_with('@')) {
    const auto space = rest.find_first_of(" \t");
    THALWEG_TRY(row.time_ms, parse_time_text(rest.substr(1, space == rest.npos ? rest.npos : space - 1)));
    rest = space == rest.npos ? std::string_view{} : trim(rest.substr(space));
  }
  if (rest == "-" || rest.starts_with("- ")) {
    row.null_value = true;
    rest = trim(rest.substr(1));
  }
  if (looks_like_window(rest)) THALWEG_CHECK(parse_window(rest, row));
  if (rest.empty()) return row;
  row.cells = split_cells(rest);
  if (row.cells.back().starts_with('^')) {
    row.headers = parse_header_cell(row.cells.back());
    row.cells.pop_back();
  }
  return row;
}

Result<Value> parse_cell(std::string_view cell, const planner::SqlType& type) {
  if (cell == "NULL") return Value{};
  const std::string text = is_quoted(cell) ? unquote(cell) : std::string(cell);
  switch (type.kind()) {
    case SqlKind::kBoolean:
      if (text != "true" && text != "false") return bad_row("'" + text + "' is no BOOLEAN");
      return Value(text == "true");
    case SqlKind::kInteger: return number_or_error(planner::parse_int(text), text, type);
    case SqlKind::kBigint:
      if (text.starts_with('@')) {
        THALWEG_TRY(const auto ms, parse_time_text(std::string_view(text).substr(1)));
        return Value(ms);
      }
      return number_or_error(planner::parse_bigint(text), text, type);
    case SqlKind::kDouble: {
      const auto number = planner::parse_java_double(text);
      if (!number) return bad_row("'" + text + "' is no DOUBLE");
      return Value(*number);
    }
    case SqlKind::kDecimal: {
      const auto number = planner::parse_decimal(text);
      if (!number) return bad_row("'" + text + "' is no DECIMAL");
      THALWEG_TRY(auto fitted, planner::fit_exactly(*number, type.precision(), type.scale()));
      return Value(fitted);
    }
    case SqlKind::kString: return Value(text);
    case SqlKind::kBytes: {
      auto bytes = planner::base64_decode(text);
      if (!bytes) return bad_row("'" + text + "' is no base64");
      return Value(std::move(*bytes));
    }
    case SqlKind::kDate: return number_or_error(planner::parse_date(text), text, type);
    case SqlKind::kTime: return number_or_error(planner::parse_time(text), text, type);
    case SqlKind::kTimestamp: return number_or_error(planner::parse_timestamp(text), text, type);
    case SqlKind::kArray:
    case SqlKind::kMap:
    case SqlKind::kStruct: return parse_nested(text, type);
  }
  return bad_row("unknown type");
}

std::string cell_text(const Value& value, const planner::SqlType& type) {
  if (value.is_null()) return "NULL";
  switch (type.kind()) {
    case SqlKind::kBoolean: return value.as_bool() ? "true" : "false";
    case SqlKind::kInteger:
    case SqlKind::kBigint: return std::to_string(value.as_int());
    case SqlKind::kDouble: return planner::double_to_string(value.as_double());
    case SqlKind::kDecimal: return planner::to_plain_string(value.as_decimal());
    case SqlKind::kString:
      return needs_quotes(value.as_string()) ? quoted(value.as_string()) : value.as_string();
    case SqlKind::kBytes: return value.as_string().empty() ? "''" : planner::base64_encode(value.as_string());
    case SqlKind::kDate: return planner::date_to_string(static_cast<std::int32_t>(value.as_int()));
    case SqlKind::kTime: return planner::time_to_string(static_cast<std::int32_t>(value.as_int()));
    case SqlKind::kTimestamp: return planner::timestamp_to_string(value.as_int());
    case SqlKind::kArray:
    case SqlKind::kMap:
    case SqlKind::kStruct: {
      std::string json;
      planner::append_json(json, value, type);
      return json;
    }
  }
  return {};
}

std::string cells_text(const planner::ValueList& values, const std::vector<planner::SchemaColumn>& columns) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += " | ";
    out += cell_text(values[i], columns[i].type);
  }
  return out;
}

std::string headers_text(const std::vector<runtime::Header>& headers) {
  std::string out;
  for (const runtime::Header& header : headers) {
    if (!out.empty()) out += ' ';
    out += "^" + header.name;
    if (header.value) out += "=" + bytes_text(*header.value);
  }
  return out;
}

std::string bytes_text(std::string_view bytes) {
  bool utf8 = true;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t begin = i;
    if (planner::next_code_point(bytes, i) == 0xFFFD && i == begin + 1) utf8 = false;
  }
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool looks_escaped = byte == '\\' && i + 1 < bytes.size() && bytes[i + 1] == 'x';
    if (byte < 0x20 || byte == 0x7f || looks_escaped || (byte >= 0x80 && !utf8)) {
      std::array<char, 5> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
      out += escape.data();
    } else {
      out += bytes[i];
    }
  }
  return out;
}

Result<std::string> parse_bytes_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size() || text[i + 1] != 'x') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 3 >= text.size() ||
        std::from_chars(text.data() + i + 2, text.data() + i + 4, value, 16).ptr != text.data() + i + 4) {
      return bad_row("an escape is \\x and two hexadecimal digits");
    }
    out += static_cast<char>(value);
    i += 3;
  }
  return out;
}

}  // namespace thalweg::shell
