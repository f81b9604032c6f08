// GEO_DISTANCE.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {
namespace {

constexpr double kEarthKm = 6371;
constexpr double kEarthMiles = 3959;
constexpr std::array kKilometres{"km", "kilometer", "kilometers", "kilometre", "kilometres"};
constexpr std::array kMiles{"mi", "mile", "miles"};

std::string trimmed_lower(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

Result<double> earth_radius(std::optional<std::string_view> units) {
  const std::string unit = trimmed_lower(units.value_or(""));
  if (unit.empty() || std::find(kKilometres.begin(), kKilometres.end(), unit) != kKilometres.end())
    return kEarthKm;
  if (std::find(kMiles.begin(), kMiles.end(), unit) != kMiles.end()) return kEarthMiles;
  return row_error(
      "GeoDistance function units parameter must be one of [km, kilometer, kilometers, kilometre, "
      "kilometres, mi, "
      "mile, miles]. Values found: " +
      std::string(*units));
}

Result<double> distance(double lat1, double lon1, double lat2, double lon2,
                        std::optional<std::string_view> units) {
  const auto within = [](double value, double limit) { return value >= -limit && value <= limit; };
  if (!within(lat1, 90) || !within(lat2, 90)) {
    return row_error(
        "valid latitude values for GeoDistance function are in the range of -90 to 90 decimal degrees");
  }
  if (!within(lon1, 180) || !within(lon2, 180)) {
    return row_error(
        "valid longitude values for GeoDistance function are in the range of -180 to +180 decimal degrees");
  }
  THALWEG_TRY(const double radius, earth_radius(units));
  constexpr double kRadians = std::numbers::pi / 180.0;
  const double half_lat = std::sin((lat2 - lat1) * kRadians / 2);
  const double half_lon = std::sin((lon2 - lon1) * kRadians / 2);
  const double a =
      half_lat * half_lat + half_lon * half_lon * std::cos(lat1 * kRadians) * std::cos(lat2 * kRadians);
  return 2 * radius * std::asin(std::sqrt(a));
}

}  // namespace

void add_geo_functions(FunctionLibrary& library) {
  library.add(
      {.name = "geo_distance",
       .category = "OTHER",
       .doc = "The great-circle distance between two points given in degrees, in kilometres or miles.",
       .arguments = {"lat1", "lon1", "lat2", "lon2", "units"},
       .overloads = {scalar(
                         [](NotNull<double> lat1, NotNull<double> lon1, NotNull<double> lat2,
                            NotNull<double> lon2) { return distance(lat1, lon1, lat2, lon2, std::nullopt); }),
                     scalar([](NotNull<double> lat1, NotNull<double> lon1, NotNull<double> lat2,
                               NotNull<double> lon2, std::optional<std::string_view> units) {
                       return distance(lat1, lon1, lat2, lon2, units);
                     })},
       .examples = {{"geo_distance(0E0, 0E0, 0E0, 0E0)", "0.0"},
                    {"round(geo_distance(37.4439E0, -122.1663E0, 51.5257E0, -0.1122E0, 'KM'))", "8635"}}});
}

}  // namespace thalweg::runtime
