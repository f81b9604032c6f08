// A catalogue that grows statement by statement, over a handful of invented functions.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "parser/parser.h"
#include "planner/planner.h"

namespace thalweg::planner::test {

class Topics : public TopicDirectory {
 public:
  std::map<std::string, TopicDescription> known;
  std::optional<TopicDescription> find(const std::string& topic) const override {
    const auto found = known.find(topic);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }
};

// twice(INT), twice(DECIMAL), shout(VARCHAR), spread(ARRAY<T>) as a table function, COUNT, TOTAL (undoable),
// LAST.
FunctionCatalog invented_functions();

class Session {
 public:
  Session() : functions(invented_functions()) {}

  // Plans every statement and remembers what it makes; stops at the first error.
  Result<void> run(std::string_view sql);
  // The last planned query; asserts that there is one.
  const QueryPlan& query() const { return *last_query; }
  std::string schema(const std::string& source) const { return to_string(catalog.find(source)->schema); }
  PlanningContext context() const { return {catalog, functions, topics, properties}; }

  FunctionCatalog functions;
  Catalog catalog;
  Topics topics;
  PropertyMap properties;
  std::optional<QueryPlan> last_query;
};

// Message of the error that `sql` ends in, or "no error".
std::string error_of(std::string_view sql);

}  // namespace thalweg::planner::test
