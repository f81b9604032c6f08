#include "shell/testing/markdown_blocks.h"

#include <cstddef>
#include <utility>

namespace thalweg::shell {
namespace {

constexpr std::string_view kFence = "```";

// Lines [begin, end) between the two fences of one test block, counted from 0.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool opens_test(std::string_view line) {
  if (!line.starts_with(kFence)) return false;
  const auto info = words(line.substr(kFence.size()));
  return !info.empty() && info.front() == "test";
}

struct Ranges {
  std::vector<Range> tests;
  std::size_t unclosed_line = 0;  // from 1; 0: every fence is closed
};

Ranges find_ranges(const std::vector<std::string>& lines) {
  Ranges found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with(kFence)) continue;
    std::size_t end = i + 1;
    while (end < lines.size() && trim(lines[end]) != kFence) ++end;
    if (end == lines.size()) {
      found.unclosed_line = i + 1;
      return found;
    }
    if (opens_test(lines[i])) found.tests.push_back({i + 1, end});
    i = end;
  }
  return found;
}

}  // namespace

Result<std::vector<TestFile>> parse_markdown_blocks(const std::string& path, std::string_view page) {
  const auto lines = lines_of(page);
  const auto ranges = find_ranges(lines);
  if (ranges.unclosed_line > 0) {
    return Error(ErrorCode::kParse,
                 path + ":" + std::to_string(ranges.unclosed_line) + ": this fence is never closed");
  }
  std::vector<TestFile> files;
  for (const Range& range : ranges.tests) {
    std::string text(range.begin, '\n');  // so that the block's lines keep their numbers
    for (std::size_t i = range.begin; i < range.end; ++i) text += lines[i] + "\n";
    THALWEG_TRY(auto file, parse_test_file(path, text));
    files.push_back(std::move(file));
  }
  return files;
}

std::string replace_markdown_blocks(std::string_view page, const std::vector<TestFile>& blocks) {
  const auto lines = lines_of(page);
  const auto ranges = find_ranges(lines);
  std::string out;
  std::size_t next = 0;
  for (std::size_t b = 0; b < ranges.tests.size() && b < blocks.size(); ++b) {
    const Range& range = ranges.tests[b];
    for (; next < range.begin; ++next) out += lines[next] + "\n";
    out += to_text(blocks[b]).substr(range.begin);  // without the empty lines put before it
    next = range.end;
  }
  for (; next < lines.size(); ++next) out += lines[next] + "\n";
  return out;
}

}  // namespace thalweg::shell
