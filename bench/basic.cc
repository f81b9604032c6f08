// One of each kind: filter, projection, windowed count, lookup.
#include "bench/benchmark.h"
#include "bench/groups.h"
#include "bench/windowed_counts.h"

namespace thalweg::bench {
namespace {

struct Filter : Stateless {
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto bid = record.json();
    const std::int64_t auction = bid["auction"].get_int64();
    if (auction % 123 != 0) return;
    const std::int64_t price = bid["price"].get_int64();
    put_all(out.value_bytes(), "{\"AUCTION\":", auction, ",\"PRICE\":", price, "}");
    out.finish_record(record.time(), true, false);
  }
};

struct Project : Stateless {
  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto bid = record.json();
    const std::int64_t auction = bid["auction"].get_int64();
    const std::int64_t bidder = bid["bidder"].get_int64();
    const std::int64_t price = bid["price"].get_int64();
    const std::string_view channel = bid["channel"].get_string();
    const std::int64_t time = bid["date_time"].get_int64();
    put_all(out.value_bytes(), "{\"AUCTION\":", auction, ",\"BIDDER\":", bidder,
            ",\"PRICE\":", static_cast<double>(price) * 0.908, ",\"CHANNEL\":\"", channel,
            "\",\"DATE_TIME\":", time, "}");
    out.finish_record(record.time(), true, false);
  }
};

struct TumblingCount : WindowedCounts<10'000, 10'000> {
  void finish(RecordBatchBuilder& out, std::string& delta) { write("{\"N\":", out, delta); }
};

struct StreamTableJoin {
  struct Person {
    std::string name, city;
  };
  Groups<std::int64_t, Person> persons;

  void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out) {
    auto json = record.json();
    if (input == 0) {
      Person& person = persons.change(record.key());
      person.name = std::string_view(json["name"].get_string());
      person.city = std::string_view(json["city"].get_string());
      return;
    }
    const std::int64_t auction = json["auction"].get_int64();
    const std::int64_t bidder = json["bidder"].get_int64();
    const std::int64_t price = json["price"].get_int64();
    const Person* person = persons.find(bidder);
    if (person == nullptr) return;
    put_key(out, bidder);
    put_all(out.value_bytes(), "{\"AUCTION\":", auction, ",\"PRICE\":", price, ",\"NAME\":\"", person->name,
            "\",\"CITY\":\"", person->city, "\"}");
    out.finish_record(record.time(), false, false);
  }
  void finish(RecordBatchBuilder&, std::string& delta) {
    persons.take_changed([&](std::int64_t id, const Person& person) {
      put_raw(delta, id);
      put_all(delta, person.name, person.city);
    });
  }
};

}  // namespace

std::vector<Benchmark> basic_benchmarks() {
  return {
      {"filter",
       {"bid"},
       "CREATE STREAM filtered AS SELECT auction, price FROM bid WHERE auction % 123 = 0;",
       "FILTERED",
       false,
       limit_of<Filter>()},
      {"project",
       {"bid"},
       "CREATE STREAM projected AS SELECT auction, bidder, price * 0.908E0 AS price, channel, date_time "
       "FROM bid;",
       "PROJECTED",
       false,
       limit_of<Project>()},
      {"tumbling_count",
       {"bid"},
       "CREATE TABLE counted AS SELECT auction, COUNT(*) AS n FROM bid WINDOW TUMBLING (SIZE 10 SECONDS) "
       "GROUP BY auction;",
       "COUNTED",
       true,
       limit_of<TumblingCount>()},
      {"stream_table_join",
       {"person", "bid"},
       "CREATE STREAM joined AS SELECT b.bidder AS bidder, b.auction AS auction, b.price AS price, p.name AS "
       "name, p.city AS city FROM bid b JOIN person p ON b.bidder = p.id;",
       "JOINED",
       false,
       limit_of<StreamTableJoin>()},
  };
}

}  // namespace thalweg::bench
