// Every function of the library is called in some .test file.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "runtime/functions/library.h"

namespace thalweg::runtime {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string all_test_files() {
  std::string all;
  const std::filesystem::path folder = std::filesystem::path(THALWEG_SOURCE_DIR) / "tests" / "sql";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".test") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    all += upper(text.str());
  }
  return all;
}

bool calls(const std::string& text, const std::string& name) {
  const std::string wanted = name + "(";
  for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) {
    const unsigned char before = at == 0 ? ' ' : static_cast<unsigned char>(text[at - 1]);
    if (std::isalnum(before) == 0 && before != '_') return true;
  }
  return false;
}

TEST(Corpus, CallsEveryFunction) {
  const std::string text = all_test_files();
  ASSERT_FALSE(text.empty());
  EXPECT_FALSE(calls(text, "NO_SUCH_FUNCTION_AT_ALL"));
  for (const FunctionBlock* function : standard_library()->all())
    EXPECT_TRUE(calls(text, upper(function->name))) << function->name << " is called in no .test file";
}

}  // namespace
}  // namespace thalweg::runtime
