// MASK and its four partial forms.
#include <algorithm>

#include <unicode/uchar.h>

#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"
#include "runtime/functions/utf16_text.h"

namespace thalweg::runtime {
namespace {

using Mask = std::optional<std::string_view>;

// What each class of characters becomes; nothing: it stays.
struct Masks {
  std::optional<char16_t> upper = u'X';
  std::optional<char16_t> lower = u'x';
  std::optional<char16_t> digit = u'n';
  std::optional<char16_t> other = u'-';
};

Result<std::optional<char16_t>> mask_character(Mask text) {
  if (!text) return std::optional<char16_t>();
  const std::u16string units = to_units(*text);
  if (units.size() != 1) {
    return row_error("Invalid mask character. Must be only single character, but was '" + std::string(*text) +
                     "'");
  }
  return std::optional<char16_t>(units[0]);
}

Result<Masks> make_masks(Mask upper, Mask lower, Mask digit, Mask other) {
  Masks masks;
  THALWEG_TRY(masks.upper, mask_character(upper));
  THALWEG_TRY(masks.lower, mask_character(lower));
  THALWEG_TRY(masks.digit, mask_character(digit));
  THALWEG_TRY(masks.other, mask_character(other));
  return masks;
}

char16_t masked(char16_t unit, const Masks& masks) {
  switch (u_charType(unit)) {
    case U_UPPERCASE_LETTER: return masks.upper.value_or(unit);
    case U_LOWERCASE_LETTER: return masks.lower.value_or(unit);
    case U_DECIMAL_DIGIT_NUMBER: return masks.digit.value_or(unit);
    default: return masks.other.value_or(unit);
  }
}

std::string mask_range(std::u16string units, std::size_t begin, std::size_t end, const Masks& masks) {
  for (std::size_t i = begin; i < end; ++i) units[i] = masked(units[i], masks);
  return to_utf8(units);
}

// Which part of a text is masked, given its length and numChars.
struct PartialMask {
  const char* name;
  const char* doc;
  bool keep;  // numChars counts what stays
  bool left;
  const char* example;
};

Result<std::string> mask_part(const PartialMask& kind, std::string_view text, std::int32_t count,
                              const Masks& masks) {
  if (count < 0) {
    return row_error(std::string("function ") + kind.name +
                     " requires a non-negative number of characters to mask or skip");
  }
  std::u16string units = to_units(text);
  const std::size_t size = units.size();
  const std::size_t part = std::min(size, static_cast<std::size_t>(count));
  if (kind.keep) {
    return kind.left ? mask_range(std::move(units), part, size, masks)
                     : mask_range(std::move(units), 0, size - part, masks);
  }
  return kind.left ? mask_range(std::move(units), 0, part, masks)
                   : mask_range(std::move(units), size - part, size, masks);
}

void add_partial(FunctionLibrary& library, const PartialMask& kind) {
  library.add({.name = kind.name,
               .category = "STRING",
               .doc = kind.doc,
               .arguments = {"input", "numChars", "upper", "lower", "digit", "other"},
               .overloads = {scalar([kind](std::string_view text, NotNull<std::int32_t> count) {
                               return mask_part(kind, text, count, Masks{});
                             }),
                             scalar([kind](std::string_view text, NotNull<std::int32_t> count, Mask upper,
                                           Mask lower, Mask digit, Mask other) -> Result<std::string> {
                               THALWEG_TRY(const Masks masks, make_masks(upper, lower, digit, other));
                               return mask_part(kind, text, count, masks);
                             })},
               .examples = {{std::string(kind.name) + "('Ab-12', 2)", kind.example}}});
}

}  // namespace

void add_masking_functions(FunctionLibrary& library) {
  library.add({.name = "mask",
               .category = "STRING",
               .doc =
                   "Replaces capitals by X, small letters by x, digits by n, all else by - (or by the given "
                   "characters; NULL leaves a class unmasked).",
               .arguments = {"input", "upper", "lower", "digit", "other"},
               .overloads = {scalar([](std::string_view text) {
                               std::u16string units = to_units(text);
                               const std::size_t size = units.size();
                               return mask_range(std::move(units), 0, size, Masks{});
                             }),
                             scalar([](std::string_view text, Mask upper, Mask lower, Mask digit,
                                       Mask other) -> Result<std::string> {
                               THALWEG_TRY(const Masks masks, make_masks(upper, lower, digit, other));
                               std::u16string units = to_units(text);
                               const std::size_t size = units.size();
                               return mask_range(std::move(units), 0, size, masks);
                             })},
               .examples = {{"mask('AbCd#$123xy Z')", "XxXx--nnnxx-X"},
                            {"mask('AbC1', 'Q', NULL, NULL, NULL)", "QbQ1"}}});
  add_partial(library, {"mask_left", "Masks the first numChars characters.", false, true, "Xx-12"});
  add_partial(library, {"mask_right", "Masks the last numChars characters.", false, false, "Ab-nn"});
  add_partial(library,
              {"mask_keep_left", "Masks all but the first numChars characters.", true, true, "Ab-nn"});
  add_partial(library,
              {"mask_keep_right", "Masks all but the last numChars characters.", true, false, "Xx-12"});
}

}  // namespace thalweg::runtime
