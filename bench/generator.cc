#include "bench/generator.h"

#include <algorithm>

#include "runtime/storage/storage.h"

namespace thalweg::bench {
namespace {

using runtime::RecordBatchBuilder;

constexpr const char* kChannels[] = {"Google", "Facebook", "Baidu", "Apple"};
constexpr const char* kCities[] = {"Phoenix",  "Palo Alto", "San Francisco", "Seattle",
                                   "Portland", "Bend",      "Redmond"};
constexpr const char* kStates[] = {"AZ", "CA", "CA", "WA", "OR", "OR", "WA"};
constexpr const char* kNames[] = {"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                  "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
constexpr const char* kMethods[] = {"card", "transfer", "cash"};
constexpr const char* kUnits[] = {"celsius", "pascal", "lumen", "ampere"};

constexpr std::int64_t kSellersAtATime = 1'000;
constexpr std::int64_t kAuctionLastsMs = 60'000;

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

void set_key(RecordBatchBuilder& records, std::int64_t id) {
  runtime::append_u64_be(records.key_bytes(), static_cast<std::uint64_t>(id));
}

}  // namespace

void Generator::append_bid(RecordBatchBuilder& records, std::int64_t i, std::int64_t count) {
  const std::int64_t time = time_of(i, count);
  std::string& out = records.value_bytes();
  const std::size_t begin = out.size();
  const std::int64_t channel = pick(4);
  out += '{';
  field(out, "auction", kFirstId + pick(shape_.auctions));
  field(out, "bidder", kFirstId + pick(shape_.persons));
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

void Generator::append_someone(RecordBatchBuilder& records, std::int64_t i, std::int64_t time) {
  set_key(records, kFirstId + i);
  std::string& out = records.value_bytes();
  const std::int64_t place = pick(7);
  const std::string name = kNames[pick(11)];
  out += '{';
  field(out, "name", name);
  field(out, "email", name + "@" + std::to_string(pick(100'000)) + ".com");
  field(out, "city", kCities[place]);
  field(out, "state", kStates[place]);
  close(out);
  records.finish_record(time, false, false);
}

void Generator::append_person(RecordBatchBuilder& records, std::int64_t i, std::int64_t) {
  append_someone(records, i, shape_.first_time_ms - 1);
}

void Generator::append_newcomer(RecordBatchBuilder& records, std::int64_t i, std::int64_t count) {
  append_someone(records, i, time_of(i, count));
}

void Generator::append_auction(RecordBatchBuilder& records, std::int64_t i, std::int64_t count) {
  const std::int64_t time = i < shape_.auctions ? shape_.first_time_ms - 1 : time_of(i, count);
  const std::int64_t newest = i / 2;  // half as many newcomers as auctions
  set_key(records, kFirstId + i);
  std::string& out = records.value_bytes();
  out += '{';
  field(out, "item", "item " + std::to_string(pick(1'000'000)));
  field(out, "seller", kFirstId + std::max<std::int64_t>(0, newest - pick(kSellersAtATime)));
  field(out, "category", 10 + pick(5));
  field(out, "reserve", 100 + pick(1'000'000));
  field(out, "date_time", time);
  field(out, "expires", time + kAuctionLastsMs);
  close(out);
  records.finish_record(time, false, false);
}

void Generator::append_payment(RecordBatchBuilder& records, std::int64_t i, std::int64_t count) {
  std::string& out = records.value_bytes();
  out += '{';
  field(out, "bidder", kFirstId + pick(shape_.persons));
  field(out, "amount", 100 + pick(100'000'000));
  field(out, "method", kMethods[pick(3)]);
  close(out);
  records.finish_record(time_of(i, count), true, false);
}

void Generator::append_account(RecordBatchBuilder& records, std::int64_t i, std::int64_t count) {
  set_key(records, kFirstId + pick(shape_.keys));
  std::string& out = records.value_bytes();
  out += '{';
  field(out, "name", kNames[pick(11)]);
  field(out, "level", pick(10));
  close(out);
  records.finish_record(time_of(i, count), false, false);
}

void Generator::append_balance(RecordBatchBuilder& records, std::int64_t i, std::int64_t count) {
  set_key(records, kFirstId + pick(shape_.keys));
  std::string& out = records.value_bytes();
  out += '{';
  field(out, "region", pick(1'000));
  field(out, "amount", pick(1'000'000));
  close(out);
  records.finish_record(time_of(i, count), false, false);
}

void Generator::append_side(RecordBatchBuilder& records, std::int64_t i, std::int64_t) {
  set_key(records, i);
  std::string& out = records.value_bytes();
  out += '{';
  field(out, "label", "label " + std::to_string(pick(1'000'000)));
  close(out);
  records.finish_record(shape_.first_time_ms - 1, false, false);
}

void Generator::append_reading(RecordBatchBuilder& records, std::int64_t i, std::int64_t count) {
  // A step that shares no factor with the number of keys visits each of them before any comes again.
  constexpr std::int64_t kStep = 982'451'653;
  std::string& out = records.value_bytes();
  out += '{';
  field(out, "device", i * kStep % shape_.keys);
  field(out, "value", pick(1'000'000));
  field(out, "unit", kUnits[pick(4)]);
  close(out);
  records.finish_record(time_of(i, count), true, false);
}

}  // namespace thalweg::bench
