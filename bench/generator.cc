#include "bench/generator.h"

#include "runtime/storage/storage.h"

namespace thalweg::bench {
namespace {

constexpr const char* kChannels[] = {"Google", "Facebook", "Baidu", "Apple"};
constexpr const char* kCities[] = {"Phoenix",  "Palo Alto", "San Francisco", "Seattle",
                                   "Portland", "Bend",      "Redmond"};
constexpr const char* kStates[] = {"AZ", "CA", "CA", "WA", "OR", "OR", "WA"};
constexpr const char* kNames[] = {"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                  "Kate",  "Julie", "Sarah", "Deiter", "Walter"};

void field(std::string& out, const char* name, std::int64_t value) {
  out += '"';
  out += name;
  out += "\":";
  out += std::to_string(value);
  out += ',';
}

void field(std::string& out, const char* name, const std::string& value) {
  out += '"';
  out += name;
  out += "\":\"";
  out += value;
  out += "\",";
}

void close(std::string& out) { out.back() = '}'; }

}  // namespace

void Generator::append_bid(runtime::RecordBatchBuilder& records) {
  const std::int64_t time = next_time();
  std::string& out = records.value_bytes();
  const std::size_t begin = out.size();
  const std::int64_t channel = pick(4);
  out += '{';
  field(out, "auction", 1000 + pick(shape_.auctions));
  field(out, "bidder", 1000 + pick(shape_.persons));
  field(out, "price", 100 + pick(100'000'000));
  field(out, "channel", kChannels[channel]);
  field(out, "url",
        "https://www.nexmark.com/" + std::to_string(pick(1'000'000)) +
            "/item.htm?query=1&channel_id=" + std::to_string(pick(10'000)));
  field(out, "date_time", time);
  const std::size_t used = out.size() - begin + sizeof("\"extra\":\"\"}") - 1;
  std::string extra;
  while (used + extra.size() < kBidBytes) extra += static_cast<char>('a' + pick(26));
  field(out, "extra", extra);
  close(out);
  records.finish_record(time, true, false);
}

void Generator::append_person(runtime::RecordBatchBuilder& records, std::int64_t id) {
  runtime::append_u64_be(records.key_bytes(), static_cast<std::uint64_t>(id));
  std::string& out = records.value_bytes();
  const std::int64_t place = pick(7);
  const std::string name = kNames[pick(11)];
  out += '{';
  field(out, "name", name);
  field(out, "email", name + "@" + std::to_string(pick(100'000)) + ".com");
  field(out, "city", kCities[place]);
  field(out, "state", kStates[place]);
  close(out);
  records.finish_record(shape_.first_time_ms, false, false);
}

void Generator::append_auction(runtime::RecordBatchBuilder& records, std::int64_t id) {
  runtime::append_u64_be(records.key_bytes(), static_cast<std::uint64_t>(id));
  std::string& out = records.value_bytes();
  out += '{';
  field(out, "item", "item " + std::to_string(pick(1'000'000)));
  field(out, "seller", 1000 + pick(shape_.persons));
  field(out, "category", 10 + pick(5));
  field(out, "reserve", 100 + pick(1'000'000));
  close(out);
  records.finish_record(shape_.first_time_ms, false, false);
}

}  // namespace thalweg::bench
