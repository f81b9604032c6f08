// The limit of session counts: records come in order of time, so only a key's newest session is open.
#pragma once

#include <utility>
#include <vector>

#include "bench/groups.h"
#include "bench/limit.h"

namespace thalweg::bench {

template <std::int64_t kGapMs>
struct SessionCount {
  struct Session {
    std::int64_t start = 0, end = 0, n = 0;
    std::int64_t written_end = -1;  // as the topic has it; -1: not at all
  };
  struct Sessions {
    Session open;
    std::vector<Session> closed;  // in this epoch
  };
  Groups<std::int64_t, Sessions> sessions;  // by bidder

  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder&) {
    auto bid = record.json();
    const std::int64_t time = record.time();
    const std::int64_t bidder = bid["bidder"].get_int64();
    Sessions& own = sessions.change(bidder);
    if (own.open.n > 0 && time - own.open.end > kGapMs) {
      own.closed.push_back(own.open);
      own.open = Session{};
    }
    if (own.open.n++ == 0) own.open.start = time;
    own.open.end = time;
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    sessions.take_changed([&](std::int64_t bidder, Sessions& own) {
      for (Session& session : own.closed) write(out, delta, bidder, session);
      own.closed.clear();
      write(out, delta, bidder, own.open);
    });
  }

 private:
  static void set_key(RecordBatchBuilder& out, std::int64_t bidder, std::int64_t start, std::int64_t end) {
    put_key(out, bidder);
    put_key(out, end);
    put_key(out, start);
  }
  static void write(RecordBatchBuilder& out, std::string& delta, std::int64_t bidder, Session& session) {
    if (session.written_end == session.end) return;
    if (session.written_end >= 0) {
      set_key(out, bidder, session.start, session.written_end);
      out.finish_record(session.written_end, false, true);
    }
    set_key(out, bidder, session.start, session.end);
    put_all(out.value_bytes(), "{\"N\":", session.n, "}");
    out.finish_record(session.end, false, false);
    session.written_end = session.end;
    put_raw(delta, bidder);
    put_raw(delta, session);
  }
};

}  // namespace thalweg::bench
