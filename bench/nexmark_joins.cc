// Nexmark queries that join: q3, q8, q13, q20.
#include "bench/benchmark.h"
#include "bench/groups.h"

namespace thalweg::bench {
namespace {

constexpr std::int64_t kWindowMs = 10'000;

// A predicate behind a foreign-key join deletes what does not pass, of which nobody knows whether it ever
// did: so every pair is written, as a row or as a deletion, and every auction and person is kept.
struct Q3 {
  struct Person {
    std::int64_t time = -1;
    bool near = false;
    std::string name, city, state;
  };
  struct Auction {
    std::int64_t id, time, category;
  };
  Groups<std::int64_t, Person> persons;
  Groups<std::int64_t, std::vector<Auction>> auctions;  // by seller

  static void write(RecordBatchBuilder& out, const Auction& auction, const Person& person) {
    const bool passes = auction.category == 10 && person.near;
    put_key(out, auction.id);
    if (passes) {
      put_all(out.value_bytes(), "{\"NAME\":\"", person.name, "\",\"CITY\":\"", person.city,
              "\",\"STATE\":\"", person.state, "\"}");
    }
    out.finish_record(std::max(auction.time, person.time), false, !passes);
  }
  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    if (input == 0) {
      const std::int64_t seller = json["seller"].get_int64();
      const Auction auction{record.key(), record.time(), json["category"].get_int64()};
      auctions.change(seller).push_back(auction);
      const Person* person = persons.find(seller);
      if (person != nullptr) write(out, auction, *person);
      return;
    }
    const std::string_view name = json["name"].get_string();
    const std::string_view city = json["city"].get_string();
    const std::string_view state = json["state"].get_string();
    Person& person = persons.change(record.key());
    const bool near = state == "OR" || state == "ID" || state == "CA";
    person = {record.time(), near, std::string(name), std::string(city), std::string(state)};
    const auto* own = auctions.find(record.key());
    if (own == nullptr) return;
    for (const Auction& auction : *own) write(out, auction, person);
  }
  void finish(RecordBatchBuilder&, std::string& delta) {
    persons.take_changed([&](std::int64_t id, const Person& person) {
      put_raw(delta, id);
      put_all(delta, person.name, person.city, person.state);
    });
    auctions.take_changed([&](std::int64_t seller, const std::vector<Auction>& own) {
      put_raw(delta, seller);
      for (const Auction& auction : own) put_raw(delta, auction);
    });
  }
};

struct Q8 {
  struct Rows {
    std::int64_t person_time = -1;
    std::string name;
    std::vector<std::int64_t> auction_times;  // of the newest window
  };
  Groups<std::int64_t, Rows> rows;  // by person

  static void write(RecordBatchBuilder& out, std::int64_t id, const Rows& own, std::int64_t auction_time) {
    const std::int64_t start = own.person_time / kWindowMs * kWindowMs;
    put_key(out, id);
    put_all(out.value_bytes(), "{\"NAME\":\"", own.name, "\",\"STARTTIME\":", start, "}");
    out.finish_record(std::max(auction_time, own.person_time), false, false);
  }
  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    const std::int64_t window = record.time() / kWindowMs;
    if (input == 1) {
      const std::int64_t seller = json["seller"].get_int64();
      Rows& own = rows.change(seller);
      if (!own.auction_times.empty() && own.auction_times.front() / kWindowMs != window)
        own.auction_times.clear();
      own.auction_times.push_back(record.time());
      if (own.person_time >= 0 && own.person_time / kWindowMs == window)
        write(out, seller, own, record.time());
      return;
    }
    Rows& own = rows.change(record.key());
    own.name = std::string_view(json["name"].get_string());
    own.person_time = record.time();
    for (const std::int64_t time : own.auction_times) {
      if (time / kWindowMs == window) write(out, record.key(), own, time);
    }
  }
  void finish(RecordBatchBuilder&, std::string& delta) {
    rows.take_changed([&](std::int64_t id, const Rows& own) {
      put_raw(delta, id);
      put_raw(delta, own.person_time);
      put(delta, std::string_view(own.name));
      for (const std::int64_t time : own.auction_times) put_raw(delta, time);
    });
  }
};

struct Q13 {
  Groups<std::int64_t, std::string> labels;

  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    if (input == 0) {
      labels.change(record.key()) = std::string_view(json["label"].get_string());
      return;
    }
    const std::int64_t auction = json["auction"].get_int64();
    const std::int64_t bidder = json["bidder"].get_int64();
    const std::int64_t price = json["price"].get_int64();
    const std::int64_t time = json["date_time"].get_int64();
    const std::int64_t side = auction % kSideRows;
    const std::string* label = labels.find(side);
    if (label == nullptr) return;
    put_key(out, side);
    put_all(out.value_bytes(), "{\"AUCTION\":", auction, ",\"BIDDER\":", bidder, ",\"PRICE\":", price,
            ",\"DATE_TIME\":", time, ",\"LABEL\":\"", *label, "\"}");
    out.finish_record(record.time(), false, false);
  }
  void finish(RecordBatchBuilder&, std::string& delta) {
    labels.take_changed([&](std::int64_t id, const std::string& label) {
      put_raw(delta, id);
      put(delta, std::string_view(label));
    });
  }

 private:
  static constexpr std::int64_t kSideRows = 10'000;
};

struct Q20 {
  struct Auction {
    std::int64_t seller = 0, category = 0, reserve = 0;
    std::string item;
  };
  Groups<std::int64_t, Auction> auctions;

  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    if (input == 0) {
      Auction& auction = auctions.change(record.key());
      auction.item = std::string_view(json["item"].get_string());
      auction.seller = json["seller"].get_int64();
      auction.category = json["category"].get_int64();
      auction.reserve = json["reserve"].get_int64();
      return;
    }
    const std::int64_t id = json["auction"].get_int64();
    const Auction* auction = auctions.find(id);
    if (auction == nullptr || auction->category != 10) return;
    const std::int64_t bidder = json["bidder"].get_int64();
    const std::int64_t price = json["price"].get_int64();
    const std::string_view channel = json["channel"].get_string();
    const std::string_view url = json["url"].get_string();
    const std::int64_t time = json["date_time"].get_int64();
    const std::string_view extra = json["extra"].get_string();
    put_key(out, id);
    put_all(out.value_bytes(), "{\"BIDDER\":", bidder, ",\"PRICE\":", price, ",\"CHANNEL\":\"", channel,
            "\",\"URL\":\"", url, "\",\"BID_TIME\":", time, ",\"EXTRA\":\"", extra, "\",\"ITEM\":\"",
            auction->item, "\",\"SELLER\":", auction->seller, ",\"CATEGORY\":", auction->category,
            ",\"RESERVE\":", auction->reserve, "}");
    out.finish_record(record.time(), false, false);
  }
  void finish(RecordBatchBuilder&, std::string& delta) {
    auctions.take_changed([&](std::int64_t id, const Auction& auction) {
      for (const std::int64_t number : {id, auction.seller, auction.category, auction.reserve})
        put_raw(delta, number);
      put(delta, std::string_view(auction.item));
    });
  }
};

}  // namespace

std::vector<Benchmark> nexmark_join_benchmarks() {
  return {
      {"q3",
       {"auction", "newcomer"},
       "CREATE TABLE q3 AS SELECT a.id AS id, s.name AS name, s.city AS city, s.state AS state FROM auctions "
       "a JOIN seller s ON a.seller = s.id WHERE a.category = 10 AND (s.state = 'OR' OR s.state = 'ID' OR "
       "s.state = 'CA');",
       "Q3",
       true,
       limit_of<Q3>()},
      {"q8",
       {"newcomer", "auction"},
       "CREATE STREAM q8 AS SELECT n.id AS id, n.name AS name, n.rowtime / 10000 * 10000 AS starttime FROM "
       "newcomer n JOIN auction a WITHIN 10 SECONDS GRACE PERIOD 10 SECONDS ON n.id = a.seller WHERE "
       "n.rowtime / 10000 = a.rowtime / 10000;",
       "Q8",
       false,
       limit_of<Q8>()},
      {"q13",
       {"side", "bid"},
       "CREATE STREAM q13 AS SELECT s.id AS id, b.auction AS auction, b.bidder AS bidder, b.price AS price, "
       "b.date_time AS date_time, s.label AS label FROM bid b JOIN side s ON b.auction % 10000 = s.id;",
       "Q13",
       false,
       limit_of<Q13>()},
      {"q20",
       {"auction", "bid"},
       "CREATE STREAM q20 AS SELECT b.auction AS auction, b.bidder AS bidder, b.price AS price, b.channel AS "
       "channel, b.url AS url, b.date_time AS bid_time, b.extra AS extra, a.item AS item, a.seller AS "
       "seller, a.category AS category, a.reserve AS reserve FROM bid b JOIN auctions a ON b.auction = a.id "
       "WHERE a.category = 10;",
       "Q20",
       false,
       limit_of<Q20>()},
  };
}

}  // namespace thalweg::bench
