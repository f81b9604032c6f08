// thalweg-conformance --queries DIR [--only REGEX] [--report FILE]
// Runs case files through the engine; prints a table by area and "N passed, N failed, N skipped".
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/conformance/run_case.h"
#include "tests/conformance/test_functions.h"

int main(int argc, char** argv) {
  using namespace thalweg;
  std::string folder, only, report_file;
  bool verbose = false;
  CLI::App app("Runs conformance cases through the engine.");
  app.add_option("--queries", folder, "folder of case files")->required();
  app.add_option("--only", only, "run the cases whose name matches this regular expression");
  app.add_option("--report", report_file, "write {case: passed | failed | skipped} to this file");
  app.add_flag("--verbose", verbose, "print why each case failed");
  CLI11_PARSE(app, argc, argv);

  auto cases = conformance::read_cases(folder);
  if (!cases) {
    std::fprintf(stderr, "%s\n", cases.error().message.c_str());
    return 2;
  }
  auto library = std::make_shared<runtime::FunctionLibrary>(*runtime::standard_library());
  conformance::add_test_functions(*library);
  const std::regex wanted(only);
  struct Count {
    int passed = 0, failed = 0, skipped = 0;
  };
  std::map<std::string, Count> areas;
  Count all;
  nlohmann::ordered_json report;
  for (const auto& one : *cases) {
    if (!only.empty() && !std::regex_search(one.name, wanted)) continue;
    Count& area = areas[one.area];
    if (!one.excluded.empty()) {
      ++area.skipped, ++all.skipped;
      report[one.name] = "skipped";
      continue;
    }
    const auto verdict = conformance::run_case(one, library);
    report[one.name] = verdict.passed ? "passed" : "failed";
    if (verdict.passed) {
      ++area.passed, ++all.passed;
      continue;
    }
    ++area.failed, ++all.failed;
    if (verbose) std::printf("FAILED %s\n    %s\n", one.name.c_str(), verdict.reason.c_str());
    std::fflush(stdout);
  }
  for (const auto& [area, count] : areas) {
    std::printf("%-40s %5d passed %5d failed %5d skipped\n", area.c_str(), count.passed, count.failed,
                count.skipped);
  }
  if (!report_file.empty()) std::ofstream(report_file) << report.dump(1) << "\n";
  std::printf("%d passed, %d failed, %d skipped\n", all.passed, all.failed, all.skipped);
  return all.failed == 0 ? 0 : 1;
}
