// Sessions, joins that keep both sides, and aggregation over a table that takes back what it had added.
#include <deque>

#include "bench/benchmark.h"
#include "bench/groups.h"
#include "bench/sessions.h"

namespace thalweg::bench {
namespace {

constexpr std::int64_t kWithinMs = 1'000;

struct StreamStreamJoin {
  struct Bid {
    std::int64_t time, auction, price;
  };
  struct Payment {
    std::int64_t time, amount;
    std::string method;
  };
  struct Rows {
    std::deque<Bid> bids;
    std::deque<Payment> payments;
  };
  boost::unordered_flat_map<std::int64_t, Rows, MixHash> rows;  // by bidder
  std::string changed;

  template <typename Row>
  static void drop_old(std::deque<Row>& side, std::int64_t time) {
    while (!side.empty() && side.front().time < time - kWithinMs) side.pop_front();
  }
  static void write(RecordBatchBuilder& out, std::int64_t bidder, const Bid& bid, const Payment& payment) {
    put_key(out, bidder);
    put_all(out.value_bytes(), "{\"AUCTION\":", bid.auction, ",\"PRICE\":", bid.price,
            ",\"AMOUNT\":", payment.amount, ",\"METHOD\":\"", payment.method, "\"}");
    out.finish_record(std::max(bid.time, payment.time), false, false);
  }
  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const std::int64_t time = record.time();
    if (input == 0) {
      const std::int64_t auction = json["auction"].get_int64();
      const std::int64_t bidder = json["bidder"].get_int64();
      const Bid bid{time, auction, json["price"].get_int64()};
      Rows& own = rows[bidder];
      drop_old(own.payments, time);
      for (const Payment& payment : own.payments) write(out, bidder, bid, payment);
      own.bids.push_back(bid);
      put_raw(changed, bidder);
      put_raw(changed, bid);
      return;
    }
    const std::int64_t bidder = json["bidder"].get_int64();
    const std::int64_t amount = json["amount"].get_int64();
    const Payment payment{time, amount, std::string(std::string_view(json["method"].get_string()))};
    Rows& own = rows[bidder];
    drop_old(own.bids, time);
    for (const Bid& bid : own.bids) write(out, bidder, bid, payment);
    put_raw(changed, bidder);
    put_raw(changed, time);
    put_raw(changed, amount);
    put(changed, std::string_view(payment.method));
    own.payments.push_back(payment);
  }
  void finish(RecordBatchBuilder&, std::string& delta) { delta.swap(changed); }
};

struct TableTableJoin {
  struct Row {
    std::int64_t account_time = -1, balance_time = -1, level = 0, region = 0, amount = 0;
    std::string name;
  };
  Groups<std::int64_t, Row> rows;

  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const std::int64_t id = record.key();
    Row& row = rows.change(id);
    if (input == 0) {
      row.name = std::string_view(json["name"].get_string());
      row.level = json["level"].get_int64();
      row.account_time = record.time();
    } else {
      row.region = json["region"].get_int64();
      row.amount = json["amount"].get_int64();
      row.balance_time = record.time();
    }
    if (row.account_time < 0 || row.balance_time < 0) return;
    put_key(out, id);
    put_all(out.value_bytes(), "{\"NAME\":\"", row.name, "\",\"LEVEL\":", row.level,
            ",\"REGION\":", row.region, ",\"AMOUNT\":", row.amount, "}");
    out.finish_record(std::max(row.account_time, row.balance_time), false, false);
  }
  void finish(RecordBatchBuilder&, std::string& delta) {
    rows.take_changed([&](std::int64_t id, const Row& row) {
      for (const std::int64_t number :
           {id, row.account_time, row.balance_time, row.level, row.region, row.amount})
        put_raw(delta, number);
      put(delta, std::string_view(row.name));
    });
  }
};

struct TableAggregation {
  struct Balance {
    std::int64_t region = -1, amount = 0;
  };
  struct Region {
    std::int64_t n = 0, total = 0, time = 0;
  };
  Groups<std::int64_t, Balance> balances;
  Groups<std::int64_t, Region> regions;

  void change(std::int64_t id, std::int64_t n, std::int64_t amount, std::int64_t time) {
    Region& region = regions.change(id);
    region.n += n;
    region.total += amount;
    region.time = std::max(region.time, time);
  }
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder&) {
    auto json = record.json();
    Balance& balance = balances.change(record.key());
    if (balance.region >= 0) change(balance.region, -1, -balance.amount, record.time());
    balance.region = json["region"].get_int64();
    balance.amount = json["amount"].get_int64();
    change(balance.region, 1, balance.amount, record.time());
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    balances.take_changed([&](std::int64_t id, const Balance& balance) {
      put_raw(delta, id);
      put_raw(delta, balance);
    });
    regions.take_changed([&](std::int64_t id, const Region& region) {
      put_key(out, id);
      put_all(out.value_bytes(), "{\"N\":", region.n, ",\"TOTAL\":", region.total, "}");
      out.finish_record(region.time, false, false);
      put_raw(delta, id);
      put_raw(delta, region);
    });
  }
};

struct ManyKeys {
  struct Total {
    std::int64_t n = 0, total = 0, time = 0;
  };
  Groups<std::int64_t, Total> devices;

  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder&) {
    auto json = record.json();
    Total& device = devices.change(json["device"].get_int64());
    ++device.n;
    device.total += json["value"].get_int64().value();
    device.time = std::max(device.time, record.time());
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    devices.take_changed([&](std::int64_t id, const Total& device) {
      put_key(out, id);
      put_all(out.value_bytes(), "{\"N\":", device.n, ",\"TOTAL\":", device.total, "}");
      out.finish_record(device.time, false, false);
      put_raw(delta, id);
      put_raw(delta, device);
    });
  }
};

}  // namespace

std::vector<Benchmark> stateful_benchmarks() {
  return {
      {"session_window",
       {"bid"},
       "CREATE TABLE sessions AS SELECT bidder, COUNT(*) AS n FROM bid WINDOW SESSION (2 SECONDS) GROUP BY "
       "bidder;",
       "SESSIONS",
       true,
       limit_of<SessionCount<2'000>>()},
      {"stream_stream_join",
       {"bid", "payment"},
       "CREATE STREAM paid AS SELECT b.bidder AS bidder, b.auction AS auction, b.price AS price, p.amount AS "
       "amount, p.method AS method FROM bid b JOIN payment p WITHIN 1 SECONDS GRACE PERIOD 10 SECONDS ON "
       "b.bidder = p.bidder;",
       "PAID",
       false,
       limit_of<StreamStreamJoin>()},
      {"table_table_join",
       {"account", "balance"},
       "CREATE TABLE owned AS SELECT a.id AS id, a.name AS name, a.level AS level, b.region AS region, "
       "b.amount AS amount FROM account a JOIN balance b ON a.id = b.id;",
       "OWNED",
       true,
       limit_of<TableTableJoin>()},
      {"table_aggregation",
       {"balance"},
       "CREATE TABLE regional AS SELECT region, COUNT(*) AS n, SUM(amount) AS total FROM balance GROUP BY "
       "region;",
       "REGIONAL",
       true,
       limit_of<TableAggregation>()},
  };
}

std::vector<Benchmark> many_keys_benchmarks() {
  return {{"high_cardinality",
           {"reading"},
           "CREATE TABLE devices AS SELECT device, COUNT(*) AS n, SUM(value) AS total FROM reading GROUP BY "
           "device;",
           "DEVICES",
           true,
           limit_of<ManyKeys>()}};
}

}  // namespace thalweg::bench
