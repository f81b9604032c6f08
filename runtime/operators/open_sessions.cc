#include "runtime/operators/open_sessions.h"

#include <algorithm>
#include <cstring>

namespace thalweg::runtime {
namespace {

constexpr std::int64_t kBucketsPerLookup = 8;

std::string_view bytes_of(const std::int64_t& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

}  // namespace

Session Session::from_entry(std::int64_t end, std::string_view entry) {
  Session session;
  std::memcpy(&session.start, entry.data(), sizeof session.start);
  session.end = end;
  session.state = entry.substr(sizeof session.start);
  session.stored = true;
  session.stored_start = session.start;
  session.stored_end = session.end;
  return session;
}

OpenSessions::Group& OpenSessions::group(std::string_view key) {
  const auto at = by_key_.find(key);
  if (at != by_key_.end()) return *at->second;
  Group& made = groups_.emplace_back();
  made.key = key;
  by_key_.emplace(made.key, &made);
  return made;
}

Result<void> OpenSessions::read(Group& group, std::int64_t from, std::int64_t to) {
  rows_.forget_ranges();
  const std::size_t range = rows_.want(group.key, from, to);
  THALWEG_CHECK(rows_.look_up());
  rows_.each(range, [&](std::int64_t end, std::string_view entry) {
    const auto place = std::find_if(group.sessions.begin(), group.sessions.end(),
                                    [&](const Session& other) { return other.start > end; });
    group.sessions.insert(place, Session::from_entry(end, entry));
    return true;
  });
  return {};
}

Result<OpenSessions::Touched> OpenSessions::touched(Group& group, std::int64_t time, std::int64_t gap_ms) {
  const std::int64_t from = std::max(time - gap_ms, rows_.visible_from());
  if (!group.known) {
    group.known = true;
    group.known_from = from;
    group.known_to = from - 1;
    group.newest_stored = rows_.newest();
  } else if (from < group.known_from) {
    THALWEG_CHECK(read(group, from, group.known_from - 1));
    group.known_from = from;
  }
  // Sessions of a group do not overlap, so the first one that begins too late ends the search.
  const auto begins_late = [&](const Session& session) { return session.start > time + gap_ms; };
  while (group.known_to < group.newest_stored &&
         (group.sessions.empty() || !begins_late(group.sessions.back()))) {
    const std::int64_t next = group.known_to + 1;
    const std::int64_t to = rows_.bucket_of(next) + kBucketsPerLookup * rows_.width_ms() - 1;
    THALWEG_CHECK(read(group, next, to));
    group.known_to = to;
  }
  Touched found{group.sessions.size(), group.sessions.size()};
  while (found.last > 0 && begins_late(group.sessions[found.last - 1])) --found.last;
  found.first = found.last;
  while (found.first > 0 && group.sessions[found.first - 1].end >= from) --found.first;
  return found;
}

void OpenSessions::change(Session& session) const {
  if (session.changed) return;
  session.changed = true;
  if (session.stored && keep_old_) session.stored_state = session.state;
}

void OpenSessions::swallow(Group& group, std::size_t swallowed) {
  const auto at = group.sessions.begin() + static_cast<std::ptrdiff_t>(swallowed);
  if (at->stored) group.gone.push_back(std::move(*at));
  group.sessions.erase(at);
}

void OpenSessions::put(const Group& group, const Session& session) {
  entry_.assign(bytes_of(session.start));
  entry_.append(session.state);
  rows_.insert_announced(group.key, session.end, entry_);
}

Result<void> OpenSessions::write_back() {
  for (const Group& group : groups_) {
    for (const Session& session : group.gone)
      rows_.erase(group.key, session.stored_end, bytes_of(session.stored_start));
    for (const Session& session : group.sessions) {
      if (!session.changed) continue;
      if (session.stored) rows_.erase(group.key, session.stored_end, bytes_of(session.stored_start));
      if (!session.fleeting) put(group, session);
    }
  }
  forget();
  return rows_.apply();
}

void OpenSessions::forget() {
  groups_.clear();
  by_key_.clear();
}

}  // namespace thalweg::runtime
