// PARSE_DATE: reads a prefix of the text into calendar fields that may lie outside their ranges, then
// lets them roll over, on the Julian calendar before 1582-10-15.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "planner/types/calendar.h"
#include "planner/types/datetime_format.h"
#include "planner/types/datetime_names.h"
#include "planner/types/text.h"
#include "planner/types/zone_names.h"

namespace thalweg::planner {

namespace {

constexpr std::int64_t kGregorianStartDays = -141'427;  // 1582-10-15

// About 2.7 million years; hours, minutes and offsets then still leave an int32 of days.
constexpr std::int64_t kDaysMax = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F); }

// A run of one letter, or text that must be met as it stands.
struct Piece {
  char letter = 0;
  std::size_t count = 0;
  std::string literal;

  bool is_number() const {
    if (letter == 'M' || letter == 'L') return count < 3;
    return std::string_view("uyYdDFwWHKhkmsS").find(letter) != std::string_view::npos && letter != 0;
  }
};

Result<std::vector<Piece>> cut_pattern(std::string_view pattern) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < pattern.size();) {
    Piece piece;
    if (is_letter(pattern[i])) {
      piece.letter = pattern[i];
      while (i < pattern.size() && pattern[i] == piece.letter) ++i, ++piece.count;
      if (std::string_view("GuyYMLdDEFwWaHkKhmsSzZX").find(piece.letter) == std::string_view::npos ||
          (piece.letter == 'X' && piece.count > 3)) {
        return Error{ErrorCode::kBadRecord,
                     std::string("Illegal pattern component: ") + std::string(piece.count, piece.letter)};
      }
      pieces.push_back(std::move(piece));
      continue;
    }
    bool quoted = false;
    for (; i < pattern.size() && (quoted || !is_letter(pattern[i])); ++i) {
      if (pattern[i] != '\'') {
        piece.literal += pattern[i];
      } else if (i + 1 < pattern.size() && pattern[i + 1] == '\'') {
        piece.literal += pattern[i++];
      } else {
        quoted = !quoted;
      }
    }
    if (quoted) return Error{ErrorCode::kBadRecord, "Unterminated quote"};
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

// Values as read; nothing is checked.
struct Fields {
  std::int64_t era = 1;
  std::int64_t year = 1970;
  std::int64_t month = 1;
  std::int64_t day = 1;
  std::optional<std::int64_t> day_of_year;
  std::int64_t half = 0;
  std::optional<std::int64_t> hour_of_half;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t ms = 0;
  std::optional<TimeZone> zone;
};

class Reader {
 public:
  Reader(std::string_view text, std::int64_t this_year) : text_(text), this_year_(this_year) {}

  // False where the text does not fit.
  bool run(const std::vector<Piece>& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const bool tight = i + 1 < pieces.size() && pieces[i].is_number() && pieces[i + 1].is_number();
      if (!piece(pieces[i], tight ? pieces[i].count : 0)) return false;
    }
    return true;
  }

  const Fields& fields() const { return fields_; }

 private:
  bool piece(const Piece& piece, std::size_t width) {
    if (piece.letter == 0) return literal(piece.literal);
    if (piece.is_number()) {
      const auto value = number(width);
      if (value) set(piece, *value);
      return value.has_value();
    }
    switch (piece.letter) {
      case 'M':
      case 'L': return month_name();
      case 'E': return weekday_name();
      case 'a': return word({"AM", "PM"}, fields_.half);
      case 'G': return word({"BC", "AD"}, fields_.era);
      default: return zone(piece);
    }
  }

  bool literal(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }

  // Without a width blanks are skipped and all digits are taken.
  std::optional<std::int64_t> number(std::size_t width) {
    while (width == 0 && at_ < text_.size() && is_blank(text_[at_])) ++at_;
    std::size_t end = at_;
    const std::size_t limit = width == 0 ? text_.size() : std::min(text_.size(), at_ + width);
    while (end < limit && is_digit(text_[end])) ++end;
    const auto value = parse_int(text_.substr(at_, end - at_));
    at_ = end;
    return value ? std::optional<std::int64_t>(*value) : std::nullopt;
  }

  std::int64_t full_year(const Piece& piece, std::int64_t value) const {
    if (piece.count > 2 || value >= 100) return value;
    const std::int64_t century_start = this_year_ - 80;
    const std::int64_t candidate = century_start - floor_mod<std::int64_t>(century_start, 100) + value;
    return candidate < century_start ? candidate + 100 : candidate;
  }

  void set(const Piece& piece, std::int64_t value) {
    switch (piece.letter) {
      case 'y':
      case 'Y': fields_.year = full_year(piece, value); return;
      case 'M':
      case 'L':
        fields_.month = value;
        fields_.day_of_year.reset();
        return;
      case 'd':
        fields_.day = value;
        fields_.day_of_year.reset();
        return;
      case 'D': fields_.day_of_year = value; return;
      case 'H': set_hour(value); return;
      case 'k': set_hour(value == 24 ? 0 : value); return;
      case 'K': fields_.hour_of_half = value; return;
      case 'h': fields_.hour_of_half = value == 12 ? 0 : value; return;
      case 'm': fields_.minute = value; return;
      case 's': fields_.second = value; return;
      case 'S': fields_.ms = value; return;
      default: return;  // weekdays and weeks do not count
    }
  }

  void set_hour(std::int64_t value) {
    fields_.hour = value;
    fields_.hour_of_half.reset();
  }

  bool starts_with(std::string_view word) const {
    return equals_ignoring_case(text_.substr(at_, word.size()), word);
  }

  // Index of the name at the cursor, in full or cut to three letters; the full one is tried first.
  template <std::size_t N>
  std::optional<std::size_t> name(const std::array<std::string_view, N>& names) {
    for (const bool full : {true, false}) {
      for (std::size_t i = 0; i < N; ++i) {
        const std::string_view wanted = full ? names[i] : names[i].substr(0, 3);
        if (!starts_with(wanted)) continue;
        at_ += wanted.size();
        return i;
      }
    }
    return std::nullopt;
  }

  bool month_name() {
    const auto index = name(kMonthNames);
    if (!index) return false;
    fields_.month = static_cast<std::int64_t>(*index) + 1;
    fields_.day_of_year.reset();
    return true;
  }

  bool weekday_name() { return name(kWeekdayNames).has_value(); }

  bool word(std::initializer_list<std::string_view> words, std::int64_t& into) {
    std::int64_t value = 0;
    for (const std::string_view wanted : words) {
      if (starts_with(wanted)) {
        at_ += wanted.size();
        into = value;
        return true;
      }
      ++value;
    }
    return false;
  }

  // The longest prefix that names an offset, and for z also a region or an abbreviation.
  bool zone(const Piece& piece) {
    for (std::size_t size = std::min<std::size_t>(text_.size() - at_, 40); size > 0; --size) {
      const std::string_view candidate = text_.substr(at_, size);
      std::optional<TimeZone> found;
      if (const auto seconds = parse_offset_id(candidate)) {
        found = fixed_zone(*seconds);
      } else if (piece.letter == 'z' || (piece.letter == 'Z' && candidate.starts_with("GMT"))) {
        found = named_zone(candidate);
      }
      if (!found) continue;
      at_ += size;
      fields_.zone = std::move(found);
      return true;
    }
    return false;
  }

  static std::optional<TimeZone> named_zone(std::string_view name) {
    for (const ZoneFamily& family : zone_families()) {
      if (!equals_ignoring_case(family.standard, name) && !equals_ignoring_case(family.daylight, name))
        continue;
      if (auto zone = TimeZone::find(family.region)) return std::move(zone).value();
    }
    if (auto zone = TimeZone::find(name)) return std::move(zone).value();
    return std::nullopt;
  }

  std::string_view text_;
  std::int64_t this_year_;
  std::size_t at_ = 0;
  Fields fields_;
};

// Julian day arithmetic like the Gregorian one, with a leap day every fourth year.
std::int64_t days_from_julian(std::int64_t year, std::int32_t month, std::int64_t day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return y * 365 + floor_div<std::int64_t>(y, 4) + day_of_year - 719'470;
}

std::int64_t days_of(const Fields& fields) {
  const std::int64_t month_index = fields.day_of_year ? 0 : fields.month - 1;
  const std::int64_t base_year = fields.era == 1 ? fields.year : 1 - fields.year;
  const std::int64_t year = base_year + floor_div<std::int64_t>(month_index, 12);
  const auto month = static_cast<std::int32_t>(floor_mod<std::int64_t>(month_index, 12)) + 1;
  const std::int64_t day = fields.day_of_year.value_or(fields.day);
  const std::int64_t gregorian = days_from_civil(year, month, 1) + day - 1;
  return gregorian >= kGregorianStartDays ? gregorian : days_from_julian(year, month, day);
}

std::int64_t ms_of_day(const Fields& fields) {
  const std::int64_t hour = fields.hour_of_half ? fields.half * 12 + *fields.hour_of_half : fields.hour;
  return ((hour * 60 + fields.minute) * 60 + fields.second) * 1000 + fields.ms;
}

}  // namespace

Result<std::int32_t> parse_date_lenient(std::string_view text, std::string_view pattern, const Clock& clock) {
  THALWEG_TRY(const auto pieces, cut_pattern(pattern));
  const std::int64_t this_year = civil_from_days(floor_div(clock.now().value, kDayMs)).year;
  Reader reader(text, this_year);
  if (!reader.run(pieces)) {
    return Error{ErrorCode::kBadRecord, "Unparseable date: \"" + std::string(text) + "\""};
  }
  const Fields& fields = reader.fields();
  const std::int64_t local_days = days_of(fields);
  if (local_days > kDaysMax || local_days < -kDaysMax)
    return Error{ErrorCode::kBadRecord, "integer overflow"};
  const TimeZone& zone = fields.zone ? *fields.zone : TimeZone::utc();
  const std::int64_t epoch_ms = zone.local_to_epoch_ms(local_days * kDayMs + ms_of_day(fields));
  if (epoch_ms % kDayMs != 0) return Error{ErrorCode::kBadRecord, "Date format contains time field."};
  return static_cast<std::int32_t>(epoch_ms / kDayMs);
}

}  // namespace thalweg::planner
