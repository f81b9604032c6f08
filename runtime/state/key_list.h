// Keys laid end to end, for one call to a store.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/state/state_store.h"

namespace thalweg::runtime {

class KeyList {
 public:
  std::string& bytes() { return bytes_; }  // append a key to it, then end_key()
  void end_key() { ends_.push_back(bytes_.size()); }
  void add(std::string_view key) {
    bytes_.append(key);
    end_key();
  }
  std::size_t size() const { return ends_.size(); }
  void clear() {
    bytes_.clear();
    ends_.clear();
  }
  // With their hashes; until the next change.
  std::span<const StateKey> keys() {
    keys_.resize(ends_.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const auto key = std::string_view(bytes_).substr(begin, ends_[i] - begin);
      keys_[i] = {key, hash_key(key)};
      begin = ends_[i];
    }
    return keys_;
  }
  // Of the last keys().
  std::string_view operator[](std::size_t i) const { return keys_[i].bytes; }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
  std::vector<StateKey> keys_;
};

}  // namespace thalweg::runtime
