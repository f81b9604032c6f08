#include "runtime/functions/uri.h"

#include <algorithm>
#include <charconv>

#include "planner/types/utf8.h"
#include "runtime/functions/utf16_text.h"

namespace thalweg::runtime {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool contains(std::string_view set, char c) { return set.find(c) != set.npos; }
constexpr std::string_view kUnreservedMarks = "-_.!~*'()";

// Are all characters letters, digits, unreserved marks, of `extra`, non-ASCII or proper %XX escapes?
bool all_legal(std::string_view text, std::string_view extra) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return false;
      i += 2;
    } else if (!is_alnum(c) && (c & 0x80) == 0 && !contains(kUnreservedMarks, c) && !contains(extra, c)) {
      return false;
    }
  }
  return true;
}

constexpr std::string_view kAnyReserved = ";/?:@&=+$,[]";
constexpr std::string_view kPathExtra = ":@&=+$,;/";
constexpr std::string_view kRegistryExtra = "$,;:@&=+";
constexpr std::string_view kUserExtra = ";:&=+$,";

bool is_label(std::string_view label) {
  return !label.empty() && is_alnum(label.front()) && is_alnum(label.back()) &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

template <typename Each>
bool all_labels(std::string_view host, Each each) {
  for (;;) {
    const std::size_t dot = host.find('.');
    if (!each(host.substr(0, dot))) return false;
    if (dot == host.npos) return true;
    host.remove_prefix(dot + 1);
  }
}

bool is_ipv4(std::string_view host) {
  int count = 0;
  return all_labels(host,
                    [&](std::string_view part) {
                      int number = 256;
                      const auto end = std::from_chars(part.data(), part.data() + part.size(), number).ptr;
                      return ++count <= 4 && !part.empty() && part.size() <= 3 &&
                             end == part.data() + part.size() && is_digit(part[0]) && number <= 255;
                    }) &&
         count == 4;
}

// The last label has to begin with a letter, unless the whole is an IPv4 address.
bool is_host_name(std::string_view host) {
  if (is_ipv4(host)) return true;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || !all_labels(host, is_label)) return false;
  const std::size_t dot = host.rfind('.');
  return is_alpha(host[dot == host.npos ? 0 : dot + 1]);
}

bool is_ipv6(std::string_view host) {
  const std::size_t zone = host.find('%');
  const std::string_view digits = host.substr(0, zone);
  return digits.size() >= 2 && contains(digits, ':') && std::all_of(digits.begin(), digits.end(), [](char c) {
           return hex_value(c) >= 0 || c == ':' || c == '.';
         });
}

class UriParser {
 public:
  explicit UriParser(std::string_view text) : text_(text), rest_(text) {}

  Result<Uri> run() {
    if (const std::size_t hash = rest_.find('#'); hash != rest_.npos) {
      uri_.fragment = rest_.substr(hash + 1);
      rest_ = rest_.substr(0, hash);
      if (!all_legal(*uri_.fragment, kAnyReserved)) return invalid();
    }
    const std::size_t stop = rest_.find_first_of(":/?");
    if (stop != rest_.npos && rest_[stop] == ':') {
      if (!take_scheme(stop)) return invalid();
      if (!rest_.starts_with('/')) return opaque();
    }
    return hierarchical();
  }

 private:
  Error invalid() const {
    return {ErrorCode::kBadRecord, "URL input has invalid syntax: " + std::string(text_)};
  }

  bool take_scheme(std::size_t colon) {
    const std::string_view scheme = rest_.substr(0, colon);
    uri_.scheme = scheme;
    rest_.remove_prefix(colon + 1);
    return !scheme.empty() && is_alpha(scheme[0]) && std::all_of(scheme.begin(), scheme.end(), [](char c) {
      return is_alnum(c) || c == '+' || c == '-' || c == '.';
    });
  }

  Result<Uri> opaque() {
    if (rest_.empty() || !all_legal(rest_, kAnyReserved)) return invalid();
    uri_.opaque = true;
    return uri_;
  }

  Result<Uri> hierarchical() {
    if (rest_.starts_with("//")) {
      rest_.remove_prefix(2);
      const std::string_view authority = rest_.substr(0, rest_.find_first_of("/?"));
      rest_.remove_prefix(authority.size());
      if (authority.empty() ? rest_.empty() : !take_authority(authority)) return invalid();
    }
    const std::size_t question = rest_.find('?');
    uri_.path = rest_.substr(0, question);
    if (!all_legal(uri_.path, kPathExtra)) return invalid();
    if (question != rest_.npos) {
      uri_.query = rest_.substr(question + 1);
      if (!all_legal(*uri_.query, kAnyReserved)) return invalid();
    }
    return uri_;
  }

  bool take_authority(std::string_view authority) {
    return take_server(authority) || all_legal(authority, kRegistryExtra);
  }

  bool take_server(std::string_view authority) {
    if (const std::size_t at = authority.find('@'); at != authority.npos) {
      if (!all_legal(authority.substr(0, at), kUserExtra)) return false;
      authority.remove_prefix(at + 1);
    }
    std::string_view host = authority;
    std::string_view tail;
    if (authority.starts_with('[')) {
      const std::size_t close = authority.find(']');
      if (close == authority.npos || !is_ipv6(authority.substr(1, close - 1))) return false;
      host = authority.substr(0, close + 1);
      tail = authority.substr(close + 1);
    } else {
      host = authority.substr(0, authority.find(':'));
      tail = authority.substr(host.size());
      if (!is_host_name(host)) return false;
    }
    if (!tail.empty() && !take_port(tail)) return false;
    uri_.host = host;
    return true;
  }

  bool take_port(std::string_view tail) {
    if (tail[0] != ':') return false;
    tail.remove_prefix(1);
    if (tail.empty()) return true;
    std::int32_t port = 0;
    const auto [end, error] = std::from_chars(tail.data(), tail.data() + tail.size(), port);
    if (error != std::errc() || end != tail.data() + tail.size() || !is_digit(tail[0])) return false;
    uri_.port = port;
    return true;
  }

  std::string_view text_;
  std::string_view rest_;
  Uri uri_;
};

}  // namespace

Result<Uri> parse_uri(std::string_view text) { return UriParser(text).run(); }

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      bytes.push_back(' ');
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      bytes.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      bytes.push_back(text[i]);
    }
  }
  if (is_ascii(bytes)) return bytes;
  std::string clean;
  for (std::size_t at = 0; at < bytes.size();) append_utf8(clean, planner::next_code_point(bytes, at));
  return clean;
}

std::string form_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alnum(c) || contains(".-*_", c)) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      out.push_back('%');
      out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    }
  }
  return out;
}

}  // namespace thalweg::runtime
