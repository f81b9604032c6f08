// Any text is parsed, or refused with a message; a parsed statement prints to text that parses to the same.
#include <string_view>

#include "parser/parser.h"
#include "parser/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace thalweg::parser;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  (void)split_statements(text);
  (void)ends_statement(text);
  const auto statements = parse_statements(text, {{"name", "value"}});
  if (!statements) {
    THALWEG_ASSERT(!statements.error().message.empty());
    return 0;
  }
  for (const auto& statement : *statements) {
    const std::string printed = print(statement);
    const auto again = parse_statement(printed);
    THALWEG_ASSERT(again.has_value() && print(*again) == printed);
  }
  return 0;
}
