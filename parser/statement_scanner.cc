#include "parser/statement_scanner.h"

#include "parser/parser.h"

namespace thalweg::parser {
namespace {

Opaque quoted(std::string_view text, std::size_t at, OpaqueKind kind) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] != quote) continue;
    if (i + 1 < text.size() && text[i + 1] == quote) {
      ++i;  // a doubled quote stands for itself
    } else {
      return {kind, i + 1, true};
    }
  }
  return {kind, text.size(), false};
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Opaque opaque_at(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with('\'')) return quoted(text, at, OpaqueKind::kString);
  if (rest.starts_with('"') || rest.starts_with('`')) return quoted(text, at, OpaqueKind::kIdentifier);
  if (rest.starts_with("--")) {
    const auto end = text.find_first_of("\r\n", at);
    return {OpaqueKind::kComment, end == text.npos ? text.size() : end, true};
  }
  if (rest.starts_with("/*")) {
    const auto end = text.find("*/", at + 2);
    return {OpaqueKind::kComment, end == text.npos ? text.size() : end + 2, end != text.npos};
  }
  return {OpaqueKind::kNone, at, true};
}

std::vector<Piece> cut(std::string_view text) {
  std::vector<Piece> pieces;
  SourcePosition begin{1, 1};
  std::size_t start = 0;
  bool blank = true;
  const auto finish = [&](std::size_t end, bool terminated) {
    const auto piece = text.substr(start, end - start);
    pieces.push_back({start, piece, begin, terminated, blank});
    begin = advance(begin, piece);
    start = end;
    blank = true;
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto opaque = opaque_at(text, i);
    if (opaque.kind != OpaqueKind::kNone) {
      blank = blank && opaque.kind == OpaqueKind::kComment;
      i = opaque.end;
    } else if (text[i++] == ';') {
      finish(i, true);
    } else {
      blank = blank && is_space(text[i - 1]);
    }
  }
  if (start < text.size()) finish(text.size(), false);
  return pieces;
}

SourcePosition advance(SourcePosition begin, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      ++begin.line;
      begin.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {  // UTF-8 sequences count once
      ++begin.column;
    }
  }
  return begin;
}

bool ends_statement(std::string_view text) {
  bool ended = false;
  for (std::size_t i = 0; i < text.size();) {
    const auto opaque = opaque_at(text, i);
    if (opaque.kind == OpaqueKind::kNone) {
      if (!is_space(text[i])) ended = text[i] == ';';
      ++i;
      continue;
    }
    if (opaque.kind != OpaqueKind::kComment || !opaque.closed) ended = false;
    i = opaque.end;
  }
  return ended;
}

std::vector<std::string> split_statements(std::string_view text) {
  std::vector<std::string> statements;
  for (const auto& piece : cut(text)) {
    if (!piece.blank) statements.emplace_back(trim(piece.text));
  }
  return statements;
}

}  // namespace thalweg::parser
