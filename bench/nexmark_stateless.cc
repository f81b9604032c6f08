// Nexmark queries that keep nothing: q0, q1, q2, q14, q21, q22.
#include "bench/benchmark.h"

namespace thalweg::bench {
namespace {

constexpr double kEuros = 0.908;

struct BidNumbers {
  std::int64_t auction, bidder, price;
  explicit BidNumbers(simdjson::ondemand::document& bid)
      : auction(bid["auction"].get_int64()),
        bidder(bid["bidder"].get_int64()),
        price(bid["price"].get_int64()) {}
};

struct Q0 : Stateless {
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const BidNumbers bid(json);
    const std::int64_t time = json["date_time"].get_int64();
    const std::string_view extra = json["extra"].get_string();
    put_all(out.value_bytes(), "{\"AUCTION\":", bid.auction, ",\"BIDDER\":", bid.bidder,
            ",\"PRICE\":", bid.price, ",\"DATE_TIME\":", time, ",\"EXTRA\":\"", extra, "\"}");
    out.finish_record(record.time(), true, false);
  }
};

struct Q1 : Stateless {
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const BidNumbers bid(json);
    const std::int64_t time = json["date_time"].get_int64();
    const std::string_view extra = json["extra"].get_string();
    put_all(out.value_bytes(), "{\"AUCTION\":", bid.auction, ",\"BIDDER\":", bid.bidder,
            ",\"PRICE\":", kEuros * static_cast<double>(bid.price), ",\"DATE_TIME\":", time, ",\"EXTRA\":\"",
            extra, "\"}");
    out.finish_record(record.time(), true, false);
  }
};

struct Q2 : Stateless {
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const std::int64_t auction = json["auction"].get_int64();
    if (auction % 123 != 0) return;
    const std::int64_t price = json["price"].get_int64();
    put_all(out.value_bytes(), "{\"AUCTION\":", auction, ",\"PRICE\":", price, "}");
    out.finish_record(record.time(), true, false);
  }
};

struct Q14 : Stateless {
  static std::string_view time_type(std::int64_t hour) {
    if (hour >= 8 && hour <= 18) return "dayTime";
    return hour <= 6 || hour >= 20 ? "nightTime" : "otherTime";
  }
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const BidNumbers bid(json);
    const double price = kEuros * static_cast<double>(bid.price);
    if (price <= 1'000'000 || price >= 50'000'000) return;
    const std::int64_t time = json["date_time"].get_int64();
    const std::string_view extra = json["extra"].get_string();
    const std::int64_t count = std::count(extra.begin(), extra.end(), 'c');
    put_all(out.value_bytes(), "{\"AUCTION\":", bid.auction, ",\"BIDDER\":", bid.bidder, ",\"PRICE\":", price,
            ",\"BID_TIME_TYPE\":\"", time_type(time / 3'600'000 % 24), "\",\"DATE_TIME\":", time,
            ",\"EXTRA\":\"", extra, "\",\"C_COUNTS\":", count, "}");
    out.finish_record(record.time(), true, false);
  }
};

struct Q21 : Stateless {
  static std::string_view known(std::string_view channel) {
    if (channel == "Apple") return "0";
    if (channel == "Google") return "1";
    if (channel == "Facebook") return "2";
    return channel == "Baidu" ? "3" : "";
  }
  static std::string_view channel_in(std::string_view url) {
    constexpr std::string_view kName = "&channel_id=";
    const std::size_t at = url.find(kName);
    if (at == url.npos) return {};
    url.remove_prefix(at + kName.size());
    return url.substr(0, url.find('&'));
  }
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const BidNumbers bid(json);
    const std::string_view channel = json["channel"].get_string();
    std::string_view id = known(channel);
    if (id.empty()) id = channel_in(json["url"].get_string());
    if (id.empty()) return;
    put_all(out.value_bytes(), "{\"AUCTION\":", bid.auction, ",\"BIDDER\":", bid.bidder,
            ",\"PRICE\":", bid.price, ",\"CHANNEL\":\"", channel, "\",\"CHANNEL_ID\":\"", id, "\"}");
    out.finish_record(record.time(), true, false);
  }
};

struct Q22 : Stateless {
  static std::string_view directory(std::string_view url, int index) {
    for (; index > 0; --index) {
      const std::size_t cut = url.find('/');
      if (cut == url.npos) return {};
      url.remove_prefix(cut + 1);
    }
    return url.substr(0, url.find('/'));
  }
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const BidNumbers bid(json);
    const std::string_view channel = json["channel"].get_string();
    const std::string_view url = json["url"].get_string();
    std::string& row = out.value_bytes();
    put_all(row, "{\"AUCTION\":", bid.auction, ",\"BIDDER\":", bid.bidder, ",\"PRICE\":", bid.price,
            ",\"CHANNEL\":\"", channel, "\"");
    constexpr const char* kNames[] = {",\"DIR1\":", ",\"DIR2\":", ",\"DIR3\":"};
    for (int i = 0; i < 3; ++i) {
      const std::string_view part = directory(url, 3 + i);
      if (part.data() == nullptr)
        put_all(row, kNames[i], "null");
      else
        put_all(row, kNames[i], "\"", part, "\"");
    }
    put_all(row, "}");
    out.finish_record(record.time(), true, false);
  }
};

}  // namespace

std::vector<Benchmark> nexmark_stateless_benchmarks() {
  const auto stream = [](const std::string& name, const std::string& select, Limit limit) {
    std::string sink = name;
    sink[0] = 'Q';
    return Benchmark{name, {"bid"}, "CREATE STREAM " + name + " AS " + select, sink, false, std::move(limit)};
  };
  return {
      stream("q0", "SELECT auction, bidder, price, date_time, extra FROM bid;", limit_of<Q0>()),
      stream("q1", "SELECT auction, bidder, 0.908E0 * price AS price, date_time, extra FROM bid;",
             limit_of<Q1>()),
      stream("q2", "SELECT auction, price FROM bid WHERE auction % 123 = 0;", limit_of<Q2>()),
      stream("q14", R"(
        SELECT auction, bidder, 0.908E0 * price AS price,
               CASE WHEN date_time / 3600000 % 24 >= 8 AND date_time / 3600000 % 24 <= 18 THEN 'dayTime'
                    WHEN date_time / 3600000 % 24 <= 6 OR date_time / 3600000 % 24 >= 20 THEN 'nightTime'
                    ELSE 'otherTime' END AS bid_time_type,
               date_time, extra, LEN(extra) - LEN(REPLACE(extra, 'c', '')) AS c_counts
        FROM bid WHERE 0.908E0 * price > 1000000 AND 0.908E0 * price < 50000000;)",
             limit_of<Q14>()),
      stream("q21", R"(
        SELECT auction, bidder, price, channel,
               CASE WHEN LCASE(channel) = 'apple' THEN '0' WHEN LCASE(channel) = 'google' THEN '1'
                    WHEN LCASE(channel) = 'facebook' THEN '2' WHEN LCASE(channel) = 'baidu' THEN '3'
                    ELSE REGEXP_EXTRACT('(&|^)channel_id=([^&]*)', url, 2) END AS channel_id
        FROM bid
        WHERE REGEXP_EXTRACT('(&|^)channel_id=([^&]*)', url, 2) IS NOT NULL OR
              LCASE(channel) IN ('apple', 'google', 'facebook', 'baidu');)",
             limit_of<Q21>()),
      stream("q22", R"(
        SELECT auction, bidder, price, channel, SPLIT(url, '/')[4] AS dir1, SPLIT(url, '/')[5] AS dir2,
               SPLIT(url, '/')[6] AS dir3
        FROM bid;)",
             limit_of<Q22>()),
  };
}

}  // namespace thalweg::bench
