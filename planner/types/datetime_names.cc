#include "planner/types/datetime_names.h"

#include <algorithm>

namespace thalweg::planner {

namespace {

constexpr ZoneFamily kZoneFamilies[] = {
    {"", "Europe/London", "GMT", "BST", "Greenwich Mean Time", "British Summer Time"},
    {"", "Europe/Dublin", "GMT", "IST", "Greenwich Mean Time", "Irish Standard Time"},
    {"", "America/Phoenix", "MST", "MDT", "Mountain Standard Time", "Mountain Daylight Time"},
    {"", "CET", "CET", "CEST", "Central European Standard Time", "Central European Summer Time"},
    {"", "MET", "MET", "MEST", "Middle Europe Time", "Middle Europe Summer Time"},
    {"", "WET", "WET", "WEST", "Western European Standard Time", "Western European Summer Time"},
    {"", "EET", "EET", "EEST", "Eastern European Standard Time", "Eastern European Summer Time"},
    {"America_Pacific", "America/Los_Angeles", "PST", "PDT", "Pacific Standard Time",
     "Pacific Daylight Time"},
    {"America_Mountain", "America/Denver", "MST", "MDT", "Mountain Standard Time", "Mountain Daylight Time"},
    {"America_Central", "America/Chicago", "CST", "CDT", "Central Standard Time", "Central Daylight Time"},
    {"America_Eastern", "America/New_York", "EST", "EDT", "Eastern Standard Time", "Eastern Daylight Time"},
    {"Atlantic", "America/Halifax", "AST", "ADT", "Atlantic Standard Time", "Atlantic Daylight Time"},
    {"Newfoundland", "America/St_Johns", "NST", "NDT", "Newfoundland Standard Time",
     "Newfoundland Daylight Time"},
    {"Alaska", "America/Anchorage", "AKST", "AKDT", "Alaska Standard Time", "Alaska Daylight Time"},
    {"Hawaii_Aleutian", "Pacific/Honolulu", "HST", "HDT", "Hawaii-Aleutian Standard Time",
     "Hawaii-Aleutian Daylight Time"},
    {"GMT", "GMT", "GMT", "", "Greenwich Mean Time", ""},
    {"Europe_Western", "Europe/Lisbon", "WET", "WEST", "Western European Standard Time",
     "Western European Summer Time"},
    {"Europe_Central", "Europe/Paris", "CET", "CEST", "Central European Standard Time",
     "Central European Summer Time"},
    {"Europe_Eastern", "Europe/Athens", "EET", "EEST", "Eastern European Standard Time",
     "Eastern European Summer Time"},
    {"Moscow", "Europe/Moscow", "MSK", "MSD", "Moscow Standard Time", "Moscow Summer Time"},
    {"Israel", "Asia/Jerusalem", "IST", "IDT", "Israel Standard Time", "Israel Daylight Time"},
    {"India", "Asia/Kolkata", "IST", "", "India Standard Time", ""},
    {"Pakistan", "Asia/Karachi", "PKT", "PKST", "Pakistan Standard Time", "Pakistan Summer Time"},
    {"China", "Asia/Shanghai", "CST", "CDT", "China Standard Time", "China Daylight Time"},
    {"Hong_Kong", "Asia/Hong_Kong", "HKT", "HKST", "Hong Kong Standard Time", "Hong Kong Summer Time"},
    {"Singapore", "Asia/Singapore", "SGT", "", "Singapore Standard Time", ""},
    {"Indonesia_Western", "Asia/Jakarta", "WIB", "", "Western Indonesia Time", ""},
    {"Japan", "Asia/Tokyo", "JST", "JDT", "Japan Standard Time", "Japan Daylight Time"},
    {"Korea", "Asia/Seoul", "KST", "KDT", "Korean Standard Time", "Korean Daylight Time"},
    {"Australia_Western", "Australia/Perth", "AWST", "AWDT", "Australian Western Standard Time",
     "Australian Western Daylight Time"},
    {"Australia_Central", "Australia/Adelaide", "ACST", "ACDT", "Australian Central Standard Time",
     "Australian Central Daylight Time"},
    {"Australia_Eastern", "Australia/Sydney", "AEST", "AEDT", "Australian Eastern Standard Time",
     "Australian Eastern Daylight Time"},
    {"New_Zealand", "Pacific/Auckland", "NZST", "NZDT", "New Zealand Standard Time",
     "New Zealand Daylight Time"},
    {"Africa_Eastern", "Africa/Nairobi", "EAT", "", "East Africa Time", ""},
    {"Africa_Western", "Africa/Lagos", "WAT", "WAST", "West Africa Standard Time", "West Africa Summer Time"},
    {"Africa_Central", "Africa/Maputo", "CAT", "", "Central Africa Time", ""},
    {"Africa_Southern", "Africa/Johannesburg", "SAST", "", "South Africa Standard Time", ""},
    {"Brasilia", "America/Sao_Paulo", "BRT", "BRST", "Brasilia Standard Time", "Brasilia Summer Time"},
    {"Argentina", "America/Argentina/Buenos_Aires", "ART", "ARST", "Argentina Standard Time",
     "Argentina Summer Time"},
    {"Colombia", "America/Bogota", "COT", "COST", "Colombia Standard Time", "Colombia Summer Time"},
    {"Chile", "America/Santiago", "CLT", "CLST", "Chile Standard Time", "Chile Summer Time"},
    {"Peru", "America/Lima", "PET", "PEST", "Peru Standard Time", "Peru Summer Time"},
    {"Venezuela", "America/Caracas", "VET", "", "Venezuela Time", ""},
    {"Gulf", "Asia/Dubai", "GST", "", "Gulf Standard Time", ""},
    {"Iran", "Asia/Tehran", "IRST", "IRDT", "Iran Standard Time", "Iran Daylight Time"},
    {"Indochina", "Asia/Bangkok", "ICT", "", "Indochina Time", ""},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

std::span<const ZoneFamily> zone_families() { return kZoneFamilies; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace thalweg::planner
