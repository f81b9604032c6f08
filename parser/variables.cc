#include "parser/variables.h"

#include <algorithm>

#include "parser/statement_scanner.h"
#include "parser/words.h"

namespace thalweg::parser {
namespace {

// A reference `${name}` at the beginning of `text`; length 0 when there is none.
struct Reference {
  std::string_view name;
  std::size_t length = 0;
};

Reference reference_at(std::string_view text) {
  if (!text.starts_with("${")) return {};
  const auto end = text.find('}');
  if (end == text.npos || !is_plain_identifier(text.substr(2, end - 2))) return {};
  return {text.substr(2, end - 2), end + 1};
}

bool is_quoted(std::string_view value, char quote) {
  if (value.size() < 2 || value.front() != quote) return false;
  const auto opaque = opaque_at(value, 0);
  return opaque.closed && opaque.end == value.size();
}

bool is_number(std::string_view value) {
  if (value.starts_with('-') || value.starts_with('+')) value.remove_prefix(1);
  const auto digits = [&value] {
    const auto count = std::min(value.find_first_not_of("0123456789"), value.size());
    value.remove_prefix(count);
    return count;
  };
  std::size_t count = digits();
  if (value.starts_with('.')) {
    value.remove_prefix(1);
    count += digits();
  }
  if (count == 0) return false;
  if (value.starts_with('e') || value.starts_with('E')) {
    value.remove_prefix(1);
    if (value.starts_with('-') || value.starts_with('+')) value.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return value.empty();
}

bool is_bare_value(std::string_view value) {
  if (is_quoted(value, '\'') || is_quoted(value, '"') || is_quoted(value, '`') || is_number(value))
    return true;
  const auto word = upper(value);
  return word == "TRUE" || word == "FALSE" || (is_plain_identifier(value) && !is_reserved_word(word));
}

class Substituter {
 public:
  Substituter(std::string_view text, const Variables& variables, SourcePosition origin)
      : text_(text), variables_(variables), origin_(origin) {}

  Result<Substituted> run() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto opaque = opaque_at(text_, at);
      if (opaque.kind == OpaqueKind::kString) {
        inside_string(text_.substr(at, opaque.end - at));
        at = opaque.end;
      } else if (opaque.kind != OpaqueKind::kNone) {
        out_.text += text_.substr(at, opaque.end - at);
        at = opaque.end;
      } else {
        THALWEG_TRY(at, bare(at));
      }
    }
    return std::move(out_);
  }

 private:
  const std::string* value_of(std::string_view name) const {
    const auto found = variables_.find(std::string(name));
    return found == variables_.end() ? nullptr : &found->second;
  }

  // Copies the reference behind `$$` at the beginning of `rest`; how much was consumed, 0 if none.
  std::size_t escaped(std::string_view rest) {
    if (!rest.starts_with("$$")) return 0;
    const auto reference = reference_at(rest.substr(1));
    out_.text += rest.substr(1, reference.length);
    return reference.length == 0 ? 0 : reference.length + 1;
  }

  void inside_string(std::string_view quoted) {
    for (std::size_t i = 0; i < quoted.size();) {
      if (const auto skipped = escaped(quoted.substr(i))) {
        i += skipped;
        continue;
      }
      const auto reference = reference_at(quoted.substr(i));
      const auto* value = reference.length == 0 ? nullptr : value_of(reference.name);
      if (value == nullptr) {
        out_.text += quoted[i++];
        continue;
      }
      for (const char c : *value) out_.text.append(c == '\'' ? 2 : 1, c);
      i += reference.length;
    }
  }

  // Returns the offset behind what was copied.
  Result<std::size_t> bare(std::size_t at) {
    const auto rest = text_.substr(at);
    if (const auto skipped = escaped(rest)) return at + skipped;
    const auto reference = reference_at(rest);
    const auto* value = reference.length == 0 ? nullptr : value_of(reference.name);
    if (value == nullptr) {
      out_.text += text_[at];
      return at + 1;
    }
    if (!is_bare_value(*value)) {
      const auto where = advance(origin_, text_.substr(0, at));
      return Error(
          ErrorCode::kParse,
          "Illegal argument at Line: " + std::to_string(where.line) +
              ", Col: " + std::to_string(where.column) + ". Variable '" + std::string(reference.name) +
              "' must hold a quoted string, a boolean, a number or an identifier. Got: '" + *value + "'",
          where);
    }
    out_.bare.emplace_back(out_.text.size(), out_.text.size() + value->size());
    out_.text += *value;
    return at + reference.length;
  }

  std::string_view text_;
  const Variables& variables_;
  SourcePosition origin_;
  Substituted out_;
};

}  // namespace

Result<Substituted> substitute_variables(std::string_view text, const Variables& variables,
                                         SourcePosition origin) {
  return Substituter(text, variables, origin).run();
}

Result<std::string> substitute(std::string_view text, const Variables& variables) {
  THALWEG_TRY(auto substituted, substitute_variables(text, variables, {1, 1}));
  return std::move(substituted.text);
}

}  // namespace thalweg::parser
