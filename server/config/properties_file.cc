#include "server/config/properties_file.h"

#include <charconv>
#include <vector>

#include "server/config/text_file.h"

namespace thalweg::server {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

// Natural lines joined at continuations; comments and empty lines left out.
std::vector<std::string> logical_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string current;
  bool continued = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (!line.empty() && blank(line.front())) line.remove_prefix(1);
    if (!continued && (line.empty() || line.front() == '#' || line.front() == '!')) continue;
    std::size_t slashes = 0;
    while (slashes < line.size() && line[line.size() - 1 - slashes] == '\\') ++slashes;
    continued = slashes % 2 == 1;
    current += continued ? line.substr(0, line.size() - 1) : line;
    if (!continued) lines.push_back(std::exchange(current, {}));
  }
  if (!current.empty()) lines.push_back(std::move(current));
  return lines;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

Result<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'u') {
      unsigned code = 0;
      const auto digits = text.substr(i + 1, 4);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (digits.size() != 4 || error != std::errc{} || end != digits.data() + 4) {
        return Error{ErrorCode::kParse, "malformed \\uxxxx escape"};
      }
      append_utf8(out, code);
      i += 4;
    } else {
      out += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
    }
  }
  return out;
}

}  // namespace

Result<std::map<std::string, std::string>> parse_properties(std::string_view text) {
  std::map<std::string, std::string> properties;
  for (const auto& line : logical_lines(text)) {
    std::size_t end = 0;
    while (end < line.size() && line[end] != '=' && line[end] != ':' && !blank(line[end])) {
      end += line[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, line.size());
    std::size_t value = end;
    while (value < line.size() && blank(line[value])) ++value;
    if (value < line.size() && (line[value] == '=' || line[value] == ':')) ++value;
    while (value < line.size() && blank(line[value])) ++value;
    THALWEG_TRY(auto name, unescape(std::string_view(line).substr(0, end)));
    THALWEG_TRY(properties[name], unescape(std::string_view(line).substr(value)));
  }
  return properties;
}

Result<std::map<std::string, std::string>> read_properties_file(const std::string& path) {
  THALWEG_TRY(const auto text, read_text_file(path, "configuration file "));
  auto properties = parse_properties(text);
  if (!properties) properties.error().message += " in " + path;
  return properties;
}

}  // namespace thalweg::server
