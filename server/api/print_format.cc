#include "server/api/print_format.h"

#include <simdjson.h>

#include <array>
#include <bit>
#include <cstdio>
#include <ctime>
#include <vector>

#include "planner/types/text.h"
#include "runtime/storage/storage.h"
#include "server/api/json_value.h"

namespace thalweg::server {
namespace {

constexpr std::int64_t kPlausibleMax = 253'402'300'800'000;  // year 10000

bool printable(std::string_view bytes) {
  if (!simdjson::validate_utf8(bytes.data(), bytes.size())) return false;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') return false;
  }
  return true;
}

// Window bounds are times of our days; small integers are not.
bool plausible_time(std::uint64_t value) { return value < static_cast<std::uint64_t>(kPlausibleMax); }

std::string rowtime(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text;
  const int rest = static_cast<int>(ms - static_cast<std::int64_t>(seconds) * 1000);
  std::snprintf(text.data(), text.size(), "%04d/%02d/%02d %02d:%02d:%02d.%03d Z", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
  return text.data();
}

}  // namespace

FormatGuess::Window FormatGuess::window_of(std::string_view bytes) {
  if (bytes.size() > 16 && plausible_time(runtime::read_u64_be(bytes.substr(bytes.size() - 8))) &&
      plausible_time(runtime::read_u64_be(bytes.substr(bytes.size() - 16))) && !printable(bytes)) {
    return Window::kSession;
  }
  if (bytes.size() > 8 && plausible_time(runtime::read_u64_be(bytes.substr(bytes.size() - 8))) &&
      !printable(bytes)) {
    return Window::kTime;
  }
  return Window::kNone;
}

void FormatGuess::see(std::string_view bytes) {
  const auto window = window_of(bytes);
  if (!seen_) window_ = window;
  seen_ = true;
  if (window_ != Window::kNone && window != window_) window_ = Window::kNone;
  const std::size_t suffix = window_ == Window::kSession ? 16 : window_ == Window::kTime ? 8 : 0;
  see_plain(bytes.substr(0, bytes.size() - suffix));
}

void FormatGuess::see_plain(std::string_view bytes) {
  const bool text = printable(bytes);
  text_ = text_ && text;
  json_ = json_ && text && parse_json(bytes).has_value();
  int32_ = int32_ && bytes.size() == 4 && !text;
  int64_ = int64_ && bytes.size() == 8 && !text;
}

std::string FormatGuess::names() const {
  std::vector<std::string> names;
  if (json_) names.emplace_back("JSON");
  if (int32_) names.emplace_back("KAFKA_INT");
  if (int64_) names.insert(names.end(), {"KAFKA_BIGINT", "KAFKA_DOUBLE"});
  if (text_) names.emplace_back("KAFKA_STRING");
  if (!seen_ || names.empty()) return seen_ ? "UNRECOGNIZED_BYTES" : "¯\\_(ツ)_/¯ - no data processed";
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += " or ";
    if (window_ == Window::kNone) {
      out += name;
    } else if (window_ == Window::kSession) {
      out += "SESSION(" + name + ")";
    } else {
      out += "HOPPING(" + name + ") or TUMBLING(" + name + ")";
    }
  }
  return out;
}

std::string FormatGuess::print_plain(std::string_view bytes) const {
  if (json_ || text_) {
    if (printable(bytes)) return std::string(bytes);
  } else if (int32_ && bytes.size() == 4) {
    return std::to_string(std::bit_cast<std::int32_t>(runtime::read_u32_be(bytes)));
  } else if (int64_ && bytes.size() == 8) {
    return std::to_string(std::bit_cast<std::int64_t>(runtime::read_u64_be(bytes)));
  }
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "0x";
  for (const char c : bytes) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string FormatGuess::print(std::string_view bytes) const {
  if (window_ == Window::kNone || window_of(bytes) != window_) return print_plain(bytes);
  const bool session = window_ == Window::kSession;
  const auto plain = bytes.substr(0, bytes.size() - (session ? 16 : 8));
  const auto last = std::to_string(runtime::read_u64_be(bytes.substr(bytes.size() - 8)));
  if (!session) return "[" + print_plain(plain) + "@" + last + "/-]";
  const auto first =
      std::to_string(runtime::read_u64_be(bytes.substr(bytes.size() - 16)));  // the end comes first
  return "[" + print_plain(plain) + "@" + last + "/" + first + "]";
}

std::string print_record(const runtime::RecordBatch& batch, std::uint32_t index, std::int32_t partition,
                         const FormatGuess& key, const FormatGuess& value) {
  const auto time = batch.timestamp_ms(index);
  std::string line = "rowtime: " + (time < 0 ? std::string("N/A") : rowtime(time));
  line += ", key: " + (batch.key_is_null(index) ? std::string("<null>") : key.print(batch.key(index)));
  line +=
      ", value: " + (batch.value_is_null(index) ? std::string("<null>") : value.print(batch.value(index)));
  return line + ", partition: " + std::to_string(partition);
}

}  // namespace thalweg::server
