#include "planner/types/datetime_format.h"

#include <gtest/gtest.h>

#include "tests/unit/types/datetime_patterns.h"

namespace thalweg::planner {
namespace {

std::string read_time(std::string_view pattern, std::string_view text) {
  const auto ms = DateTimePattern::compile(pattern)->parse_time(text);
  return ms ? std::to_string(*ms) : ms.error().message;
}

std::string read_date(std::string_view pattern, std::string_view text) {
  const auto days = DateTimePattern::compile(pattern)->parse_date_strict(text);
  return days ? date_to_string(*days) : days.error().message;
}

TEST(DateTimePattern, prints) {
  const char* at = "2021-03-14T08:05:09.123";
  EXPECT_EQ(print("yyyy-MM-dd'T'HH:mm:ss.SSS", at), "2021-03-14T08:05:09.123");
  EXPECT_EQ(print("yy M d H:m:s.S", at), "21 3 14 8:5:9.1");
  EXPECT_EQ(print("MMM MMMM MMMMM EEE EEEE e", at), "Mar March M Sun Sunday 1");
  EXPECT_EQ(print("hh:mm a K k", "2021-03-14T00:05"), "12:05 AM 0 24");
  EXPECT_EQ(print("DDD QQQ 'o''clock' ''", at), "073 Q1 o'clock '");
  EXPECT_EQ(print("yyyy", "+12021-01-01"), "+12021");
  EXPECT_EQ(print("G y", "-0001-01-01"), "BC 2");
  EXPECT_EQ(print("YYYY-'W'ww", "2020-12-31"), "2021-W01");
  EXPECT_EQ(print("SSSSSSSSS n A N", at), "123000000 123000000 29109123 29109123000000");
  EXPECT_EQ(print("ppppd|g", at), "  14|59287");
}

TEST(DateTimePattern, prints_zones) {
  const char* winter = "2021-01-14T08:00";
  const char* summer = "2021-07-14T08:00";
  EXPECT_EQ(print("zzz X XX XXX Z ZZZZ ZZZZZ O VV", winter, "America/Los_Angeles"),
            "PST -08 -0800 -08:00 -0800 GMT-08:00 -08:00 GMT-8 America/Los_Angeles");
  EXPECT_EQ(print("zzz zzzz", summer, "America/Los_Angeles"), "PDT Pacific Daylight Time");
  EXPECT_EQ(print("zzz", summer, "US/Pacific"), "PDT");
  EXPECT_EQ(print("zzz", summer, "Europe/London"), "BST");
  EXPECT_EQ(print("zzz", winter, "Europe/London"), "GMT");
  EXPECT_EQ(print("zzz", summer, "Europe/Paris"), "CEST");
  EXPECT_EQ(print("zzz X x O", winter, "UTC"), "UTC Z +00 GMT");
  EXPECT_EQ(print("X XXX", winter, "+0530"), "+0530 +05:30");
}

TEST(DateTimePattern, refuses_bad_patterns) {
  const std::pair<const char*, const char*> cases[] = {
      {"i", "Unknown pattern letter: i"},
      {"C", "Unknown pattern letter: C"},
      {"HHH", "Too many pattern letters: H"},
      {"MMMMMM", "Too many pattern letters: M"},
      {"aa", "Too many pattern letters: a"},
      {"V", "Pattern letter count must be 2: V"},
      {"yyyy}", "Pattern includes reserved character: '}'"},
      {"yyyy]", "Pattern invalid as it contains ] without previous ["},
      {"'abc", "Pattern ends with an incomplete string literal: 'abc"}};
  for (const auto& [pattern, message] : cases) {
    const auto compiled = DateTimePattern::compile(pattern);
    ASSERT_FALSE(compiled) << pattern;
    EXPECT_EQ(compiled.error().message, message);
  }
}

TEST(DateTimePattern, time_and_date_know_their_fields) {
  EXPECT_EQ(or_error(DateTimePattern::compile("HH:mm:ss")->format_time(3'723'000)), "01:02:03");
  EXPECT_EQ(or_error(DateTimePattern::compile("yyyy HH")->format_time(0)), "Unsupported field: YearOfEra");
  EXPECT_FALSE(DateTimePattern::compile("HH z")->format_time(0));
  EXPECT_EQ(or_error(DateTimePattern::compile("dd/MM/yyyy")->format_date(18696)), "10/03/2021");
  EXPECT_FALSE(DateTimePattern::compile("HH")->format_date(18696));
  EXPECT_EQ(or_error(DateTimePattern::compile("yyyy[ HH]")->format_date(18696)), "2021");
}

TEST(DateTimePattern, reads_timestamps) {
  EXPECT_EQ(read("yyyyMMddHHmmssSSS", "20210314080509123"), "2021-03-14T08:05:09.123");
  EXPECT_EQ(read("yyyy-MM-dd'Lit'", "2021-03-14LIT"), "2021-03-14T00:00:00.000");
  EXPECT_EQ(read("dd-MMM-yyyy", "14-mar-2021"), "2021-03-14T00:00:00.000");
  EXPECT_EQ(read("dd-MMMM-yyyy", "14-Mar-2021"), "2021-03-14T00:00:00.000");
  EXPECT_EQ(read("dd MMMM", "14 March"),
            "Text '14 March' could not be parsed, unparsed text found at index 6");
  EXPECT_EQ(read("MMM-yyyy", "Nov-2021"), "2021-11-01T00:00:00.000");
  EXPECT_EQ(read("yyyy", "2021"), "2021-01-01T00:00:00.000");
  EXPECT_EQ(read("HH:mm", "17:22"), "1970-01-01T17:22:00.000");
  EXPECT_EQ(read("hh:mm:ss a", "05:22:00 pm"), "1970-01-01T17:22:00.000");
  EXPECT_EQ(read("hh:mm", "12:30"), "1970-01-01T00:30:00.000");
  EXPECT_EQ(read("yyyy-MM-dd HH:mm:ss[ zzz]", "2021-03-14 08:05:09"), "2021-03-14T08:05:09.000");
  EXPECT_EQ(read("yyyy-MM-dd", "2021-02-31"), "2021-02-28T00:00:00.000");
  EXPECT_EQ(read("yyyy-MM-dd HH:mm:ss", "2021-02-28 24:00:00"), "2021-03-01T00:00:00.000");
  EXPECT_EQ(read("yyyy-DDD", "2020-366"), "2020-12-31T00:00:00.000");
  EXPECT_EQ(read("EEE yyyy-MM-dd", "Sun 2021-03-14"), "2021-03-14T00:00:00.000");
  EXPECT_EQ(read("YYYY-ww-EEE", "2021-01-Thu"), "2020-12-31T00:00:00.000");
  EXPECT_EQ(read("yy-M-d", "21-3-4"), "2021-03-04T00:00:00.000");
  EXPECT_EQ(read("yyyy", "+12021"), "+12021-01-01T00:00:00.000");
}

TEST(DateTimePattern, refuses_bad_text) {
  EXPECT_EQ(read("yyyy-MM-dd", "2021-3-14"), "Text '2021-3-14' could not be parsed at index 5");
  EXPECT_EQ(read("yyyy-MM-dd", "2021-03-14 "),
            "Text '2021-03-14 ' could not be parsed, unparsed text found at index 10");
  EXPECT_EQ(read("yyyy-MM-dd", "2021-13-01"),
            "Text '2021-13-01' could not be parsed: Invalid value for MonthOfYear (valid values 1 - 12): 13");
  EXPECT_NE(read("HH", "25").find("HourOfDay"), std::string::npos);
  EXPECT_NE(read("s", "60").find("SecondOfMinute"), std::string::npos);
  EXPECT_NE(read("MM-dd", "02-30").find("Invalid date"), std::string::npos);
  EXPECT_EQ(read("DDD", "366"), "Leap day cannot be parsed without supplying the year field");
  EXPECT_NE(read("EEE yyyy-MM-dd", "Mon 2021-03-14").find("Conflict"), std::string::npos);
  EXPECT_EQ(read("ss.SSS", "01.12"), "Text '01.12' could not be parsed at index 3");
  EXPECT_EQ(read("yyyy", "12021"), "Text '12021' could not be parsed at index 0");
}

TEST(DateTimePattern, reads_zones) {
  EXPECT_EQ(read("yyyy-MM-dd'T'HH:mm:ss zzz", "2018-05-11T21:58:33 PST"), timestamp_to_string(1526101113000));
  const auto hour = [](std::string_view pattern, std::string_view text) {
    return read("yyyy-MM-dd'T'HH" + std::string(pattern), "2021-01-14T08" + std::string(text)).substr(11, 5);
  };
  EXPECT_EQ(hour("X", "Z"), "08:00");
  EXPECT_EQ(hour("X", "+05"), "03:00");
  EXPECT_EQ(hour("X", "+0530"), "02:30");
  EXPECT_EQ(hour("XXX", "+05:30"), "02:30");
  EXPECT_EQ(hour("Z", "+0530"), "02:30");
  EXPECT_EQ(hour("ZZZZZ", "-05:30"), "13:30");
  EXPECT_EQ(hour("x", "+00"), "08:00");
  EXPECT_EQ(hour("O", "GMT+8"), "00:00");
  EXPECT_EQ(hour("VV", "Europe/Paris"), "07:00");
  EXPECT_EQ(hour("VV", "+01:00"), "07:00");
  EXPECT_EQ(hour("z", "CET"), "07:00");
  EXPECT_NE(read("HHZ", "08Z").find("at index 2"), std::string::npos);
  EXPECT_NE(read("HHx", "08Z").find("at index 2"), std::string::npos);
  EXPECT_EQ(read("HH:mm", "17:22", "America/Los_Angeles"), "1970-01-02T01:22:00.000");
}

TEST(DateTimePattern, strict_dates) {
  EXPECT_EQ(read_date("dd-MMMM-yyyy HH", "14-March-2021 08"), "2021-03-14");
  EXPECT_EQ(read_date("yyyy-MM-dd'Sophia'", "2021-03-14Sophia"), "2021-03-14");
  EXPECT_NE(read_date("yyyy-MM", "2021-03").find("Unable to obtain LocalDate"), std::string::npos);
}

TEST(DateTimePattern, times) {
  EXPECT_EQ(read_time("HH", "17"), "61200000");
  EXPECT_EQ(read_time("HHmmss'AAAAA'", "010203AAAAA"), "3723000");
  EXPECT_EQ(read_time("HH_mm_ss_SSS", "01_02_03_004"), "3723004");
  EXPECT_EQ(read_time("HH:mm:ss", "24:00:00"), "0");
  EXPECT_EQ(read_time("hh a", "05 PM"), "61200000");
  EXPECT_EQ(read_time("HH:mm:ss.SSSSSS", "00:00:01.123456"), "1123");
  EXPECT_EQ(read_time("yyyy HH", "2021 17"), "Time format contains date field.");
  EXPECT_NE(read_time("mm", "17").find("Unable to obtain LocalTime"), std::string::npos);
  EXPECT_NE(read_time("hh", "05").find("Unable to obtain LocalTime"), std::string::npos);
}

std::string lenient(std::string_view text, std::string_view pattern) {
  const ManualClock clock(WallTime{1'700'000'000'000});  // 2023
  const auto days = parse_date_lenient(text, pattern, clock);
  return days ? date_to_string(*days) : days.error().message;
}

TEST(LenientDate, reads_a_prefix_and_rolls_over) {
  EXPECT_EQ(parse_date_lenient("2003-12-24-01-01", "yyyy-MM-dd").value(), 12410);
  EXPECT_EQ(lenient("2021-1-1", "yyyy-MM-dd"), "2021-01-01");
  EXPECT_EQ(lenient("  2021-01-01", "yyyy-MM-dd"), "2021-01-01");
  EXPECT_EQ(lenient("2021-13-01", "yyyy-MM-dd"), "2022-01-01");
  EXPECT_EQ(lenient("2021-02-31", "yyyy-MM-dd"), "2021-03-03");
  EXPECT_EQ(lenient("20211301", "yyyyMMdd"), "2022-01-01");
  EXPECT_EQ(lenient("01-december-2021", "dd-MMM-yyyy"), "2021-12-01");
  EXPECT_EQ(lenient("Dec-2021", "MMM-yyyy"), "2021-12-01");
  EXPECT_EQ(lenient("24-12-2003Sophia", "dd-MM-yyyy'Sophia'"), "2003-12-24");
  EXPECT_EQ(lenient("01-01-42", "dd-MM-yy"), "2042-01-01");
  EXPECT_EQ(lenient("01-01-44", "dd-MM-yy"), "1944-01-01");
  EXPECT_EQ(lenient("Mon 2021-03-14", "EEE yyyy-MM-dd"), "2021-03-14");
  EXPECT_EQ(lenient("2020-366", "yyyy-DDD"), "2020-12-31");
  EXPECT_EQ(lenient("1582-10-15", "yyyy-MM-dd"), "1582-10-15");
  EXPECT_EQ(lenient("1582-10-04", "yyyy-MM-dd"), "1582-10-14");
  EXPECT_EQ(lenient("2021-01-01 01", "yyyy-MM-dd HH"), "Date format contains time field.");
  EXPECT_EQ(lenient("2021-01-01 00", "yyyy-MM-dd HH"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01T00+00:00", "yyyy-MM-dd'T'HHXXX"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01", "yyyy-ii-dd").substr(0, 28), "Illegal pattern component: i");
  EXPECT_EQ(lenient("abc", "yyyy-MM-dd"), "Unparseable date: \"abc\"");
}

TEST(TimeZone, ids) {
  for (const char* id :
       {"America/Los_Angeles", "US/Pacific", "CET", "PST8PDT", "Etc/GMT+5", "UTC", "GMT", "Z", "+1", "+01",
        "-0130", "+01:30", "+01:30:15", "UTC+1", "GMT-03:00", "UT+0100", "Asia/Kolkata"}) {
    EXPECT_TRUE(TimeZone::find(id)) << id;
  }
  for (const char* id : {"PST", "EST", "MST", "", "america/los_angeles", "Foo/Bar", "+19", "+1:00", "UTC1",
                         "PST-8", "Etc/Unknown", "europe"}) {
    EXPECT_FALSE(TimeZone::find(id)) << id;
  }
  EXPECT_EQ(TimeZone::find("PST").error().message, "Unknown time-zone ID: PST");
  EXPECT_EQ(TimeZone::find("UTC+1")->id(), "UTC+01:00");
}

TEST(TimeZone, gaps_and_overlaps) {
  const TimeZone zone = TimeZone::find("America/New_York").value();
  const auto local = [](const char* text) { return planner::parse_timestamp(text).value(); };
  // 02:30 does not exist on 2021-03-14 and becomes 03:30 EDT; 01:30 on 2021-11-07 exists twice, EDT is first.
  EXPECT_EQ(timestamp_to_string(zone.local_to_epoch_ms(local("2021-03-14T02:30"))),
            "2021-03-14T07:30:00.000");
  EXPECT_EQ(timestamp_to_string(zone.local_to_epoch_ms(local("2021-11-07T01:30"))),
            "2021-11-07T05:30:00.000");
  EXPECT_EQ(zone.offset_seconds_at(local("2021-07-01")), -4 * 3600);
  EXPECT_EQ(zone.offset_seconds_at(local("2021-01-01")), -5 * 3600);
}

TEST(PatternCache, keeps_patterns) {
  PatternCache cache;
  const auto first = cache.get("yyyy").value();
  EXPECT_EQ(cache.get("yyyy").value(), first);
  EXPECT_FALSE(cache.get("i"));
  for (int i = 0; i < 1500; ++i) ASSERT_TRUE(cache.get("'" + std::to_string(i) + "'yyyy"));
}

}  // namespace
}  // namespace thalweg::planner
