// INT_FROM_BYTES, BIGINT_FROM_BYTES, DOUBLE_FROM_BYTES.
#include <bit>
#include <cstring>

#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {
namespace {

bool equal_ignoring_case(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

Result<bool> is_little_endian(std::string_view order) {
  if (equal_ignoring_case(order, "BIG_ENDIAN")) return false;
  if (equal_ignoring_case(order, "LITTLE_ENDIAN")) return true;
  return row_error("Byte order must be BIG_ENDIAN or LITTLE_ENDIAN. Unknown byte order '" +
                   std::string(order) + "'.");
}

template <typename T>
Result<T> number_from(Bytes bytes, std::string_view order) {
  THALWEG_TRY(const bool little, is_little_endian(order));
  if (bytes.view.size() != sizeof(T)) {
    return row_error("Number of bytes must be equal to " + std::to_string(sizeof(T)) + ", but found " +
                     std::to_string(bytes.view.size()));
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const std::size_t at = little ? sizeof(T) - 1 - i : i;
    bits = bits << 8 | static_cast<unsigned char>(bytes.view[at]);
  }
  if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<double>(bits);
  } else {
    return static_cast<T>(bits);
  }
}

template <typename T>
void add_number(FunctionLibrary& library, const std::string& name, const std::string& doc,
                std::vector<std::pair<std::string, std::string>> examples) {
  library.add({.name = name,
               .category = "CONVERSIONS",
               .doc = doc,
               .arguments = {"value", "byteOrder"},
               .overloads = {scalar([](Bytes bytes) { return number_from<T>(bytes, "BIG_ENDIAN"); }),
                             scalar([](Bytes bytes, std::string_view order) {
                               return number_from<T>(bytes, order);
                             })},
               .examples = std::move(examples)});
}

}  // namespace

void add_bytes_functions(FunctionLibrary& library) {
  add_number<std::int32_t>(
      library, "int_from_bytes", "Reads an INTEGER from 4 bytes.",
      {{"int_from_bytes('AAAH5A==')", "2020"}, {"int_from_bytes('5AcAAA==', 'little_endian')", "2020"}});
  add_number<std::int64_t>(library, "bigint_from_bytes", "Reads a BIGINT from 8 bytes.",
                           {{"bigint_from_bytes('AAAAAAAAB+Q=')", "2020"}});
  add_number<double>(library, "double_from_bytes", "Reads a DOUBLE from 8 bytes.",
                     {{"double_from_bytes('P/AAAAAAAAA=')", "1.0"}});
}

}  // namespace thalweg::runtime
