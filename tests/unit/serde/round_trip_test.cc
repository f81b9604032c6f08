// Random rows survive every format and codec. A failure prints its seed.
#include <gtest/gtest.h>

#include "payloads.h"
#include "random_rows.h"
#include "runtime/serde/row_codec.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

std::uint64_t fresh_seed() { return std::random_device{}(); }

std::string text_of(const ValueList& row, const std::vector<SqlType>& types) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) text += json_of(row[i], types[i]) + " ";
  return text;
}

bool equal_rows(const ValueList& a, const ValueList& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), planner::equal);
}

std::vector<SqlType> types_of(const SideSchema& schema) {
  std::vector<SqlType> types;
  for (const auto& field : schema.fields) types.push_back(field.type);
  return types;
}

SideSchema random_schema(RandomRows& random, const std::string& format, int nesting) {
  std::vector<planner::SchemaColumn> fields;
  for (std::uint64_t i = 0; i <= random.below(6); ++i)
    fields.push_back({"C" + std::to_string(i), random.type(nesting)});
  return side(format, std::move(fields));
}

// Through a batch, as the engine reads it.
Result<ValueList> read_back(const SideSchema& schema, const std::string& bytes) {
  RecordBatchBuilder builder;
  builder.append(0, "key", bytes);
  builder.append(0, "key", bytes);
  const auto batch = builder.share(Offset{0});
  THALWEG_TRY(auto reader, make_deserializer(schema, all_fields(schema)));
  Arena arena;
  std::vector<Column> columns;
  for (const auto& field : schema.fields) columns.push_back(make_column(arena, field.type, 2));
  std::vector<DecodeError> errors;
  reader->decode(*batch, 0, {nullptr, 2}, columns, arena, errors);
  if (!errors.empty()) return Error{ErrorCode::kBadRecord, errors[0].message};
  ValueList row;
  for (std::size_t i = 0; i < columns.size(); ++i)
    row.push_back(value_at(columns[i], schema.fields[i].type, 1));
  return row;
}

void round_trips(const SideSchema& schema, const ValueList& row) {
  const auto bytes = write(schema, row);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes, write_columns(schema, row));
  const auto back = read_back(schema, *bytes);
  ASSERT_TRUE(back) << back.error().message << " in " << *bytes;
  EXPECT_TRUE(equal_rows(row, *back)) << text_of(row, types_of(schema)) << "\n"
                                      << text_of(*back, types_of(schema));
}

TEST(RoundTrip, Json) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomRows random(seed);
  for (int i = 0; i < 2000 && !testing::Test::HasFailure(); ++i) {
    const auto schema = random_schema(random, "JSON", 3);
    ValueList row;
    for (const auto& field : schema.fields) row.push_back(random.value(field.type));
    round_trips(schema, row);
  }
}

// Empty strings and empty bytes come back as NULL, which is the format's nature.
ValueList as_delimited_keeps(ValueList row, const std::vector<SqlType>& types) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool text = types[i].is(SqlKind::kString) || types[i].is(SqlKind::kBytes);
    if (text && !row[i].is_null() && row[i].as_string().empty()) row[i] = {};
  }
  return row;
}

TEST(RoundTrip, Delimited) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomRows random(seed);
  for (int i = 0; i < 2000 && !testing::Test::HasFailure(); ++i) {
    auto schema = random_schema(random, "DELIMITED", 0);
    schema.format.format.properties["delimiter"] =
        std::vector<std::string>{",", "|", "TAB", "é"}[random.below(4)];
    schema.fields.push_back({"LAST", SqlKind::kBigint});
    ValueList row;
    for (const auto& field : schema.fields) row.push_back(random.value(field.type));
    round_trips(schema, as_delimited_keeps(std::move(row), types_of(schema)));
  }
}

TEST(RoundTrip, Kafka) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomRows random(seed);
  for (const auto kind :
       {SqlKind::kInteger, SqlKind::kBigint, SqlKind::kDouble, SqlKind::kString, SqlKind::kBytes}) {
    for (int i = 0; i < 200; ++i) round_trips(side("KAFKA", {{"F", kind}}), {random.value(kind, false)});
  }
}

TEST(RoundTrip, RowCodec) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomRows random(seed);
  for (int i = 0; i < 2000 && !testing::Test::HasFailure(); ++i) {
    const auto types = types_of(random_schema(random, "JSON", 3));
    ValueList row;
    for (const auto& type : types) row.push_back(random.value(type));
    const RowCodec codec(types);
    std::string bytes = "x";
    codec.encode_values(row, bytes);
    bytes.erase(0, 1);
    const auto back = codec.decode_values(bytes);
    ASSERT_TRUE(back);
    EXPECT_TRUE(equal_rows(row, *back)) << text_of(row, types);
    Arena arena;
    std::vector<Column> columns;
    for (std::size_t c = 0; c < types.size(); ++c) columns.push_back(make_column(arena, types[c], 2));
    const auto used = codec.decode(bytes + "more", columns, 1, arena, true);
    ASSERT_TRUE(used);
    EXPECT_EQ(*used, bytes.size());
    std::string again;
    codec.encode(columns, 1, again);
    EXPECT_EQ(again, bytes);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      EXPECT_FALSE(codec.decode_values(std::string_view(bytes).substr(0, cut))) << cut;
    }
  }
}

TEST(RoundTrip, KeyCodec) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomRows random(seed);
  for (int i = 0; i < 1000 && !testing::Test::HasFailure(); ++i) {
    const auto types = types_of(random_schema(random, "JSON", 1));
    const bool single = types.size() == 1;
    ValueList row;
    for (const auto& type : types) row.push_back(random.value(type, !single));
    const KeyCodec codec(types);
    std::string bytes;
    ASSERT_TRUE(codec.encode_values(row, bytes, true));
    const auto back = codec.decode_values(bytes);
    ASSERT_TRUE(back);
    EXPECT_TRUE(equal_rows(row, *back)) << text_of(row, types);
    Arena arena;
    std::vector<Column> columns;
    for (std::size_t c = 0; c < types.size(); ++c) {
      columns.push_back(make_column(arena, types[c], 2));
      store_value(arena, columns.back(), types[c], 1, row[c]);
    }
    std::string again;
    ASSERT_TRUE(codec.encode(columns, 1, again, true));
    EXPECT_EQ(again, bytes);
  }
}

TEST(KeyCodec, NullsAndOrder) {
  const KeyCodec single({SqlType(SqlKind::kBigint)});
  std::string bytes;
  EXPECT_FALSE(single.encode_values(ValueList{Value{}}, bytes));
  EXPECT_EQ(bytes, "");
  const KeyCodec pair({SqlType(SqlKind::kInteger), SqlType(SqlKind::kString)});
  EXPECT_FALSE(pair.encode_values(ValueList{std::int64_t{1}, Value{}}, bytes));
  EXPECT_EQ(bytes, "");
  EXPECT_TRUE(pair.encode_values(ValueList{std::int64_t{1}, Value{}}, bytes, true));
  EXPECT_EQ(bytes, std::string("\0\0\0\4\0\0\0\1\xff\xff\xff\xff", 12));
  std::string one, two;
  ASSERT_TRUE(single.encode_values(ValueList{std::int64_t{1}}, one));
  ASSERT_TRUE(single.encode_values(ValueList{std::int64_t{256}}, two));
  EXPECT_LT(one, two);
  EXPECT_FALSE(single.decode_values("abc"));
  EXPECT_FALSE(pair.decode_values("abc"));
  EXPECT_FALSE(pair.decode_values(bytes + "x"));
}

}  // namespace
}  // namespace thalweg::runtime
