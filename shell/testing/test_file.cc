#include "shell/testing/test_file.h"

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

namespace thalweg::shell {
namespace {

constexpr std::array<std::pair<std::string_view, BlockKind>, 15> kHeads{{
    {"statement", BlockKind::kStatement},
    {"input", BlockKind::kInput},
    {"output", BlockKind::kOutput},
    {"topic", BlockKind::kTopic},
    {"log", BlockKind::kLog},
    {"counters", BlockKind::kCounters},
    {"failed", BlockKind::kFailed},
    {"query", BlockKind::kQuery},
    {"push", BlockKind::kPush},
    {"rows", BlockKind::kRows},
    {"explain", BlockKind::kExplain},
    {"restart", BlockKind::kRestart},
    {"advance", BlockKind::kAdvance},
    {"partitions", BlockKind::kPartitions},
    {"restarts", BlockKind::kRestarts},
}};

bool has_expected_part(BlockKind kind) { return kind == BlockKind::kQuery || kind == BlockKind::kExplain; }

bool body_is_sql(BlockKind kind) {
  return kind == BlockKind::kStatement || kind == BlockKind::kPush || has_expected_part(kind);
}

Error bad_file(const std::string& path, int line, const std::string& message) {
  return Error(ErrorCode::kParse, path + ":" + std::to_string(line) + ": " + message);
}

// Fills body and expected from the block's lines.
Result<void> fill(TestBlock& block, const std::string& path) {
  bool below_rule = false;
  for (std::size_t i = 1; i < block.text.size(); ++i) {
    const std::string& line = block.text[i];
    if (has_expected_part(block.kind) && line == "----") {
      below_rule = true;
    } else if (below_rule) {
      block.expected.push_back(line);
    } else {
      block.body.push_back(line);
      if (body_is_sql(block.kind)) continue;
      if (auto row = strip_comment(line); !row.empty()) block.expected.push_back(std::move(row));
    }
  }
  if (has_expected_part(block.kind) && !below_rule) {
    return bad_file(path, block.line, "a query needs a line of four dashes before its rows");
  }
  return {};
}

Result<TestBlock> make_block(const std::string& path, int line, std::vector<std::string> text) {
  TestBlock block;
  block.line = line;
  const std::string head = strip_comment(text.front());
  const std::string word = head.substr(0, head.find_first_of(" \t"));
  for (const auto& [name, kind] : kHeads) {
    if (word != name) continue;
    block.kind = kind;
    block.head = std::string(trim(std::string_view(head).substr(word.size())));
    // An expected error may hold anything, also a '#'.
    if (kind == BlockKind::kStatement)
      block.head = std::string(trim(std::string_view(text.front()).substr(word.size())));
    block.text = std::move(text);
    THALWEG_CHECK(fill(block, path));
    return block;
  }
  return bad_file(path, line, "unknown block '" + word + "'");
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  std::istringstream stream{std::string(text)};
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

std::string strip_comment(std::string_view row) {
  char quote = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const char c = row[i];
    if (quote != 0) {
      if (c == '\'' && quote == c && i + 1 < row.size() && row[i + 1] == c) {
        ++i;  // a doubled quote stands for itself
      } else if (c == quote) {
        quote = 0;
      }
    } else if (c == '"' || (c == '\'' && (i == 0 || row[i - 1] == ' ' || row[i - 1] == '|'))) {
      quote = c;
    } else if (c == '#' && (i == 0 || row[i - 1] == ' ' || row[i - 1] == '\t')) {
      row = row.substr(0, i);
      break;
    }
  }
  return std::string(trim(row));
}

Result<TestFile> parse_test_file(std::string path, std::string_view text) {
  TestFile file;
  file.path = std::move(path);
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size();) {
    if (lines[i].empty() || lines[i].starts_with('#')) {
      TestBlock gap;
      gap.line = static_cast<int>(i) + 1;
      while (i < lines.size() && (lines[i].empty() || lines[i].starts_with('#')))
        gap.text.push_back(lines[i++]);
      file.blocks.push_back(std::move(gap));
      continue;
    }
    const int line = static_cast<int>(i) + 1;
    std::vector<std::string> block_lines;
    while (i < lines.size() && !trim(lines[i]).empty()) block_lines.push_back(lines[i++]);
    THALWEG_TRY(auto block, make_block(file.path, line, std::move(block_lines)));
    file.blocks.push_back(std::move(block));
  }
  return file;
}

Result<TestFile> read_test_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error(ErrorCode::kIo, "cannot read " + path);
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_test_file(path, text.str());
}

void replace_expected(TestBlock& block, const std::vector<std::string>& rows) {
  std::size_t keep = 1;
  if (has_expected_part(block.kind)) {
    while (keep < block.text.size() && block.text[keep] != "----") ++keep;
    ++keep;
  }
  block.text.resize(keep);
  block.text.insert(block.text.end(), rows.begin(), rows.end());
  block.expected = rows;
}

std::string to_text(const TestFile& file) {
  std::string out;
  for (const TestBlock& block : file.blocks) {
    for (const std::string& line : block.text) out += line + "\n";
  }
  return out;
}

}  // namespace thalweg::shell
