// CONCAT, CONCAT_WS, UUID.
#include <algorithm>
#include <cstdio>

#include "runtime/functions/families.h"
#include "runtime/functions/random_source.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {
namespace {

std::string_view view_of(std::string_view text) { return text; }
std::string_view view_of(Bytes bytes) { return bytes.view; }

// The parts that are not NULL, one after the other, in memory of the batch.
template <typename T>
std::string_view join(Arena& arena, const Variadic<T>& parts, std::size_t first, std::string_view separator) {
  std::size_t size = 0;
  for (std::size_t i = first; i < parts.size(); ++i) {
    if (const auto part = parts[i]) size += view_of(*part).size() + separator.size();
  }
  char* const begin = arena.array<char>(size);
  char* at = begin;
  const auto append = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
  bool separate = false;
  for (std::size_t i = first; i < parts.size(); ++i) {
    const auto part = parts[i];
    if (!part) continue;
    if (separate) append(separator);
    append(view_of(*part));
    separate = true;
  }
  return {begin, static_cast<std::size_t>(at - begin)};
}

template <typename T>
Overload concat() {
  return scalar([](Arena& arena, Variadic<T> parts) -> T { return T{join(arena, parts, 0, {})}; });
}

template <typename T>
Overload concat_with_separator() {
  return scalar([](Arena& arena, Variadic<T> parts) -> Result<std::optional<T>> {
    if (parts.size() < 2) return row_error("Function Concat_WS expects at least two input arguments.");
    const auto separator = parts[0];
    if (!separator) return std::nullopt;
    return std::optional<T>(T{join(arena, parts, 1, view_of(*separator))});
  });
}

std::string canonical_uuid(std::uint64_t high, std::uint64_t low) {
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

void add_text_composition_functions(FunctionLibrary& library) {
  library.add({.name = "concat",
               .category = "STRING",
               .doc = "Puts texts or bytes one after the other; NULLs are skipped.",
               .arguments = {"inputs"},
               .overloads = {concat<std::string_view>(), concat<Bytes>()},
               .examples = {{"concat('a', CAST(NULL AS STRING), 'b')", "ab"}}});

  library.add({.name = "concat_ws",
               .category = "STRING",
               .doc =
                   "Puts texts or bytes one after the other with the first argument between them; NULLs are "
                   "skipped.",
               .arguments = {"inputs"},
               .overloads = {concat_with_separator<std::string_view>(), concat_with_separator<Bytes>()},
               .examples = {{"concat_ws('-', 'a', CAST(NULL AS STRING), 'b')", "a-b"}}});

  library.add(
      {.name = "UUID",
       .category = "STRING",
       .doc = "A random UUID, or the text form of 16 bytes.",
       .arguments = {"bytes"},
       .overloads = {scalar_per_site([](const FunctionEnvironment& environment) {
                       return [source = RandomSource::of_call_site(environment)]() mutable -> std::string {
                         const std::uint64_t high = (source.next() & ~0xf000ULL) | 0x4000;  // version 4
                         const std::uint64_t low = (source.next() & ~(3ULL << 62)) | 1ULL << 63;
                         return canonical_uuid(high, low);
                       };
                     }),
                     scalar([](Bytes bytes) -> std::optional<std::string> {
                       if (bytes.view.size() != 16) return std::nullopt;
                       return canonical_uuid(big_endian(bytes.view.substr(0, 8)),
                                             big_endian(bytes.view.substr(8)));
                     })},
       .examples = {{"len(uuid())", "36"},
                    {"uuid(to_bytes('00112233445566778899aabbccddeeff', 'hex'))",
                     "00112233-4455-6677-8899-aabbccddeeff"}}});
}

}  // namespace thalweg::runtime
