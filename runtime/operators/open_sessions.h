// The sessions that an epoch touches, taken from the store on first touch and written back at its end, so
// that a row costs no lookups in the store.
//
// What the store holds meanwhile is what was last written; TimedRows::newest moves on with every row.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/operators/timed_rows.h"

namespace thalweg::runtime {

// In TimedRows: time is the session's end, bytes are [i64 start, ms][state].
struct Session {
  std::int64_t start = 0, end = 0;  // ms, both inclusive
  std::string state;

  bool changed = false;
  bool fleeting = false;  // older than what the store keeps: leaves, and is forgotten
  bool stored = false;    // with these bounds:
  std::int64_t stored_start = 0, stored_end = 0;
  std::string stored_state;  // of a changed one, if old states are wanted

  static Session from_entry(std::int64_t end, std::string_view entry);
  bool moved() const { return stored && (start != stored_start || end != stored_end); }
};

class OpenSessions {
 public:
  // `keep_old`: changed sessions remember the state they had in the store.
  OpenSessions(TimedRows& rows, bool keep_old) : rows_(rows), keep_old_(keep_old) {}

  struct Group {
    std::string key;
    std::vector<Session> sessions;  // the known ones, by time
    std::vector<Session> gone;      // swallowed by others; all stored
    // Stored sessions that end within [known_from, known_to] have been read; none ends after newest_stored.
    std::int64_t known_from = 0, known_to = 0, newest_stored = 0;
    bool known = false;
  };
  Group& group(std::string_view key);
  // Where in group.sessions those lie that a row at `time` belongs to: [first, last).
  struct Touched {
    std::size_t first, last;
  };
  Result<Touched> touched(Group& group, std::int64_t time, std::int64_t gap_ms);
  // To be called before a session changes.
  void change(Session& session) const;
  // `into` has taken over its neighbour `swallowed`, which goes.
  static void swallow(Group& group, std::size_t swallowed);

  // Every group touched, in order of first touch.
  const std::deque<Group>& groups() const { return groups_; }
  Result<void> write_back();
  void forget();

 private:
  struct KeyHash {
    using is_avalanching = void;
    std::size_t operator()(std::string_view key) const { return hash_key(key); }
  };
  // Reads stored sessions that end within [from, to] and puts them at their place.
  Result<void> read(Group& group, std::int64_t from, std::int64_t to);
  void put(const Group& group, const Session& session);

  TimedRows& rows_;
  bool keep_old_;
  std::deque<Group> groups_;
  boost::unordered_flat_map<std::string_view, Group*, KeyHash> by_key_;
  std::string entry_;
};

}  // namespace thalweg::runtime
