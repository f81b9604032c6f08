// The rarer letters of date and time patterns: printing, strict and lenient reading.
#include <gtest/gtest.h>

#include "tests/unit/types/datetime_patterns.h"

namespace thalweg::planner {
namespace {

std::string lenient(std::string_view text, std::string_view pattern) {
  const ManualClock clock(WallTime{1'700'000'000'000});
  const auto days = parse_date_lenient(text, pattern, clock);
  return days ? date_to_string(*days) : days.error().message;
}

TEST(DateTimeLetters, print_calendars) {
  const char* at = "2021-03-14T08:05:09.123";
  EXPECT_EQ(print("u uuuu L LL LLL c F W q Q", at), "2021 2021 3 03 Mar 1 7 3 1 1");
  EXPECT_EQ(print("QQQQ GGGG", at), "1st quarter Anno Domini");
  EXPECT_EQ(print("u uuuu", "-0001-01-01"), "-1 -0001");
  EXPECT_EQ(print("GGGG", "-0001-01-01"), "Before Christ");
}

TEST(DateTimeLetters, print_parts_of_the_day) {
  const std::pair<const char*, const char*> cases[] = {
      {"00:00", "midnight"},         {"12:00", "noon"},
      {"05:59", "at night"},         {"06:00", "in the morning"},
      {"12:01", "in the afternoon"}, {"17:59", "in the afternoon"},
      {"18:00", "in the evening"},   {"20:59", "in the evening"},
      {"21:00", "at night"}};
  for (const auto& [time, words] : cases)
    EXPECT_EQ(print("B", "2021-03-14T" + std::string(time)), words) << time;
}

TEST(DateTimeLetters, print_zones) {
  const char* winter = "2021-01-14T08:00";
  EXPECT_EQ(print("zzzz", winter, "UTC"), "Coordinated Universal Time");
  EXPECT_EQ(print("zzzz", winter, "GMT"), "Greenwich Mean Time");
  EXPECT_EQ(print("zzzz", winter, "+01:30"), "+01:30");
  EXPECT_EQ(print("v vvvv", winter, "America/Los_Angeles"), "PT Pacific Time");
  EXPECT_EQ(print("v", winter, "+01:30"), "+01:30");
  EXPECT_EQ(print("XXXXX XXXX ZZZZZ O OOOO", winter, "+01:30:15"),
            "+01:30:15 +013015 +01:30:15 GMT+1:30:15 GMT+01:30:15");
}

// Ids that are abbreviations themselves have names, and a zone without one shows its whole offset.
TEST(DateTimeLetters, print_names_of_short_ids) {
  const char* summer = "2021-07-14T08:00";
  EXPECT_EQ(print("z zzzz VV", summer, "CET"), "CEST Central European Summer Time CET");
  EXPECT_EQ(print("z zzzz", "2021-01-14T08:00", "CET"), "CET Central European Standard Time");
  EXPECT_EQ(print("z", summer, "EET"), "EEST");
  EXPECT_EQ(print("z", summer, "WET"), "WEST");
  EXPECT_EQ(print("z zzzz", summer, "MET"), "MEST Middle Europe Summer Time");
  EXPECT_EQ(print("z", summer, "EST5EDT"), "EDT");
  EXPECT_EQ(print("z", summer, "Asia/Dubai"), "GST");
  EXPECT_EQ(print("z zzzz O", summer, "Etc/GMT+5"), "GMT-05:00 GMT-05:00 GMT-5");
}

TEST(DateTimeLetters, padding) {
  EXPECT_EQ(print("pd", "2021-03-14"), "Cannot print as output of 2 characters exceeds pad width of 1");
  EXPECT_EQ(print("ppp", "2021-03-14"), "Pad letter 'p' must be followed by valid pad pattern: ppp");
  EXPECT_EQ(read("yyyy-MM pppd", "2021-03   4"), "2021-03-04T00:00:00.000");
  EXPECT_EQ(read("pppd", "14"), "Text '14' could not be parsed at index 0");
}

TEST(DateTimeLetters, refused_counts) {
  const std::pair<const char*, const char*> cases[] = {
      {"XXXXXX", "Too many pattern letters: X"},        {"ZZZZZZ", "Too many pattern letters: Z"},
      {"vv", "Pattern letter count must be 1 or 4: v"}, {"OO", "Pattern letter count must be 1 or 4: O"},
      {"BB", "Wrong number of pattern letters: B"},     {"zzzzz", "Too many pattern letters: z"}};
  for (const auto& [pattern, message] : cases) EXPECT_EQ(print(pattern, "2021-03-14"), message) << pattern;
}

TEST(DateTimeLetters, read_times_of_day) {
  EXPECT_EQ(read("h B", "8 in the morning"), "1970-01-01T08:00:00.000");
  EXPECT_EQ(read("h B", "2 in the afternoon"), "1970-01-01T14:00:00.000");
  EXPECT_EQ(read("h B", "8 in the evening"), "1970-01-01T20:00:00.000");
  EXPECT_EQ(read("h B", "10 at night"), "1970-01-01T22:00:00.000");
  EXPECT_EQ(read("h B", "2 at night"), "1970-01-01T02:00:00.000");
  EXPECT_EQ(read("kk", "24"), "1970-01-01T00:00:00.000");
  EXPECT_EQ(read("K a", "0 PM"), "1970-01-01T12:00:00.000");
  EXPECT_EQ(read("A", "3723004"), "1970-01-01T01:02:03.004");
  EXPECT_EQ(read("N", "3723004000000"), "1970-01-01T01:02:03.004");
  EXPECT_EQ(read("HH:mm:ss n", "01:02:03 4000000"), "1970-01-01T01:02:03.004");
  EXPECT_NE(read("HH a", "08 PM").find("Conflict found: Field AmPmOfDay 0 differs from AmPmOfDay 1"),
            std::string::npos);
  EXPECT_NE(read("HH kk", "08 09").find("Conflict found"), std::string::npos);
}

TEST(DateTimeLetters, read_calendars) {
  EXPECT_EQ(read("G y-MM-dd", "BC 2-01-01"), "-0001-01-01T00:00:00.000");
  EXPECT_EQ(read("QQQ yyyy", "Q3 2021"), "2021-01-01T00:00:00.000");
  EXPECT_EQ(read("QQQ yyyy", "Q5 2021"), "Text 'Q5 2021' could not be parsed at index 0");
  EXPECT_EQ(read("QQQ", "X"), "Text 'X' could not be parsed at index 0");
  EXPECT_EQ(read("yyyy-MM-W-EEE", "2021-03-3-Sun"), "2021-03-14T00:00:00.000");
  EXPECT_EQ(read("YYYY-ww-e", "2021-01-1"), "2020-12-27T00:00:00.000");
  EXPECT_EQ(read("DDD", "100"), "1970-04-10T00:00:00.000");
  EXPECT_EQ(read("dd", "31"), "1970-01-31T00:00:00.000");
  EXPECT_EQ(read("EEE", "Fri"), "1970-01-02T00:00:00.000");
  EXPECT_NE(read("yyyy-DDD", "2021-366").find("Invalid date 'DayOfYear 366' as '2021' is not a leap year"),
            std::string::npos);
  EXPECT_EQ(read("yyyy-MM-dd HH zzzz", "2021-07-14 08 Pacific Daylight Time"), "2021-07-14T15:00:00.000");
  EXPECT_EQ(read("HH zzzz", "08 Nowhere Time"), "Text '08 Nowhere Time' could not be parsed at index 3");
}

TEST(LenientLetters, times_that_are_midnight) {
  EXPECT_EQ(lenient("2021-01-01 12 AM", "yyyy-MM-dd hh a"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 12 pm", "yyyy-MM-dd hh a"), "Date format contains time field.");
  EXPECT_EQ(lenient("2021-01-01 24", "yyyy-MM-dd kk"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 0 AM", "yyyy-MM-dd K a"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 00:00:00.000", "yyyy-MM-dd HH:mm:ss.SSS"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 00:00:01", "yyyy-MM-dd HH:mm:ss"), "Date format contains time field.");
  EXPECT_EQ(lenient("2021-01-01 00:00:00.001", "yyyy-MM-dd HH:mm:ss.SSS"),
            "Date format contains time field.");
  EXPECT_EQ(lenient("2021-01-01 23:60", "yyyy-MM-dd HH:mm"), "2021-01-02");
}

TEST(LenientLetters, zones_eras_and_what_does_not_count) {
  EXPECT_EQ(lenient("2021-01-01 GMT", "yyyy-MM-dd z"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 16:00 PST", "yyyy-MM-dd HH:mm z"), "2021-01-02");
  EXPECT_EQ(lenient("2021-01-01 01:00 +0100", "yyyy-MM-dd HH:mm Z"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 08:00 Asia/Singapore", "yyyy-MM-dd HH:mm z"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 XYZ", "yyyy-MM-dd z"), "Unparseable date: \"2021-01-01 XYZ\"");
  EXPECT_EQ(lenient("2021-01-01 AD", "yyyy-MM-dd G"), "2021-01-01");
  EXPECT_EQ(lenient("2021-01-01 CE", "yyyy-MM-dd G"), "Unparseable date: \"2021-01-01 CE\"");
  EXPECT_EQ(lenient("2021'03", "yyyy''MM"), "2021-03-01");
  EXPECT_EQ(lenient("2021o'clock", "yyyy'o''clock'"), "2021-01-01");
}

}  // namespace
}  // namespace thalweg::planner
