// Text rows → records in a source's topic, in its declared formats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "runtime/log/log.h"

namespace thalweg::shell {

class InputWriter {
 public:
  // One row as row_text.h describes, or "raw [@time] [key |] bytes" for bytes that no serializer would
  // write. Rows without a time take that of the row before.
  Result<void> write(runtime::Log& log, const planner::DataSource& source, std::string_view line);
  // Only raw rows: a topic without a source.
  Result<void> write_raw(runtime::Log& log, const std::string& topic, std::string_view line);

 private:
  struct Record;
  Result<void> commit(runtime::Log& log, const std::string& topic, const Record& record,
                      std::string_view partition_key);

  std::int64_t last_time_ms_ = 0;
  std::int32_t keyless_count_ = 0;
};

}  // namespace thalweg::shell
