// Case files: {"comments": […], "tests": […]}; one test object yields a case per format and config.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/conformance/exact_json.h"

namespace thalweg::conformance {

struct Case {
  std::string name;  // "<file> - <name><suffixes>"
  std::string area;  // the file
  std::vector<std::string> statements;
  std::map<std::string, std::string> properties;
  Json test;              // the whole object, for topics, inputs, outputs, expectedException, post
  std::string excluded;   // why the case does not apply; empty: it does
  std::string malformed;  // why the case cannot be run; empty: it can
};

Result<std::vector<Case>> read_cases(const std::string& folder);

}  // namespace thalweg::conformance
