// Examples in Markdown pages: every fenced block whose info string begins with the word `test` is a
// .test file of its own. Other blocks are left alone.
//
//   ```test
//   statement ok
//   CREATE STREAM …
//   ```
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "shell/testing/test_file.h"

namespace thalweg::shell {

// Line numbers are those of the page. kParse: a fence that is never closed, or a malformed block.
Result<std::vector<TestFile>> parse_markdown_blocks(const std::string& path, std::string_view page);

// The page with the text of its test blocks, in order, replaced by that of `blocks`.
std::string replace_markdown_blocks(std::string_view page, const std::vector<TestFile>& blocks);

}  // namespace thalweg::shell
