#include "server/config/text_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace thalweg::server {

Result<std::string> read_text_file(const std::string& path, std::string_view what) {
  const Error unreadable{ErrorCode::kQuery, "cannot read " + std::string(what) + path};
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return unreadable;  // opens, and then looks empty
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable;
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return unreadable;
  return text.str();
}

}  // namespace thalweg::server
