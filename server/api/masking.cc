#include "server/api/masking.h"

#include <algorithm>
#include <array>
#include <vector>

#include "parser/parser.h"
#include "server/http/request.h"

namespace thalweg::server {
namespace {

struct Token {
  enum class Kind { kWord, kString, kSymbol, kSpace } kind;
  std::string_view text;
};

bool word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '@';
}

std::size_t quoted_end(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] != quote) continue;
    if (i + 1 < text.size() && text[i + 1] == quote) {
      ++i;
    } else {
      return i + 1;
    }
  }
  return text.size();
}

std::size_t comment_end(std::string_view text, std::size_t begin) {
  const bool line = text[begin] == '-';
  const auto end = text.find(line ? "\n" : "*/", begin + 2);
  return end == text.npos ? text.size() : end + (line ? 1 : 2);
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    std::size_t end = i + 1;
    auto kind = Token::Kind::kSymbol;
    if (c == '\'' || c == '"' || c == '`') {
      kind = c == '\'' ? Token::Kind::kString : Token::Kind::kWord;
      end = quoted_end(text, i);
    } else if (text.substr(i, 2) == "--" || text.substr(i, 2) == "/*") {
      kind = Token::Kind::kSpace;
      end = comment_end(text, i);
    } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      kind = Token::Kind::kSpace;
    } else if (word_character(c)) {
      kind = Token::Kind::kWord;
      while (end < text.size() && word_character(text[end])) ++end;
    }
    tokens.push_back({kind, text.substr(i, end - i)});
    i = end;
  }
  return tokens;
}

bool is_word(const Token& token, std::string_view word) {
  return token.kind == Token::Kind::kWord && equal_ignoring_case(token.text, word);
}

std::string bare(std::string_view name) {
  if (name.size() >= 2 && (name.front() == '\'' || name.front() == '"' || name.front() == '`')) {
    name = name.substr(1, name.size() - 2);
  }
  return std::string(name);
}

// One comma-separated item of a row: '[value]' between its surrounding spaces.
void mask_row(const std::vector<Token>& tokens, std::size_t& i, std::string& out) {
  int depth = 0;
  bool written = false;
  for (; i < tokens.size(); ++i) {
    const auto text = tokens[i].text;
    const bool opens = text == "(" || text == "[";
    const bool closes = text == ")" || text == "]";
    if (depth == 1 && (text == "," || text == ")")) written = false;
    if (opens && depth++ == 0) {
      out += text;
      continue;
    }
    if (closes && --depth <= 0) {
      out += text;
      ++i;
      return;
    }
    if (depth == 0 || (depth == 1 && text == ",") || (tokens[i].kind == Token::Kind::kSpace && !written)) {
      out += text;
    } else if (!written) {
      out += "'[value]'";
      written = true;
    }
  }
}

std::string mask_values(const std::vector<Token>& tokens, std::size_t values) {
  std::string out;
  for (std::size_t i = 0; i <= values; ++i) out += tokens[i].text;
  for (std::size_t i = values + 1; i < tokens.size();) {
    if (tokens[i].text == "(") {
      mask_row(tokens, i, out);
    } else {
      out += tokens[i++].text;
    }
  }
  return out;
}

std::string mask_settings(const std::vector<Token>& tokens, bool connector) {
  std::string out, name;
  bool behind_equals = false;
  for (const auto& token : tokens) {
    const bool value = token.kind == Token::Kind::kString || token.kind == Token::Kind::kWord;
    const auto plain = bare(token.text);
    const bool hide = behind_equals && value && !equal_ignoring_case(name, "connector.class") &&
                      (connector || is_secret_name(name));
    if (hide) {
      out += "'[string]'";
    } else {
      out += token.text;
    }
    if (token.kind == Token::Kind::kSpace) continue;
    behind_equals = token.text == "=" && !name.empty();
    if (token.text != "=") name = value ? plain : std::string();
  }
  return out;
}

std::string mask_one(std::string_view sql, bool values_too) {
  const auto tokens = tokens_of(sql);
  bool insert = false, connector = false;
  int words = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == Token::Kind::kSpace) continue;
    if (words++ == 0) insert = is_word(tokens[i], "INSERT");
    if (insert && is_word(tokens[i], "VALUES")) return values_too ? mask_values(tokens, i) : std::string(sql);
    connector = connector || (words <= 3 && is_word(tokens[i], "CONNECTOR"));
  }
  return mask_settings(tokens, connector);
}

std::string mask_all(std::string_view sql, bool values_too) {
  std::string out;
  for (const auto& statement : parser::split_statements(sql)) {
    if (!out.empty()) out += ' ';
    out += mask_one(statement, values_too);
  }
  const auto masked_nothing = out == sql;
  return masked_nothing || out.empty() ? std::string(sql) : out;
}

bool contains(std::string_view sql, std::string_view word) {
  return std::search(sql.begin(), sql.end(), word.begin(), word.end(),
                     [](char a, char b) { return (a | 0x20) == (b | 0x20); }) != sql.end();
}

}  // namespace

bool is_secret_name(std::string_view property) {
  static constexpr std::array<std::string_view, 10> kMarks = {
      "password", "secret",    "token",  "jaas",       "credential",
      "api.key",  "user.info", "apikey", "passphrase", "private.key"};
  const auto name = lower_case(property);
  return std::any_of(kMarks.begin(), kMarks.end(), [&](auto mark) { return name.find(mark) != name.npos; });
}

std::string mask_statement(std::string_view sql) {
  if (!contains(sql, "values")) return mask_secrets(sql);
  return mask_all(sql, true);
}

std::string mask_secrets(std::string_view sql) {
  if (!contains(sql, "connector") && sql.find('=') == sql.npos) return std::string(sql);
  return mask_all(sql, false);
}

}  // namespace thalweg::server
