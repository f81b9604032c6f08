// Parsed pull queries by the shape of their text, so that `WHERE id = 'a'` and `WHERE id = 'b'` cost one
// parse together. Only literals of the WHERE clause may differ, and only simple ones: quoted strings and
// whole numbers under comparisons, AND, OR, NOT, BETWEEN and IN. Any other text is simply not cached.
//
// Thread-safe. Holds at most kEntriesMax shapes; a full cache is emptied.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "parser/ast/statement.h"

namespace thalweg::server {

// A text with the literals behind WHERE cut out.
struct QueryShape {
  std::string text;
  std::vector<std::string> literals;  // strings decoded, numbers as written
};
std::optional<QueryShape> shape_of(std::string_view sql);  // nullopt: not for the cache

class PullCache {
 public:
  // The query with the literals of `shape` put in; nullopt: unknown shape.
  std::optional<ast::Query> find(const QueryShape& shape) const;
  // Remembers `query`, parsed from the text `shape` was made of, if it can be reused.
  void add(const QueryShape& shape, const ast::Query& query);

 private:
  static constexpr std::size_t kEntriesMax = 1000;
  mutable Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const ast::Query>> queries_ THALWEG_GUARDED_BY(mutex_);
};

}  // namespace thalweg::server
