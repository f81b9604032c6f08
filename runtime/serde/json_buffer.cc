#include <emmintrin.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "planner/types/text.h"
#include "runtime/serde/json_writer.h"

namespace thalweg::runtime {

using planner::SqlKind;

namespace {

// Nonzero bits where a byte needs an escape: controls, '"' and '\'.
int escapes_in(__m128i bytes) {
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash)));
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// Copies text that needs no escapes; false when it met one. Blocks overlap at the end, so that nothing
// outside `text` is read.
bool copy_plain(const char* text, std::size_t size, char* to) {
  if (size >= 16) {
    for (std::size_t i = 0;; i += 16) {
      i = std::min(i, size - 16);
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), bytes);
      if (escapes_in(bytes) != 0) return false;
      if (i == size - 16) return true;
    }
  }
  if (size >= 8) {
    const __m128i head = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text));
    const __m128i tail = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text + size - 8));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), head);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + size - 8), tail);
    return escapes_in(_mm_unpacklo_epi64(head, tail)) == 0;
  }
  bool plain = true;
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = text[i];
    plain &= !needs_escape(text[i]);
  }
  return plain;
}

char short_escape(char c) {
  switch (c) {
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '"':
    case '\\': return c;
    default: return 0;
  }
}

}  // namespace

void JsonBuffer::grow(std::size_t size) {
  const auto used = static_cast<std::size_t>(at_ - bytes_.get());
  const std::size_t capacity = std::max<std::size_t>(2 * (used + size), 1024);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (used != 0) std::memcpy(larger.get(), bytes_.get(), used);
  bytes_ = std::move(larger);
  at_ = bytes_.get() + used;
  end_ = bytes_.get() + capacity;
}

void JsonBuffer::append_integer(std::int64_t value) {
  reserve(24);
  at_ = std::to_chars(at_, at_ + 24, value).ptr;
}

void JsonBuffer::append_boolean(bool value) {
  reserve(5);
  append(value ? "true" : "false");
}

void JsonBuffer::append_double(double value) {
  reserve(40);
  scratch_.clear();
  planner::append_double(scratch_, value);
  const bool number = std::isfinite(value);
  if (!number) put('"');
  append(scratch_);
  if (!number) put('"');
}

void JsonBuffer::append_decimal(planner::Int128 unscaled, std::int32_t scale) {
  const auto small = static_cast<std::int64_t>(unscaled);
  if (scale == 0 && small == unscaled) return append_integer(small);
  const std::string text = planner::to_plain_string({unscaled, scale});
  reserve(text.size());
  append(text);
}

void JsonBuffer::append_string(std::string_view text) {
  reserve(text.size() + 2);
  put('"');
  if (copy_plain(text.data(), text.size(), at_)) [[likely]] {
    at_ += text.size();
    put('"');
  } else {
    append_escaped(text);
  }
}

void JsonBuffer::append_escaped(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  reserve(text.size() * 6 + 1);
  for (const char c : text) {
    if (!needs_escape(c)) {
      put(c);
    } else if (const char letter = short_escape(c)) {
      put('\\');
      put(letter);
    } else {
      append("\\u00");
      put(kHex[c >> 4]);
      put(kHex[c & 15]);
    }
  }
  put('"');
}

void JsonBuffer::append_base64(std::string_view bytes) {
  const std::string text = planner::base64_encode(bytes);
  reserve(text.size() + 2);
  put('"');
  append(text);
  put('"');
}

void JsonBuffer::append_value(const planner::Value& value, const planner::SqlType& type) {
  if (value.is_null()) {
    reserve(4);
    append("null");
    return;
  }
  switch (type.kind()) {
    case SqlKind::kBoolean: return append_boolean(value.as_bool());
    case SqlKind::kInteger:
    case SqlKind::kBigint:
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: return append_integer(value.as_int());
    case SqlKind::kDouble: return append_double(value.as_double());
    case SqlKind::kDecimal: return append_decimal(value.as_decimal().unscaled, value.as_decimal().scale);
    case SqlKind::kString: return append_string(value.as_string());
    case SqlKind::kBytes: return append_base64(value.as_string());
    case SqlKind::kArray: return append_list(value.as_list(), type);
    case SqlKind::kMap: return append_map(value.as_map(), type);
    case SqlKind::kStruct: return append_structure(value.as_list(), type);
  }
}

void JsonBuffer::append_list(const planner::ValueList& items, const planner::SqlType& type) {
  reserve(1);
  put('[');
  for (std::size_t i = 0; i < items.size(); ++i) {
    reserve(1);
    if (i > 0) put(',');
    append_value(items[i], type.element());
  }
  reserve(1);
  put(']');
}

void JsonBuffer::append_structure(const planner::ValueList& items, const planner::SqlType& type) {
  reserve(1);
  put('{');
  for (std::size_t i = 0; i < items.size(); ++i) {
    reserve(1);
    if (i > 0) put(',');
    append_string(type.fields()[i].name);
    reserve(1);
    put(':');
    append_value(items[i], type.fields()[i].type);
  }
  reserve(1);
  put('}');
}

void JsonBuffer::append_map(const planner::MapEntries& entries, const planner::SqlType& type) {
  reserve(1);
  put('{');
  for (std::size_t i = 0; i < entries.size(); ++i) {
    reserve(1);
    if (i > 0) put(',');
    append_string(entries[i].first.is_null() ? "null"
                                             : planner::cast_to_string(entries[i].first, type.key()));
    reserve(1);
    put(':');
    append_value(entries[i].second, type.value());
  }
  reserve(1);
  put('}');
}

}  // namespace thalweg::runtime
