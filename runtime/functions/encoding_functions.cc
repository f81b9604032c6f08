// TO_BYTES, FROM_BYTES, ENCODE, MD5.
#include <algorithm>

#include <openssl/evp.h>

#include "planner/types/text.h"
#include "planner/types/utf8.h"
#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"
#include "runtime/functions/utf16_text.h"

namespace thalweg::runtime {
namespace {

enum class Encoding : std::uint8_t { kHex, kUtf8, kAscii, kBase64 };

std::optional<Encoding> find_encoding(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower == "hex") return Encoding::kHex;
  if (lower == "utf8") return Encoding::kUtf8;
  if (lower == "ascii") return Encoding::kAscii;
  if (lower == "base64") return Encoding::kBase64;
  return std::nullopt;
}

Result<Encoding> encoding_of(std::string_view name) {
  if (const auto encoding = find_encoding(name)) return *encoding;
  return row_error("Unknown encoding type '" + std::string(name) +
                   "'. Supported formats are 'hex', 'utf8', 'ascii', and 'base64'.");
}

std::string to_hex(std::string_view bytes, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0)
    return row_error("hexadecimal text has an odd number of digits: " + std::string(text));
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return row_error("not a hexadecimal text: " + std::string(text));
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

// Every character beyond ASCII becomes '?'.
std::string to_ascii(std::string_view text) {
  std::string out;
  for (const char16_t unit : to_units(text)) {
    if (is_low_surrogate(unit)) continue;
    out.push_back(unit < 0x80 ? static_cast<char>(unit) : '?');
  }
  return out;
}

// Malformed sequences become U+FFFD.
std::string clean_utf8(std::string_view bytes) {
  if (is_ascii(bytes)) return std::string(bytes);
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) append_utf8(out, planner::next_code_point(bytes, at));
  return out;
}

std::string ascii_to_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) append_utf8(out, static_cast<unsigned char>(c) < 0x80 ? char32_t(c) : U'\xFFFD');
  return out;
}

Result<std::string> decode_strictly(std::string_view text, Encoding encoding) {
  switch (encoding) {
    case Encoding::kHex: return from_hex(text);
    case Encoding::kUtf8: return std::string(text);
    case Encoding::kAscii: return to_ascii(text);
    case Encoding::kBase64:
      if (auto bytes = planner::base64_decode(text, planner::Base64Padding::kOptional))
        return std::move(*bytes);
      return row_error("not a base64 text: " + std::string(text));
  }
  return row_error("unknown encoding");
}

std::string encode_bytes(std::string_view bytes, Encoding encoding, bool upper_hex) {
  switch (encoding) {
    case Encoding::kHex: return to_hex(bytes, upper_hex);
    case Encoding::kUtf8: return clean_utf8(bytes);
    case Encoding::kAscii: return ascii_to_text(bytes);
    case Encoding::kBase64: return planner::base64_encode(bytes);
  }
  return {};
}

// ENCODE also reads 0x…, where an odd count gets a leading 0, and X'…'.
Result<std::string> decode_hex_literal(std::string_view text) {
  if (text.starts_with("0x")) {
    std::string digits(text.substr(2));
    if (digits.size() % 2 != 0) digits.insert(digits.begin(), '0');
    return from_hex(digits);
  }
  const bool quoted =
      text.size() >= 3 && (text.starts_with("X'") || text.starts_with("x'")) && text.ends_with('\'');
  return from_hex(quoted ? text.substr(2, text.size() - 3) : text);
}

// Leaves out what is no base64 character, as lenient decoders do.
Result<std::string> decode_base64_leniently(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/') kept.push_back(c);
    if (c == '-') kept.push_back('+');
    if (c == '_') kept.push_back('/');
    if (c == '=') break;
  }
  if (kept.size() % 4 == 1) kept.pop_back();
  if (auto bytes = planner::base64_decode(kept, planner::Base64Padding::kOptional)) return std::move(*bytes);
  return row_error("not a base64 text: " + std::string(text));
}

Result<std::string> encode(std::string_view text, std::string_view from_name, std::string_view to_name) {
  const auto from = find_encoding(from_name);
  const auto to = find_encoding(to_name);
  if (!from || !to || *from == *to) {
    return row_error("Supported input and output encodings are: hex, utf8, ascii and base64");
  }
  Result<std::string> bytes = *from == Encoding::kHex      ? decode_hex_literal(text)
                              : *from == Encoding::kBase64 ? decode_base64_leniently(text)
                                                           : decode_strictly(text, *from);
  if (!bytes) return bytes;
  return encode_bytes(*bytes, *to, false);
}

std::string md5(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr);
  return to_hex({reinterpret_cast<const char*>(digest), size}, false);
}

}  // namespace

void add_encoding_functions(FunctionLibrary& library) {
  library.add({.name = "to_bytes",
               .category = "STRING",
               .doc = "Reads bytes from a text in one of the encodings hex, utf8, ascii, base64.",
               .arguments = {"value", "encoding"},
               .overloads = {scalar([](std::string_view text, std::string_view name) -> Result<OwnedBytes> {
                 THALWEG_TRY(const Encoding encoding, encoding_of(name));
                 THALWEG_TRY(std::string bytes, decode_strictly(text, encoding));
                 return OwnedBytes{std::move(bytes)};
               })},
               .examples = {{"from_bytes(to_bytes('6869', 'hex'), 'utf8')", "hi"}}});

  library.add({.name = "from_bytes",
               .category = "STRING",
               .doc = "Writes bytes as a text in one of the encodings hex, utf8, ascii, base64.",
               .arguments = {"value", "encoding"},
               .overloads = {scalar([](Bytes bytes, std::string_view name) -> Result<std::string> {
                 THALWEG_TRY(const Encoding encoding, encoding_of(name));
                 return encode_bytes(bytes.view, encoding, true);
               })},
               .examples = {{"from_bytes('aGk=', 'utf8')", "hi"}, {"from_bytes('/v8=', 'hex')", "FEFF"}}});

  library.add({.name = "encode",
               .category = "STRING",
               .doc = "Translates a text from one of the encodings hex, utf8, ascii, base64 to another.",
               .arguments = {"str", "inputEncoding", "outputEncoding"},
               .overloads = {scalar([](std::string_view text, std::string_view from, std::string_view to) {
                 return encode(text, from, to);
               })},
               .examples = {{"encode('4578616d706c652121', 'hex', 'ascii')", "Example!!"},
                            {"encode('hi', 'utf8', 'base64')", "aGk="}}});

  library.add({.name = "md5",
               .category = "STRING",
               .doc = "The MD5 hash of the text's UTF-8 bytes as lower-case hexadecimal digits.",
               .arguments = {"s"},
               .overloads = {scalar([](std::string_view text) { return md5(text); })},
               .examples = {{"md5('')", "d41d8cd98f00b204e9800998ecf8427e"}}});
}

}  // namespace thalweg::runtime
