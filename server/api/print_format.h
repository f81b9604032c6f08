// Guesses what the bytes of a topic mean, and prints them for people:
//
//   rowtime: 2022/12/02 17:22:02.556 Z, key: 18, value: {"a":1}, partition: 0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/log/record_batch.h"

namespace thalweg::server {

// Formats that fit all bytes seen so far, most telling first.
class FormatGuess {
 public:
  void see(std::string_view bytes);
  std::string names() const;  // "JSON or KAFKA_STRING"
  std::string print(std::string_view bytes) const;

 private:
  enum class Window : std::uint8_t { kNone, kTime, kSession };
  bool seen_ = false;
  bool json_ = true, text_ = true, int32_ = true, int64_ = true;
  Window window_ = Window::kNone;

  static Window window_of(std::string_view bytes);
  void see_plain(std::string_view bytes);
  std::string print_plain(std::string_view bytes) const;
};

std::string print_record(const runtime::RecordBatch& batch, std::uint32_t index, std::int32_t partition,
                         const FormatGuess& key, const FormatGuess& value);

}  // namespace thalweg::server
