#include "shell/testing/test_command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include "shell/testing/line_diff.h"
#include "shell/testing/markdown_blocks.h"
#include "shell/testing/test_file.h"
#include "shell/testing/test_run.h"
#include "shell/testing/world.h"

namespace thalweg::shell {
namespace {

namespace fs = std::filesystem;

bool is_page(const fs::path& path) { return path.extension() == ".md"; }

// Files as given; folders give their .test files and Markdown pages, sorted.
Result<std::vector<std::string>> collect(const std::vector<std::string>& given) {
  std::vector<std::string> files;
  for (const std::string& path : given) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (!fs::exists(path, error)) return Error(ErrorCode::kNotFound, "no such file: " + path);
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
      if (entry.path().extension() == ".test" || is_page(entry.path()))
        found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty()) return Error(ErrorCode::kNotFound, "no .test files given or found");
  return files;
}

void print_mismatch(const TestFile& file, const World& world, const Mismatch& mismatch) {
  std::printf("%s:%d [%s] %s\n", file.path.c_str(), mismatch.line, world.name.c_str(), mismatch.what.c_str());
  for (const std::string& line : line_diff(mismatch.expected, mismatch.actual))
    std::printf("    %s\n", line.c_str());
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error(ErrorCode::kIo, "cannot read " + path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// A .test file is one test, a Markdown page as many as it has test blocks.
Result<std::vector<TestFile>> read_tests(const std::string& path) {
  if (is_page(path)) {
    THALWEG_TRY(const auto page, read_text(path));
    return parse_markdown_blocks(path, page);
  }
  THALWEG_TRY(auto file, read_test_file(path));
  std::vector<TestFile> files;
  files.push_back(std::move(file));
  return files;
}

Result<void> save(const std::string& path, const std::vector<TestFile>& files) {
  std::string text;
  if (is_page(path)) {
    THALWEG_TRY(const auto page, read_text(path));
    text = replace_markdown_blocks(page, files);
  } else {
    text = to_text(files.front());
  }
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.flush();
  if (!out) return Error(ErrorCode::kIo, "cannot write " + path);
  return {};
}

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

void run_one(const std::string& path, const World& world, const TestRun::Options& options, Tally& tally) {
  auto files = read_tests(path);
  if (!files) {
    std::printf("%s\n", describe(files.error()).c_str());
    ++tally.failed;
    return;
  }
  bool differs = false;
  for (TestFile& file : *files) {
    const auto mismatches = TestRun(file, world, options).run();
    for (const Mismatch& mismatch : mismatches) print_mismatch(file, world, mismatch);
    ++(mismatches.empty() ? tally.passed : tally.failed);
    differs = differs || !mismatches.empty();
  }
  if (options.rewrite && differs) {
    const auto saved = save(path, *files);
    if (!saved) std::printf("%s\n", describe(saved.error()).c_str());
  }
  std::fflush(stdout);
}

int usage(const std::string& message) {
  std::fprintf(stderr, "thalweg test: %s\n", message.c_str());
  return 2;
}

}  // namespace

int run_test_command(const TestCommandOptions& options) {
  std::vector<World> worlds;
  if (options.world == "all") {
    worlds = all_worlds();
  } else if (auto world = find_world(options.world.empty() ? "default" : options.world)) {
    worlds.push_back(std::move(*world));
  } else {
    return usage("no world is called '" + options.world + "'");
  }
  if (options.rewrite && (worlds.size() != 1 || worlds.front().name != "default")) {
    return usage("--rewrite goes with the default world");
  }
  const auto files = collect(options.files);
  if (!files) return usage(files.error().message);

  const TestRun::Options run{options.seed.value_or(1), options.rewrite, options.positions};
  Tally tally;
  for (const World& world : worlds) {
    for (const std::string& file : *files) run_one(file, world, run, tally);
  }
  if (tally.failed > 0) std::printf("seed %llu\n", static_cast<unsigned long long>(run.seed));
  std::printf("%zu passed, %zu failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace thalweg::shell
