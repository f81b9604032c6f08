// Streams, tables and types by name: a value that is copied for dry runs and shared as a snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "parser/ast/statement.h"
#include "planner/types/schema.h"

namespace thalweg::planner {

// A format and its stored properties ("delimiter", "fullSchemaName", …). Names are upper case.
struct Format {
  std::string name;  // NONE KAFKA DELIMITED JSON (JSON_SR AVRO PROTOBUF PROTOBUF_NOSR: known, refused here)
  std::map<std::string, std::string> properties;
  bool operator==(const Format&) const = default;
};

// Whether a single column stands bare or in an envelope; unset: the format's own way.
enum class Wrapping : std::uint8_t { kDefault, kWrapped, kUnwrapped };

struct SideFormat {
  Format format;
  Wrapping wrapping = Wrapping::kDefault;
  bool operator==(const SideFormat&) const = default;
};

struct WindowInfo {
  ast::WindowType type;
  std::optional<std::int64_t> size_ms;  // absent for sessions
  // Windows over a number of rows: size, starts and ends are numbers of a group's rows, not milliseconds.
  bool counts_rows = false;
  bool operator==(const WindowInfo&) const = default;
};

struct TimestampColumn {
  std::string column;
  std::optional<std::string> format;  // for STRING columns
  bool operator==(const TimestampColumn&) const = default;
};

struct HeaderColumn {
  std::string name;
  std::optional<std::string> key;  // HEADER('k'); absent: HEADERS
  bool operator==(const HeaderColumn&) const = default;
};

// One stream or table: what is needed to read and write its topic.
struct DataSource {
  std::string name;
  ast::SourceKind kind = ast::SourceKind::kStream;
  Schema schema;                      // key columns, value columns; then header columns as values, see below
  std::vector<HeaderColumn> headers;  // names of those schema columns that come from record headers
  std::string topic;
  SideFormat key;
  SideFormat value;
  std::optional<WindowInfo> window;  // key bytes carry a window
  std::optional<TimestampColumn> timestamp;
  bool read_only = false;  // CREATE SOURCE …
  std::string statement;   // text that made it
  std::string created_by;  // id of the query that writes it; empty: CREATE STREAM/TABLE
  bool operator==(const DataSource&) const = default;
};
using DataSourcePtr = std::shared_ptr<const DataSource>;

class Catalog {
 public:
  DataSourcePtr find(std::string_view name) const;  // null: none; exact case
  const std::map<std::string, DataSourcePtr, std::less<>>& sources() const { return sources_; }
  void put(DataSource source) {
    auto name = source.name;
    sources_[std::move(name)] = std::make_shared<const DataSource>(std::move(source));
  }
  void remove(std::string_view name);
  std::vector<std::string> similar_names(std::string_view name) const;

  const std::map<std::string, SqlType, std::less<>>& types() const { return types_; }
  void put_type(std::string name, SqlType type) { types_[std::move(name)] = std::move(type); }
  void remove_type(std::string_view name);

 private:
  std::map<std::string, DataSourcePtr, std::less<>> sources_;
  std::map<std::string, SqlType, std::less<>> types_;
};

// What the planner may ask of the log.
struct TopicDescription {
  std::int32_t partitions = 1;
  std::int32_t replicas = 1;
  std::int64_t retention_ms = -1;
};
class TopicDirectory {
 public:
  virtual ~TopicDirectory() = default;
  virtual std::optional<TopicDescription> find(const std::string& topic) const = 0;
};

// Text → SqlType with custom types expanded: "Cannot resolve unknown type: X".
Result<SqlType> resolve_type(const ast::TypeName& name, const Catalog& catalog);

}  // namespace thalweg::planner
