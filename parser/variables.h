// ${name} in the text of a statement.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "parser/parser.h"

namespace thalweg::parser {

struct Substituted {
  std::string text;
  // Byte ranges [begin, end) in `text` that replaced a bare ${name}. Words in them are names or
  // literals, never keywords. Ascending.
  std::vector<std::pair<std::size_t, std::size_t>> bare;
};

// `origin` is the position of the first character, for messages.
//   'a ${n}'  inside strings: the value with its quotes doubled; unknown names are kept
//   ${n}      elsewhere: a quoted string, a boolean, a number or an identifier; unknown names are kept
//             (and refused by the grammar); any other value fails with kParse
//   $${n}     stands for ${n}
// Comments and quoted identifiers are left alone. Results are not looked at again.
Result<Substituted> substitute_variables(std::string_view text, const Variables& variables,
                                         SourcePosition origin);

}  // namespace thalweg::parser
