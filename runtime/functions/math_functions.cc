// Real functions of one and two numbers. Domain problems give NaN or infinities, never errors.
#include <atomic>
#include <cmath>
#include <limits>
#include <numbers>

#include "runtime/functions/families.h"
#include "runtime/functions/random_source.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {

std::uint64_t RandomSource::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}

RandomSource RandomSource::of_call_site(const FunctionEnvironment& environment) {
  static std::atomic<std::uint64_t> sites{0};
  RandomSource numbering(sites.fetch_add(1));
  return RandomSource(environment.random_seed ^ numbering.next());
}

namespace {

using Real = double (*)(double);
using RealPair = double (*)(double, double);

std::vector<Overload> unary(Real function) {
  return {scalar([function](std::int32_t value) -> double { return function(value); }),
          scalar([function](std::int64_t value) -> double { return function(static_cast<double>(value)); }),
          scalar([function](double value) -> double { return function(value); })};
}

std::vector<Overload> binary(RealPair function) {
  return {scalar([function](std::int32_t a, std::int32_t b) -> double { return function(a, b); }),
          scalar([function](std::int64_t a, std::int64_t b) -> double {
            return function(static_cast<double>(a), static_cast<double>(b));
          }),
          scalar([function](double a, double b) -> double { return function(a, b); })};
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kDegreesPerRadian = 180.0 / std::numbers::pi;
constexpr double kRadiansPerDegree = std::numbers::pi / 180.0;

double natural_log(double value) { return value < 0 ? kNaN : std::log(value); }
double log_to_base(double base, double value) {
  return base <= 0 || base == 1 ? kNaN : natural_log(value) / natural_log(base);
}

// In extended precision, so that cubes have whole roots.
double exact_cbrt(double value) { return static_cast<double>(std::cbrt(static_cast<long double>(value))); }

struct RealFunction {
  std::string name;
  std::string argument;
  std::string doc;
  Real function;
  std::vector<std::pair<std::string, std::string>> examples;
};

const std::vector<RealFunction>& real_functions() {
  static const std::vector<RealFunction> functions{
      {"acos",
       "value",
       "The arc cosine in radians; NaN outside [-1, 1].",
       [](double x) { return std::acos(x); },
       {{"acos(1)", "0.0"}}},
      {"asin",
       "value",
       "The arc sine in radians; NaN outside [-1, 1].",
       [](double x) { return std::asin(x); },
       {{"asin(0)", "0.0"}}},
      {"atan",
       "value",
       "The arc tangent in radians.",
       [](double x) { return std::atan(x); },
       {{"atan(0)", "0.0"}}},
      {"cos",
       "value",
       "The cosine of an angle in radians.",
       [](double x) { return std::cos(x); },
       {{"cos(0)", "1.0"}}},
      {"sin",
       "value",
       "The sine of an angle in radians.",
       [](double x) { return std::sin(x); },
       {{"sin(0)", "0.0"}}},
      {"tan",
       "value",
       "The tangent of an angle in radians.",
       [](double x) { return std::tan(x); },
       {{"tan(0)", "0.0"}}},
      {"cosh",
       "value",
       "The hyperbolic cosine.",
       [](double x) { return std::cosh(x); },
       {{"cosh(0)", "1.0"}}},
      {"sinh", "value", "The hyperbolic sine.", [](double x) { return std::sinh(x); }, {{"sinh(0)", "0.0"}}},
      {"tanh",
       "value",
       "The hyperbolic tangent.",
       [](double x) { return std::tanh(x); },
       {{"tanh(0)", "0.0"}}},
      {"cot",
       "value",
       "The cotangent of an angle in radians.",
       [](double x) { return 1.0 / std::tan(x); },
       {{"cot(0)", "Infinity"}}},
      {"degrees",
       "value",
       "Radians to degrees.",
       [](double x) { return x * kDegreesPerRadian; },
       {{"degrees(2)", "114.59155902616465"}}},
      {"radians",
       "value",
       "Degrees to radians.",
       [](double x) { return x * kRadiansPerDegree; },
       {{"radians(180)", "3.141592653589793"}}},
      {"exp",
       "exponent",
       "Euler's number raised to a power.",
       [](double x) { return std::exp(x); },
       {{"exp(0)", "1.0"}}},
      {"ln",
       "value",
       "The natural logarithm; 0 gives -Infinity, negative numbers NaN.",
       natural_log,
       {{"ln(1)", "0.0"}, {"ln(0)", "-Infinity"}, {"ln(-1)", "NaN"}}},
      {"sqrt",
       "value",
       "The square root; NaN for negative numbers.",
       [](double x) { return x < 0 ? kNaN : std::sqrt(x); },
       {{"sqrt(16)", "4.0"}, {"sqrt(-1)", "NaN"}}},
      {"cbrt", "value", "The cube root.", exact_cbrt, {{"cbrt(27)", "3.0"}}},
  };
  return functions;
}

std::int32_t sign_of(double value) { return value > 0 ? 1 : (value < 0 ? -1 : 0); }

}  // namespace

void add_math_functions(FunctionLibrary& library) {
  for (const RealFunction& real : real_functions()) {
    library.add({.name = real.name,
                 .category = "MATHEMATICAL",
                 .doc = real.doc,
                 .arguments = {real.argument},
                 .overloads = unary(real.function),
                 .examples = real.examples});
  }

  std::vector<Overload> logs = unary(natural_log);
  for (Overload& overload : logs) overload.signature.parameters[0].name = "value";
  for (Overload& overload : binary(log_to_base)) logs.push_back(std::move(overload));
  library.add({.name = "log",
               .category = "MATHEMATICAL",
               .doc = "The natural logarithm, or the logarithm to a base, which must be positive and not 1.",
               .arguments = {"base", "value"},
               .overloads = std::move(logs),
               .examples = {{"log(1)", "0.0"}, {"log(2, 8)", "3.0"}, {"log(1, 8)", "NaN"}}});

  library.add({.name = "atan2",
               .category = "MATHEMATICAL",
               .doc = "The angle in radians between the x axis and the point (x, y).",
               .arguments = {"y", "x"},
               .overloads = binary([](double y, double x) { return std::atan2(y, x); }),
               .examples = {{"atan2(0, 1)", "0.0"}}});

  library.add({.name = "power",
               .category = "MATHEMATICAL",
               .doc = "`base` raised to `exponent`.",
               .arguments = {"base", "exponent"},
               .overloads = binary([](double base, double exponent) { return std::pow(base, exponent); }),
               .examples = {{"power(2, 10)", "1024.0"}}});

  library.add({.name = "pi",
               .category = "MATHEMATICAL",
               .doc = "The ratio of a circle's circumference to its diameter.",
               .overloads = {scalar([]() -> double { return std::numbers::pi; })},
               .examples = {{"pi()", "3.141592653589793"}}});

  library.add({.name = "random",
               .category = "MATHEMATICAL",
               .doc = "A random number from 0 up to but not including 1, new for every row.",
               .overloads = {scalar_per_site([](const FunctionEnvironment& environment) {
                 return [source = RandomSource::of_call_site(environment)]() mutable -> double {
                   return static_cast<double>(source.next() >> 11) * 0x1.0p-53;
                 };
               })},
               .examples = {{"random() < 1", "true"}}});

  library.add({.name = "sign",
               .category = "MATHEMATICAL",
               .doc = "-1, 0 or 1, as the number is negative, zero (or NaN) or positive.",
               .arguments = {"value"},
               .overloads = {scalar([](std::int32_t value) { return (value > 0) - (value < 0); }),
                             scalar([](std::int64_t value) { return (value > 0) - (value < 0); }),
                             scalar([](double value) { return sign_of(value); })},
               .examples = {{"sign(-7)", "-1"}, {"sign(0.0E0)", "0"}}});
}

}  // namespace thalweg::runtime
