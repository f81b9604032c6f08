#include "tests/conformance/case_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace thalweg::conformance {
namespace {

// Cases that do not apply: they need an alternative planner with other key rules.
const std::set<std::string>& alternative_planner_cases() {
  static const std::set<std::string> names = {"select - multi-key columns reordered -- new planner",
                                              "select - key missing from projection -- new planner"};
  return names;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

std::string as_text(const Json& json) {
  if (json.kind == Json::Kind::kBool) return json.boolean ? "true" : "false";
  return json.is_null() ? "" : json.text;
}

std::vector<std::string> texts(const Json* list) {
  std::vector<std::string> out;
  if (list != nullptr) {
    for (const Json& item : list->items) out.push_back(as_text(item));
  }
  return out;
}

void expand(const Json& test, const std::string& area, std::vector<Case>& cases) {
  std::vector<std::string> formats = texts(test.find("format")), configs = texts(test.find("config"));
  const bool has_formats = !formats.empty(), has_configs = !configs.empty();
  if (!has_formats) formats = {""};
  if (!has_configs) configs = {""};
  for (const std::string& format : formats) {
    for (const std::string& config : configs) {
      Case made;
      made.area = area;
      made.name = area + " - " + test.string_or("name", "");
      if (has_formats) made.name += " - " + format;
      for (const std::string& statement : texts(test.find("statements"))) {
        made.statements.push_back(has_formats ? replaced(statement, "{FORMAT}", format) : statement);
      }
      if (const Json* properties = test.find("properties")) {
        for (const auto& [name, value] : properties->members) {
          std::string text = as_text(value), upper = text;
          std::transform(upper.begin(), upper.end(), upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
          if (has_configs && upper == "{CONFIG}") {
            text = config;
            made.name += " - " + name + "=" + config;
          }
          made.properties[name] = text;
        }
      }
      made.test = test;
      if (alternative_planner_cases().contains(made.name)) made.excluded = "alternative planner";
      cases.push_back(std::move(made));
    }
  }
}

}  // namespace

Result<std::vector<Case>> read_cases(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code status;
  for (const auto& entry : std::filesystem::directory_iterator(folder, status)) {
    if (entry.path().extension() == ".json" && entry.path().stem() != "manifest")
      files.push_back(entry.path());
  }
  if (status) return Error{ErrorCode::kIo, folder + ": " + status.message()};
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  std::set<std::string> names;
  for (const auto& path : files) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    auto json = parse_json(text.str());
    if (!json) return Error{ErrorCode::kBadRecord, path.filename().string() + ": " + json.error().message};
    const Json* tests = json->find("tests");
    if (tests == nullptr) continue;
    for (const Json& test : tests->items) {
      const Json* enabled = test.find("enabled");
      if (enabled != nullptr && enabled->kind == Json::Kind::kBool && !enabled->boolean) continue;
      const bool checks = test.find("inputs") || test.find("outputs") || test.find("expectedException");
      const auto first = cases.size();
      expand(test, path.stem().string(), cases);
      for (auto i = first; i < cases.size(); ++i) {
        if (!checks) cases[i].malformed = "the test has no inputs, outputs or expectedException";
        if (!names.insert(cases[i].name).second) cases[i].malformed = "the name is taken";
      }
    }
  }
  return cases;
}

}  // namespace thalweg::conformance
