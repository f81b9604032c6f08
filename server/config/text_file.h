// Reading files that users name on a command line or in the shell.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace thalweg::server {

// The whole file. kQuery "cannot read <what><path>": missing, a folder, not ours to read.
Result<std::string> read_text_file(const std::string& path, std::string_view what = {});

}  // namespace thalweg::server
