// State of the limits: states by key, laid end to end, and which of them an epoch has changed.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

namespace thalweg::bench {

struct MixHash {
  using is_avalanching = void;
  std::size_t operator()(std::int64_t key) const {
    auto bits = static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15ull;
    return bits ^ (bits >> 32);
  }
  template <typename A, typename B>
  std::size_t operator()(const std::pair<A, B>& key) const {
    return (*this)(static_cast<std::int64_t>((*this)(key.first) * 31) + key.second);
  }
};

template <typename Key, typename State>
class Groups {
 public:
  // The state of `key`, made if there is none, counted as changed.
  State& change(const Key& key) {
    const auto [at, made] = places_.try_emplace(key, static_cast<std::uint32_t>(groups_.size()));
    if (made) groups_.push_back({key, {}, false});
    Group& group = groups_[at->second];
    if (!group.changed) {
      group.changed = true;
      changed_.push_back(at->second);
    }
    return group.state;
  }
  const State* find(const Key& key) const {
    const auto at = places_.find(key);
    return at == places_.end() ? nullptr : &groups_[at->second].state;
  }
  // visit(key, state) for each changed group, in order of first change; then none is.
  template <typename Visit>
  void take_changed(Visit visit) {
    for (const std::uint32_t place : changed_) {
      groups_[place].changed = false;
      visit(groups_[place].key, groups_[place].state);
    }
    changed_.clear();
  }

 private:
  struct Group {
    Key key;
    State state;
    bool changed;
  };
  boost::unordered_flat_map<Key, std::uint32_t, MixHash> places_;
  std::vector<Group> groups_;
  std::vector<std::uint32_t> changed_;
};

}  // namespace thalweg::bench
