#include "shell/testing/test_command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "shell/testing/line_diff.h"
#include "shell/testing/test_file.h"
#include "shell/testing/test_run.h"
#include "shell/testing/world.h"

namespace thalweg::shell {
namespace {

namespace fs = std::filesystem;

// Files as given; folders give their .test files, sorted.
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
      if (entry.path().extension() == ".test") found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty()) return Error(ErrorCode::kNotFound, "no .test files given or found");
  return files;
}

void print_mismatch(const TestFile& file, const World& world, const Mismatch& mismatch) {
  std::printf("%s:%d [%s] %s\n", file.path.c_str(), mismatch.line, world.name.c_str(), mismatch.what.c_str());
  for (const std::string& line : line_diff(mismatch.expected, mismatch.actual)) std::printf("    %s\n", line.c_str());
}

Result<void> save(const TestFile& file) {
  std::ofstream out(file.path, std::ios::binary);
  out << to_text(file);
  out.flush();
  if (!out) return Error(ErrorCode::kIo, "cannot write " + file.path);
  return {};
}

// True: nothing differed.
bool run_one(const std::string& path, const World& world, std::uint64_t seed, bool rewrite) {
  auto file = read_test_file(path);
  if (!file) {
    std::printf("%s\n", describe(file.error()).c_str());
    return false;
  }
  const auto mismatches = TestRun(*file, world, seed, rewrite).run();
  for (const Mismatch& mismatch : mismatches) print_mismatch(*file, world, mismatch);
  if (rewrite && !mismatches.empty()) {
    const auto saved = save(*file);
    if (!saved) std::printf("%s\n", describe(saved.error()).c_str());
  }
  std::fflush(stdout);
  return mismatches.empty();
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

  const std::uint64_t seed = options.seed.value_or(1);
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const World& world : worlds) {
    for (const std::string& file : *files) ++(run_one(file, world, seed, options.rewrite) ? passed : failed);
  }
  if (failed > 0) std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace thalweg::shell
