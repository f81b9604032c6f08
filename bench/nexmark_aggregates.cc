// Nexmark queries that aggregate: q4, q5a (the counting half of q5), q7, q11, q17, q18.
#include <array>

#include "bench/benchmark.h"
#include "bench/groups.h"
#include "bench/sessions.h"
#include "bench/windowed_counts.h"

namespace thalweg::bench {
namespace {

struct Q4 {
  struct Auction {
    std::int64_t category = 0, begins = 0, expires = 0;
    std::int64_t top = -1;
  };
  struct Category {
    std::int64_t sum = 0, n = 0, time = 0;
  };
  Groups<std::int64_t, Auction> auctions;
  Groups<std::int64_t, Category> categories;

  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder&) {
    auto json = record.json();
    if (input == 0) {
      Auction& auction = auctions.change(record.key());
      auction.category = json["category"].get_int64();
      auction.begins = json["date_time"].get_int64();
      auction.expires = json["expires"].get_int64();
      return;
    }
    const std::int64_t id = json["auction"].get_int64();
    const std::int64_t price = json["price"].get_int64();
    const std::int64_t time = json["date_time"].get_int64();
    const Auction* found = auctions.find(id);
    if (found == nullptr || time < found->begins || time > found->expires) return;
    Category& category = categories.change(found->category);
    category.time = std::max(category.time, record.time());
    if (price <= found->top) return;
    Auction& auction = auctions.change(id);
    category.sum += auction.top < 0 ? price : price - auction.top;
    category.n += auction.top < 0 ? 1 : 0;
    auction.top = price;
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    auctions.take_changed([&](std::int64_t id, const Auction& auction) {
      put_raw(delta, id);
      put_raw(delta, auction);
    });
    categories.take_changed([&](std::int64_t id, const Category& category) {
      put_key(out, id);
      put_all(out.value_bytes(),
              "{\"AVERAGE\":", static_cast<double>(category.sum) / static_cast<double>(category.n), "}");
      out.finish_record(category.time, false, false);
      put_raw(delta, id);
      put_raw(delta, category);
    });
  }
};

struct Q5a : WindowedCounts<10'000, 2'000> {
  void finish(RecordBatchBuilder& out, std::string& delta) { write("{\"NUM\":", out, delta); }
};

struct Q7 {
  static constexpr std::int64_t kWindowMs = 10'000;
  struct Top {
    std::int64_t price = -1, auction = 0, bidder = 0, time = 0;
  };
  Groups<std::int64_t, Top> windows;

  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder&) {
    auto bid = record.json();
    const std::int64_t auction = bid["auction"].get_int64();
    const std::int64_t bidder = bid["bidder"].get_int64();
    const std::int64_t price = bid["price"].get_int64();
    Top& top = windows.change(record.time() / kWindowMs * kWindowMs);
    top.time = std::max(top.time, record.time());
    if (price <= top.price) return;
    top.price = price;
    top.auction = auction;
    top.bidder = bidder;
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    windows.take_changed([&](std::int64_t start, const Top& top) {
      append_be32(out.key_bytes(), 1);
      put_key(out, start);
      put_all(out.value_bytes(), "{\"TOP\":[{\"sort_col\":", top.price, ",\"col0\":", top.auction,
              ",\"col1\":", top.bidder, "}]}");
      out.finish_record(top.time, false, false);
      put_raw(delta, start);
      put_raw(delta, top);
    });
  }

 private:
  static void append_be32(std::string& out, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
  }
};

struct Q17 {
  struct Statistics {
    std::int64_t bids = 0, low = 0, middle = 0, high = 0, least = INT64_MAX, most = INT64_MIN, sum = 0,
                 time = 0;
  };
  Groups<std::pair<std::int64_t, std::int64_t>, Statistics> auctions;  // by auction and day

  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder&) {
    auto bid = record.json();
    const std::int64_t auction = bid["auction"].get_int64();
    const std::int64_t price = bid["price"].get_int64();
    const std::int64_t day = bid["date_time"].get_int64().value() / 86'400'000;
    Statistics& own = auctions.change({auction, day});
    ++own.bids;
    ++(price < 10'000 ? own.low : price < 1'000'000 ? own.middle : own.high);
    own.least = std::min(own.least, price);
    own.most = std::max(own.most, price);
    own.sum += price;
    own.time = std::max(own.time, record.time());
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    auctions.take_changed([&](const auto& key, const Statistics& own) {
      put_all(out.key_bytes(), "{\"AUCTION\":", key.first, ",\"DAY\":\"", written_day(key.second), "\"}");
      put_all(out.value_bytes(), "{\"TOTAL_BIDS\":", own.bids, ",\"RANK1_BIDS\":", own.low,
              ",\"RANK2_BIDS\":", own.middle, ",\"RANK3_BIDS\":", own.high, ",\"MIN_PRICE\":", own.least,
              ",\"MAX_PRICE\":", own.most,
              ",\"AVG_PRICE\":", static_cast<double>(own.sum) / static_cast<double>(own.bids),
              ",\"SUM_PRICE\":", own.sum, "}");
      out.finish_record(own.time, false, false);
      put_raw(delta, key);
      put_raw(delta, own);
    });
  }

 private:
  static std::string written_day(std::int64_t day) {
    const std::time_t seconds = day * 86'400;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 16> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
  }
};

struct Q18 {
  struct Bid {
    std::int64_t price = 0, date_time = 0, time = 0;
    std::string channel, url, extra;
  };
  Groups<std::pair<std::int64_t, std::int64_t>, Bid> last;  // by bidder and auction

  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder&) {
    auto json = record.json();
    const std::int64_t auction = json["auction"].get_int64();
    const std::int64_t bidder = json["bidder"].get_int64();
    Bid& bid = last.change({bidder, auction});
    bid.price = json["price"].get_int64();
    bid.channel = std::string_view(json["channel"].get_string());
    bid.url = std::string_view(json["url"].get_string());
    bid.date_time = json["date_time"].get_int64();
    bid.extra = std::string_view(json["extra"].get_string());
    bid.time = std::max(bid.time, record.time());
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    last.take_changed([&](const auto& key, const Bid& bid) {
      put_all(out.key_bytes(), "{\"BIDDER\":", key.first, ",\"AUCTION\":", key.second, "}");
      put_all(out.value_bytes(), "{\"PRICE\":", bid.price, ",\"CHANNEL\":\"", bid.channel, "\",\"URL\":\"",
              bid.url, "\",\"BID_TIME\":", bid.date_time, ",\"EXTRA\":\"", bid.extra, "\"}");
      out.finish_record(bid.time, false, false);
      put_raw(delta, key);
      put_raw(delta, bid.price);
      put_raw(delta, bid.date_time);
      put_all(delta, bid.channel, bid.url, bid.extra);
    });
  }
};

}  // namespace

std::vector<Benchmark> nexmark_aggregate_benchmarks() {
  return {
      {"q4",
       {"auction", "bid"},
       R"(CREATE TABLE q4_final WITH (key_format = 'JSON') AS
            SELECT a.id AS id, a.category AS category, MAX(b.price) AS final
            FROM bid b JOIN auctions a ON b.auction = a.id
            WHERE b.date_time BETWEEN a.date_time AND a.expires GROUP BY a.id, a.category;
          CREATE TABLE q4 WITH (key_format = 'KAFKA') AS
            SELECT category, AVG(final) AS average FROM q4_final GROUP BY category;)",
       "Q4",
       true,
       limit_of<Q4>()},
      {"q5a",
       {"bid"},
       "CREATE TABLE q5a AS SELECT auction, COUNT(*) AS num FROM bid WINDOW HOPPING (SIZE 10 SECONDS, "
       "ADVANCE BY 2 SECONDS) GROUP BY auction;",
       "Q5A",
       true,
       limit_of<Q5a>()},
      {"q7",
       {"bid"},
       "CREATE TABLE q7 AS SELECT 1 AS one, TOPK(price, auction, bidder, 1) AS top FROM bid WINDOW TUMBLING "
       "(SIZE 10 SECONDS) GROUP BY 1;",
       "Q7",
       true,
       limit_of<Q7>()},
      {"q11",
       {"bid"},
       "CREATE TABLE q11 AS SELECT bidder, COUNT(*) AS n FROM bid WINDOW SESSION (10 SECONDS) GROUP BY "
       "bidder;",
       "Q11",
       true,
       limit_of<SessionCount<10'000>>()},
      {"q17",
       {"bid"},
       R"(CREATE TABLE q17 WITH (key_format = 'JSON') AS
            SELECT auction, FORMAT_TIMESTAMP(FROM_UNIXTIME(date_time), 'yyyy-MM-dd') AS day,
                   COUNT(*) AS total_bids, SUM(CASE WHEN price < 10000 THEN 1 ELSE 0 END) AS rank1_bids,
                   SUM(CASE WHEN price >= 10000 AND price < 1000000 THEN 1 ELSE 0 END) AS rank2_bids,
                   SUM(CASE WHEN price >= 1000000 THEN 1 ELSE 0 END) AS rank3_bids, MIN(price) AS min_price,
                   MAX(price) AS max_price, AVG(price) AS avg_price, SUM(price) AS sum_price
            FROM bid GROUP BY auction, FORMAT_TIMESTAMP(FROM_UNIXTIME(date_time), 'yyyy-MM-dd');)",
       "Q17",
       true,
       limit_of<Q17>()},
      {"q18",
       {"bid"},
       R"(CREATE TABLE q18 WITH (key_format = 'JSON') AS
            SELECT bidder, auction, LATEST_BY_OFFSET(price) AS price, LATEST_BY_OFFSET(channel) AS channel,
                   LATEST_BY_OFFSET(url) AS url, LATEST_BY_OFFSET(date_time) AS bid_time,
                   LATEST_BY_OFFSET(extra) AS extra
            FROM bid GROUP BY bidder, auction;)",
       "Q18",
       true,
       limit_of<Q18>()},
  };
}

}  // namespace thalweg::bench
