// Pattern letters → items.
#include <algorithm>

#include "planner/types/datetime_items.h"

namespace thalweg::planner {

namespace {

using Kind = DateItem::Kind;

Error bad_pattern(std::string text) { return {ErrorCode::kBadRecord, std::move(text)}; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

DateItem number(DateField field, std::int32_t width_min, std::int32_t width_max, SignStyle sign) {
  DateItem item;
  item.kind = Kind::kNumber;
  item.field = field;
  item.width_min = width_min;
  item.width_max = width_max;
  item.sign = sign;
  return item;
}

DateItem free_number(DateField field) { return number(field, 1, 19, SignStyle::kNormal); }
DateItem fixed_number(DateField field, std::int32_t width) {
  return number(field, width, width, SignStyle::kNotNegative);
}

DateItem text_item(DateField field, TextStyle style) {
  DateItem item;
  item.kind = Kind::kText;
  item.field = field;
  item.style = style;
  return item;
}

DateItem offset_item(std::string pattern, std::string no_offset) {
  DateItem item;
  item.kind = Kind::kOffset;
  item.field = DateField::kOffset;
  item.text = std::move(pattern);
  item.no_offset = std::move(no_offset);
  return item;
}

DateItem styled_item(Kind kind, bool full) {
  DateItem item;
  item.kind = kind;
  item.field = DateField::kOffset;  // meant by kLocalizedOffset only
  item.style = full ? TextStyle::kFull : TextStyle::kShort;
  return item;
}

struct Letter {
  char letter = 0;
  std::int32_t count = 0;
};

Error too_many(Letter at) { return bad_pattern(std::string("Too many pattern letters: ") + at.letter); }

TextStyle style_for(std::int32_t count) {
  return count <= 3 ? TextStyle::kShort : (count == 4 ? TextStyle::kFull : TextStyle::kNarrow);
}

Result<DateItem> year_item(DateField field, std::int32_t count) {
  if (count == 2) {
    DateItem item = fixed_number(field, 2);
    item.kind = Kind::kReduced;
    return item;
  }
  return number(field, count, 19, count < 4 ? SignStyle::kNormal : SignStyle::kExceedsPad);
}

// One letter a free number, two letters two digits, from three on text.
Result<DateItem> number_or_text(Letter at, DateField number_field, DateField text_field) {
  if (at.count > 5) return too_many(at);
  if (at.count == 1) return free_number(number_field);
  if (at.count == 2) return fixed_number(number_field, 2);
  return text_item(text_field, style_for(at.count));
}

Result<DateItem> short_number(Letter at, DateField field, std::int32_t count_max) {
  if (at.count > count_max) return too_many(at);
  return at.count == 1 ? free_number(field) : fixed_number(field, at.count);
}

Result<DateItem> offset_with_letters(Letter at) {
  static constexpr const char* kPatterns[] = {"+HHmm", "+HHMM", "+HH:MM", "+HHMMss", "+HH:MM:ss"};
  static constexpr const char* kZeros[] = {"+00", "+0000", "+00:00", "+0000", "+00:00"};
  if (at.letter == 'Z') {
    if (at.count < 4) return offset_item("+HHMM", "+0000");
    if (at.count == 4) return styled_item(Kind::kLocalizedOffset, true);
    if (at.count == 5) return offset_item("+HH:MM:ss", "Z");
    return too_many(at);
  }
  if (at.count > 5) return too_many(at);
  const auto index = static_cast<std::size_t>(at.count - 1);
  return offset_item(kPatterns[index], at.letter == 'X' ? "Z" : kZeros[index]);
}

Result<DateItem> one_or_four(Letter at, Kind kind) {
  if (at.count != 1 && at.count != 4) {
    return bad_pattern(std::string("Pattern letter count must be 1 or 4: ") + at.letter);
  }
  return styled_item(kind, at.count == 4);
}

Result<DateItem> zone_item(Letter at) {
  switch (at.letter) {
    case 'V':
      if (at.count != 2) return bad_pattern("Pattern letter count must be 2: V");
      return styled_item(Kind::kZoneId, false);
    case 'z':
      if (at.count > 4) return too_many(at);
      return styled_item(Kind::kZoneName, at.count == 4);
    case 'v': return one_or_four(at, Kind::kGenericZone);
    case 'O': return one_or_four(at, Kind::kLocalizedOffset);
    default: return offset_with_letters(at);
  }
}

Result<DateItem> time_item(Letter at) {
  switch (at.letter) {
    case 'a':
      if (at.count > 1) return too_many(at);
      return text_item(DateField::kAmPm, TextStyle::kShort);
    case 'B':
      if (at.count != 1 && at.count != 4 && at.count != 5) {
        return bad_pattern("Wrong number of pattern letters: B");
      }
      return text_item(DateField::kDayPeriod, TextStyle::kFull);
    case 'H': return short_number(at, DateField::kHour, 2);
    case 'k': return short_number(at, DateField::kClockHour, 2);
    case 'K': return short_number(at, DateField::kHourOfHalf, 2);
    case 'h': return short_number(at, DateField::kClockHourOfHalf, 2);
    case 'm': return short_number(at, DateField::kMinute, 2);
    case 's': return short_number(at, DateField::kSecond, 2);
    case 'n': return number(DateField::kNano, at.count, 19, SignStyle::kNotNegative);
    case 'A': return number(DateField::kMilliOfDay, at.count, 19, SignStyle::kNotNegative);
    case 'N': return number(DateField::kNanoOfDay, at.count, 19, SignStyle::kNotNegative);
    default: {  // S
      if (at.count > 9) return too_many(at);
      DateItem item = fixed_number(DateField::kNano, at.count);
      item.kind = Kind::kFraction;
      return item;
    }
  }
}

Result<DateItem> weekday_item(Letter at) {
  if (at.count > 5) return too_many(at);
  if (at.letter == 'E') return text_item(DateField::kWeekday, style_for(at.count));
  if (at.letter == 'c' && at.count == 2) return bad_pattern("Invalid pattern \"cc\"");
  return number_or_text(at, DateField::kLocalWeekday, DateField::kWeekday);
}

Result<DateItem> date_item(Letter at) {
  switch (at.letter) {
    case 'u': return year_item(DateField::kYear, at.count);
    case 'y': return year_item(DateField::kYearOfEra, at.count);
    case 'Y': return year_item(DateField::kWeekYear, at.count);
    case 'w': return short_number(at, DateField::kWeek, 2);
    case 'W': return short_number(at, DateField::kWeekOfMonth, 1);
    case 'G':
      if (at.count > 5) return too_many(at);
      return text_item(DateField::kEra, style_for(at.count));
    case 'M':
    case 'L': return number_or_text(at, DateField::kMonth, DateField::kMonth);
    case 'Q':
    case 'q': return number_or_text(at, DateField::kQuarter, DateField::kQuarter);
    case 'd': return short_number(at, DateField::kDay, 2);
    case 'D':
      if (at.count > 3) return too_many(at);
      return at.count == 1 ? free_number(DateField::kDayOfYear)
                           : number(DateField::kDayOfYear, at.count, 3, SignStyle::kNotNegative);
    case 'F': return short_number(at, DateField::kAlignedWeekday, 1);
    case 'g': return number(DateField::kModifiedJulianDay, at.count, 19, SignStyle::kNormal);
    default: return weekday_item(at);
  }
}

Result<DateItem> letter_item(Letter at) {
  static constexpr std::string_view kDateLetters = "uyYwWGMLQqdDFgEec";
  static constexpr std::string_view kTimeLetters = "aBHkKhmsnANS";
  static constexpr std::string_view kZoneLetters = "VzvOXxZ";
  if (kDateLetters.find(at.letter) != std::string_view::npos) return date_item(at);
  if (kTimeLetters.find(at.letter) != std::string_view::npos) return time_item(at);
  if (kZoneLetters.find(at.letter) != std::string_view::npos) return zone_item(at);
  return bad_pattern(std::string("Unknown pattern letter: ") + at.letter);
}

bool is_numeric(const DateItem& item) {
  return item.kind == Kind::kNumber || item.kind == Kind::kReduced || item.kind == Kind::kFraction;
}

// Builds one list; a nested list for every optional section.
class Compiler {
 public:
  explicit Compiler(std::string_view pattern) : pattern_(pattern) {}

  Result<DateItems> run() {
    THALWEG_TRY(auto items, section(false));
    return items;
  }

 private:
  Result<DateItems> section(bool nested) {
    DateItems items;
    std::optional<std::size_t> first_number;  // of a run of adjacent numbers
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == ']') {
        if (!nested) return bad_pattern("Pattern invalid as it contains ] without previous [");
        ++at_;
        return items;
      }
      THALWEG_TRY(auto item, next(c));
      append(items, first_number, std::move(item));
    }
    return items;  // an open section ends with the pattern
  }

  Result<DateItem> next(char c) {
    if (is_letter(c)) return letters();
    if (c == '\'') return quoted();
    if (c == '[') return optional();
    if (c == '{' || c == '}' || c == '#') {
      return bad_pattern(std::string("Pattern includes reserved character: '") + c + "'");
    }
    ++at_;
    return literal(std::string(1, c));
  }

  Letter take_run() {
    const char letter = pattern_[at_];
    const std::size_t begin = at_;
    while (at_ < pattern_.size() && pattern_[at_] == letter) ++at_;
    return {letter, static_cast<std::int32_t>(at_ - begin)};
  }

  Result<DateItem> letters() {
    Letter run = take_run();
    std::int32_t pad = 0;
    if (run.letter == 'p') {
      if (at_ >= pattern_.size() || !is_letter(pattern_[at_])) {
        return bad_pattern("Pad letter 'p' must be followed by valid pad pattern: " + std::string(pattern_));
      }
      pad = run.count;
      run = take_run();
    }
    THALWEG_TRY(auto item, letter_item(run));
    item.pad_width = pad;
    return item;
  }

  Result<DateItem> quoted() {
    std::string text;
    for (++at_; at_ < pattern_.size(); ++at_) {
      if (pattern_[at_] == '\'') {
        if (at_ + 1 >= pattern_.size() || pattern_[at_ + 1] != '\'') break;
        ++at_;
      }
      text += pattern_[at_];
    }
    if (at_ >= pattern_.size()) {
      return bad_pattern("Pattern ends with an incomplete string literal: " + std::string(pattern_));
    }
    ++at_;
    return literal(text.empty() ? "'" : std::move(text));
  }

  Result<DateItem> optional() {
    ++at_;
    DateItem item;
    item.kind = Kind::kOptional;
    THALWEG_TRY(item.children, section(true));
    return item;
  }

  static DateItem literal(std::string text) {
    DateItem item;
    item.text = std::move(text);
    return item;
  }

  // In a run such as yyyyMMdd the first number leaves room for the fixed-width ones behind it.
  static void append(DateItems& items, std::optional<std::size_t>& first_number, DateItem item) {
    if (!is_numeric(item) || item.pad_width > 0) {
      first_number.reset();
    } else if (!first_number) {
      first_number = items.size();
    } else if (item.width_min == item.width_max && item.sign == SignStyle::kNotNegative) {
      items[*first_number].reserved_width += item.width_max;
    } else {
      first_number = items.size();
    }
    items.push_back(std::move(item));
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

}  // namespace

Result<DateItems> compile_items(std::string_view pattern) { return Compiler(pattern).run(); }

}  // namespace thalweg::planner
