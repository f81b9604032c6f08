// The process's log: text or one JSON object per line, to stderr.
#pragma once

#include <string>

#include "base/result.h"

namespace thalweg::server {

// Levels trace, debug, info, warn, error, off; formats text, json. kQuery: anything else.
Result<void> configure_logging(const std::string& level, const std::string& format);

}  // namespace thalweg::server
