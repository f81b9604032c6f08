#include "planner/types/schema.h"

namespace thalweg::planner {

std::string to_string(const Schema& schema, bool mark_keys) {
  std::string out;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const SchemaColumn& column = schema.columns[i];
    if (i > 0) out += ", ";
    out += '`';
    for (const char c : column.name) {
      out += c;
      if (c == '`') out += c;
    }
    out += "` " + to_string(column.type);
    if (mark_keys && i < schema.key_count) out += " KEY";
  }
  return out;
}

}  // namespace thalweg::planner
