// Text → fields. Positions count bytes; negative ones are errors, ~position as in java.time.
#include <algorithm>

#include "planner/types/datetime_items.h"
#include "planner/types/datetime_names.h"
#include "planner/types/text.h"
#include "planner/types/zone_names.h"

namespace thalweg::planner {

namespace {

using Kind = DateItem::Kind;
using Position = std::ptrdiff_t;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  Reader(std::string_view text, ParseStyle style) : text_(text), style_(style) {}

  Position all(const DateItems& items, Position at) {
    for (const DateItem& item : items) {
      at = item.pad_width > 0 ? padded(item, at) : one(item, at);
      if (at < 0) return at;
    }
    return at;
  }

  ParsedFields take_fields() { return std::move(fields_); }

 private:
  Position size() const { return static_cast<Position>(text_.size()); }
  std::string_view rest(Position at) const { return text_.substr(static_cast<std::size_t>(at)); }
  char char_at(Position at) const { return text_[static_cast<std::size_t>(at)]; }

  bool starts_with(Position at, std::string_view word) const {
    const std::string_view head = rest(at).substr(0, word.size());
    return style_.ignore_case ? equals_ignoring_case(head, word) : head == word;
  }

  Position one(const DateItem& item, Position at) {
    switch (item.kind) {
      case Kind::kLiteral:
        return starts_with(at, item.text) ? at + static_cast<Position>(item.text.size()) : ~at;
      case Kind::kNumber:
      case Kind::kReduced:
      case Kind::kFraction: return number(item, at);
      case Kind::kText: return text(item, at);
      case Kind::kOffset: return offset(item, at);
      case Kind::kLocalizedOffset: return localized_offset(item, at);
      case Kind::kZoneId:
      case Kind::kZoneName:
      case Kind::kGenericZone: return zone(item, at);
      case Kind::kOptional: {
        ParsedFields before = fields_;
        const Position end = all(item.children, at);
        if (end >= 0) return end;
        fields_ = std::move(before);
        return at;
      }
    }
    return ~at;
  }

  // Blanks up to the width, then the field, together exactly the width.
  Position padded(const DateItem& item, Position at) {
    const Position end = at + item.pad_width;
    if (end > size()) return ~at;
    Position begin = at;
    while (begin < end && char_at(begin) == ' ') ++begin;
    const std::string_view whole = text_;
    text_ = text_.substr(0, static_cast<std::size_t>(end));
    const Position stop = one(item, begin);
    text_ = whole;
    return stop == end ? stop : ~(at + (stop < 0 ? begin - at : 0));
  }

  // A field parsed twice must agree.
  Position store(DateField field, std::int64_t value, Position begin, Position end) {
    auto& slot = fields_[field];
    if (slot && *slot != value) return ~begin;
    slot = value;
    return end;
  }

  static bool accepts_sign(const DateItem& item, bool positive) {
    if (item.sign == SignStyle::kExceedsPad) return true;
    return item.sign == SignStyle::kNormal && !positive;
  }

  Position number(const DateItem& item, Position at) {
    if (at >= size()) return ~at;
    const bool positive = char_at(at) == '+';
    const bool negative = char_at(at) == '-';
    if (positive || negative) {
      if (!accepts_sign(item, positive)) return ~at;
      ++at;
    }
    const Position available = digits_at(at, item.width_max + item.reserved_width);
    // Leaves the digits that the numbers right behind must have.
    const Position taken = item.reserved_width > 0
                               ? std::max<Position>(item.width_min, available - item.reserved_width)
                               : available;
    if (available < item.width_min || taken > available) return ~at;
    const auto value = parse_bigint(rest(at).substr(0, static_cast<std::size_t>(taken)));
    if (!value || (negative && *value == 0)) return ~at;
    if (item.sign == SignStyle::kExceedsPad && !negative) {
      if (positive && taken <= item.width_min) return ~(at - 1);
      if (!positive && taken > item.width_min) return ~at;
    }
    return store(item.field, adjusted(item, negative ? -*value : *value), at, at + taken);
  }

  static std::int64_t adjusted(const DateItem& item, std::int64_t value) {
    if (item.kind == Kind::kReduced) return 2000 + value;
    if (item.kind == Kind::kFraction) {
      for (std::int32_t i = item.width_max; i < 9; ++i) value *= 10;
    }
    return value;
  }

  Position digits_at(Position at, Position most) const {
    Position end = at;
    while (end < size() && end - at < most && is_digit(char_at(end))) ++end;
    return end - at;
  }

  // In the root locale full names are the short ones.
  TextStyle name_style(const DateItem& item) const {
    return style_.root_names && item.style == TextStyle::kFull ? TextStyle::kShort : item.style;
  }

  template <std::size_t N>
  Position one_of(const std::array<std::string_view, N>& names, const DateItem& item, Position at,
                  std::int64_t first) {
    const TextStyle style = name_style(item);
    for (std::size_t i = 0; i < N; ++i) {
      const std::string_view name =
          style == TextStyle::kFull ? names[i] : names[i].substr(0, style == TextStyle::kShort ? 3 : 1);
      if (starts_with(at, name)) {
        return store(item.field, first + static_cast<std::int64_t>(i), at,
                     at + static_cast<Position>(name.size()));
      }
    }
    return ~at;
  }

  // Words given in full, whatever the style.
  Position word_of(std::initializer_list<std::string_view> words, DateField field, Position at) {
    std::int64_t value = 0;
    for (const std::string_view word : words) {
      if (starts_with(at, word)) return store(field, value, at, at + static_cast<Position>(word.size()));
      ++value;
    }
    return ~at;
  }

  Position text(const DateItem& item, Position at) {
    const bool full = item.style == TextStyle::kFull;
    switch (item.field) {
      case DateField::kMonth: return one_of(kMonthNames, item, at, 1);
      case DateField::kWeekday: return one_of(kWeekdayNames, item, at, 1);
      case DateField::kAmPm: return word_of({"AM", "PM"}, item.field, at);
      case DateField::kDayPeriod:
        return word_of(
            {"midnight", "in the morning", "noon", "in the afternoon", "in the evening", "at night"},
            item.field, at);
      case DateField::kEra:
        if (full && !style_.root_names) return word_of({"Before Christ", "Anno Domini"}, item.field, at);
        return word_of({"BC", "AD"}, item.field, at);
      default: break;
    }
    if (full && !style_.root_names) return one_of(kQuarterNames, item, at, 1);
    if (!starts_with(at, "Q")) return ~at;
    if (at + 1 >= size() || char_at(at + 1) < '1' || char_at(at + 1) > '4') return ~at;
    return store(item.field, char_at(at + 1) - '0', at, at + 2);
  }

  // Two digits below 60, after a colon if wanted; -1 if they are not there.
  std::int64_t offset_part(Position& at, bool colon) const {
    Position begin = at;
    if (colon) {
      if (begin >= size() || char_at(begin) != ':') return -1;
      ++begin;
    }
    if (digits_at(begin, 2) != 2) return -1;
    const std::int64_t value = (char_at(begin) - '0') * 10 + (char_at(begin + 1) - '0');
    if (value > 59) return -1;
    at = begin + 2;
    return value;
  }

  Position offset(const DateItem& item, Position at) {
    if (at >= size()) return ~at;
    if (starts_with(at, item.no_offset)) {
      return store(DateField::kOffset, 0, at, at + static_cast<Position>(item.no_offset.size()));
    }
    const char sign = char_at(at);
    if (sign != '+' && sign != '-') return ~at;
    const bool colons = item.text.find(':') != std::string::npos;
    Position end = at + 1;
    const std::int64_t hours = offset_part(end, false);
    if (hours < 0 || hours > 18) return ~at;
    const std::int64_t minutes = offset_part(end, colons);
    if (minutes < 0 && item.text.find("MM") != std::string::npos) return ~at;
    std::int64_t seconds = 0;
    if (minutes >= 0 && item.text.find("ss") != std::string::npos) {
      seconds = std::max<std::int64_t>(0, offset_part(end, colons));
    }
    const std::int64_t total = hours * 3600 + std::max<std::int64_t>(0, minutes) * 60 + seconds;
    if (total > 18 * 3600) return ~at;
    return store(DateField::kOffset, sign == '-' ? -total : total, at, end);
  }

  Position localized_offset(const DateItem& item, Position at) {
    if (!starts_with(at, "GMT")) return ~at;
    Position end = at + 3;
    if (end >= size() || (char_at(end) != '+' && char_at(end) != '-')) {
      return store(DateField::kOffset, 0, at, end);
    }
    const bool negative = char_at(end) == '-';
    ++end;
    const Position hour_digits = digits_at(end, 2);
    const bool full = item.style == TextStyle::kFull;
    if (hour_digits == 0 || (full && hour_digits != 2)) return ~at;
    std::int64_t seconds = *parse_bigint(rest(end).substr(0, static_cast<std::size_t>(hour_digits))) * 3600;
    end += hour_digits;
    const std::int64_t minutes = offset_part(end, true);
    if (full && minutes < 0) return ~at;
    seconds += std::max<std::int64_t>(0, minutes) * 60;
    if (minutes >= 0) seconds += std::max<std::int64_t>(0, offset_part(end, true));
    if (seconds > 18 * 3600) return ~at;
    return store(DateField::kOffset, negative ? -seconds : seconds, at, end);
  }

  Position store_zone(TimeZone zone, Position end) {
    fields_.zone = std::move(zone);
    return end;
  }

  // Abbreviations and long names stand for a region, whose own rules then decide about daylight saving.
  Position zone_by_name(std::string_view word, Position at) {
    for (const ZoneFamily& family : zone_families()) {
      for (const std::string_view name : {family.standard, family.daylight}) {
        if (name.empty() || !equals_ignoring_case(name, word)) continue;
        auto zone = TimeZone::find(family.region);
        return zone ? store_zone(std::move(zone).value(), at + static_cast<Position>(word.size())) : ~at;
      }
    }
    return ~at;
  }

  Position zone_by_long_name(Position at) {
    for (const ZoneFamily& family : zone_families()) {
      for (const std::string_view name : {family.standard_long, family.daylight_long}) {
        if (name.empty() || !starts_with(at, name)) continue;
        auto zone = TimeZone::find(family.region);
        return zone ? store_zone(std::move(zone).value(), at + static_cast<Position>(name.size())) : ~at;
      }
    }
    return ~at;
  }

  Position zone(const DateItem& item, Position at) {
    if (item.kind != Kind::kZoneId && item.style == TextStyle::kFull) {
      if (const Position end = zone_by_long_name(at); end >= 0) return end;
    }
    std::string_view word = rest(at);
    const auto belongs = [](char c) {
      return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
             std::string_view("_/+-:").find(c) != std::string_view::npos;
    };
    word = word.substr(
        0, static_cast<std::size_t>(std::find_if_not(word.begin(), word.end(), belongs) - word.begin()));
    for (; !word.empty(); word.remove_suffix(1)) {
      if (item.kind != Kind::kZoneId) {
        if (const Position end = zone_by_name(word, at); end >= 0) return end;
      }
      if (auto zone = TimeZone::find(word)) {
        return store_zone(std::move(zone).value(), at + static_cast<Position>(word.size()));
      }
    }
    return ~at;
  }

  std::string_view text_;
  ParseStyle style_;
  ParsedFields fields_;
};

}  // namespace

Error parse_failure(std::string_view text, const std::string& detail) {
  constexpr std::size_t kShownMax = 64;
  std::string shown(text.substr(0, kShownMax));
  if (text.size() > kShownMax) shown += "...";
  return {ErrorCode::kBadRecord, "Text '" + shown + "' could not be parsed" + detail};
}

Result<ParsedFields> parse_items(const DateItems& items, std::string_view text, ParseStyle style) {
  Reader reader(text, style);
  const Position end = reader.all(items, 0);
  const auto index_of = [text](Position at) {
    return std::to_string(utf16_length(text.substr(0, static_cast<std::size_t>(at))));
  };
  if (end < 0) return parse_failure(text, " at index " + index_of(~end));
  if (end < static_cast<Position>(text.size())) {
    return parse_failure(text, ", unparsed text found at index " + index_of(end));
  }
  return reader.take_fields();
}

}  // namespace thalweg::planner
