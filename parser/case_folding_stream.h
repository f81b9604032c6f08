// Characters of a statement for the lexer: ASCII letters are answered in upper case, so that keywords
// match in any case; the text of a token is what was written. Only files of parser/ include this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "antlr4-runtime.h"

namespace thalweg::parser {

// Indices count characters (UTF-8 sequences; a broken byte counts as one character). Borrows the text.
class CaseFoldingStream final : public antlr4::CharStream {
 public:
  void assign(std::string_view text);
  std::size_t byte_offset(std::size_t index) const;  // of a character; the end for indices behind it

  void consume() override;
  std::size_t LA(ssize_t distance) override;
  ssize_t mark() override { return -1; }
  void release(ssize_t) override {}
  std::size_t index() override { return index_; }
  void seek(std::size_t index) override { index_ = index < size_ ? index : size_; }
  std::size_t size() override { return size_; }
  std::string getSourceName() const override { return "statement"; }
  std::string getText(const antlr4::misc::Interval& interval) override;
  std::string toString() const override { return std::string(text_); }

 private:
  std::string_view text_;
  std::vector<char32_t> characters_;    // empty while the text is ASCII: then bytes are characters
  std::vector<std::uint32_t> offsets_;  // byte offset of each character, likewise
  std::size_t size_ = 0;
  std::size_t index_ = 0;
};

}  // namespace thalweg::parser
