// Bids per auction and time window, tumbling or hopping: the limit of tumbling_count and q5a.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "bench/benchmark.h"
#include "bench/groups.h"

namespace thalweg::bench {

template <std::int64_t kSizeMs, std::int64_t kAdvanceMs>
class WindowedCounts {
 public:
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder&) {
    auto bid = record.json();
    const std::int64_t time = record.time();
    const std::int64_t auction = bid["auction"].get_int64();
    for (std::int64_t start = (time - kSizeMs + kAdvanceMs) / kAdvanceMs * kAdvanceMs; start <= time;
         start += kAdvanceMs) {
      Count& count = counts_.change({start, auction});
      ++count.n;
      count.time = std::max(count.time, time);
    }
  }

 protected:
  // `opening`: the value up to the number, "{\"N\":".
  void write(std::string_view opening, RecordBatchBuilder& out, std::string& delta) {
    counts_.take_changed([&](const auto& key, const Count& count) {
      put_key(out, key.second);
      put_key(out, key.first);
      put_all(out.value_bytes(), opening, count.n, "}");
      out.finish_record(count.time, false, false);
      put_raw(delta, key);
      put_raw(delta, count);
    });
  }

 private:
  struct Count {
    std::int64_t n = 0, time = 0;
  };
  Groups<std::pair<std::int64_t, std::int64_t>, Count> counts_;  // by window start and auction
};

}  // namespace thalweg::bench
