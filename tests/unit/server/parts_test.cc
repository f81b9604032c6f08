// The pure parts: reader, media types, row values, masking, properties.
#include <gtest/gtest.h>

#include "parser/parser.h"
#include "parser/print.h"
#include "server/api/masking.h"
#include "server/api/pull_cache.h"
#include "server/api/row_writer.h"
#include "server/config/configuration.h"
#include "server/config/properties_file.h"
#include "server/http/media.h"
#include "server/http/request_reader.h"

namespace thalweg::server {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;

TEST(RequestReader, BytesMayArriveOneByOne) {
  const Limits limits;
  RequestReader reader(limits);
  InputBuffer input;
  const std::string text =
      "\r\nPOST /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: x/y\r\nAccept: z/w\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n";
  int heads = 0, dones = 0;
  for (const char c : text) {
    input.append({&c, 1});
    for (auto event = reader.advance(input); event != RequestReader::Event::kMore;
         event = reader.advance(input)) {
      ASSERT_NE(event, RequestReader::Event::kFailed) << reader.failure().message;
      heads += event == RequestReader::Event::kHead;
      if (event == RequestReader::Event::kDone) {
        ++dones;
        break;
      }
    }
  }
  EXPECT_EQ(heads, 1);
  EXPECT_EQ(dones, 1);
  EXPECT_EQ(reader.request().body, "abcde");
  EXPECT_EQ(reader.request().path, "/a");
  EXPECT_EQ(reader.request().query, "b=c");
  EXPECT_EQ(*reader.request().accept, "x/y,z/w");
}

TEST(Media, SortedByQuality) {
  const std::string_view produced[] = {"a/b", "c/d"};
  EXPECT_EQ(choose_media_type("c/d", produced), 1u);
  EXPECT_EQ(choose_media_type("x/y, */*", produced), 0u);
  EXPECT_EQ(choose_media_type("a/b;q=0.1, C/D ; charset=utf-8 ; q=0.9", produced), 1u);
  EXPECT_EQ(choose_media_type("a/*;q=0, c/*", produced), 1u);
  EXPECT_EQ(choose_media_type("x/y", produced), std::nullopt);
  EXPECT_EQ(choose_media_type("", produced), std::nullopt);
}

std::string json_of(const Value& value, const SqlType& type) {
  std::string out;
  append_value(out, value, type);
  return out;
}

TEST(RowValues, TopLevel) {
  EXPECT_EQ(json_of(Value(true), SqlKind::kBoolean), "true");
  EXPECT_EQ(json_of(Value(std::int64_t{-9223372036854775807 - 1}), SqlKind::kBigint), "-9223372036854775808");
  EXPECT_EQ(json_of(Value(11.0), SqlKind::kDouble), "11.0");
  EXPECT_EQ(json_of(Value(1e10), SqlKind::kDouble), "1.0E10");
  EXPECT_EQ(json_of(Value(std::numeric_limits<double>::quiet_NaN()), SqlKind::kDouble), "\"NaN\"");
  EXPECT_EQ(json_of(Value(-std::numeric_limits<double>::infinity()), SqlKind::kDouble), "\"-Infinity\"");
  EXPECT_EQ(json_of(Value(planner::Decimal{1010, 2}), SqlType::decimal(4, 2)), "10.10");
  EXPECT_EQ(json_of(Value(std::string("a\"b\n")), SqlKind::kString), R"("a\"b\n")");
  EXPECT_EQ(json_of(Value(std::string("\1\2")), SqlKind::kBytes), "\"AQI=\"");
  EXPECT_EQ(json_of(Value(std::int64_t{19782}), SqlKind::kDate), "\"2024-02-29\"");
  EXPECT_EQ(json_of(Value(std::int64_t{62'520'000}), SqlKind::kTime), "\"17:22\"");
  EXPECT_EQ(json_of(Value(std::int64_t{62'525'999}), SqlKind::kTime), "\"17:22:05\"");
  EXPECT_EQ(json_of(Value(std::int64_t{1'709'227'325'123}), SqlKind::kTimestamp),
            "\"2024-02-29T17:22:05.123\"");
  EXPECT_EQ(json_of(Value(), SqlKind::kDate), "null");
}

TEST(RowValues, InsideAStructDatesAreNumbersAndMapsArePairs) {
  const auto map = SqlType::map(SqlKind::kInteger, SqlKind::kDate);
  const auto entries =
      planner::make_map({{Value(std::int64_t{1}), Value(std::int64_t{2})}}, SqlKind::kInteger);
  EXPECT_EQ(json_of(entries, map), R"({"1":"1970-01-03"})");
  const auto type = SqlType::structure({{"D", SqlKind::kDate}, {"M", map}, {"n", SqlKind::kString}});
  EXPECT_EQ(json_of(planner::make_list({Value(std::int64_t{2}), entries, Value()}), type),
            R"({"D":2,"M":[[1,2]],"n":null})");
  EXPECT_EQ(json_of(planner::make_list({Value(std::int64_t{2}), Value()}), SqlType::array(SqlKind::kDate)),
            R"(["1970-01-03",null])");
}

TEST(HeaderSchema, MarksKeysAndNamesRecordHeadersBehindThem) {
  ResultHead head{"q", {{{"K", SqlKind::kString}, {"V", SqlKind::kInteger}, {"H`", SqlKind::kBytes}}, 0}, {}};
  EXPECT_EQ(header_schema(head), "`K` STRING, `V` INTEGER, `H``` BYTES");
  head.marks = {"KEY", "", "HEADER('h')"};
  EXPECT_EQ(header_schema(head), "`K` STRING KEY, `H``` BYTES HEADER('h'), `V` INTEGER");
  head.marks = {"", "KEY", ""};
  EXPECT_EQ(header_schema(head), "`K` STRING, `V` INTEGER KEY, `H``` BYTES");
}

TEST(Masking, ValuesConnectorsAndSecrets) {
  EXPECT_EQ(mask_statement("SHOW STREAMS;"), "SHOW STREAMS;");
  EXPECT_EQ(mask_statement("INSERT INTO s (a) VALUES (1, 'x', f(2, 3), ARRAY[1, 2]);"),
            "INSERT INTO s (a) VALUES ('[value]', '[value]', '[value]', '[value]');");
  EXPECT_EQ(mask_statement("CREATE SOURCE CONNECTOR c WITH ('connector.class'='X', 'url'='secret');"),
            "CREATE SOURCE CONNECTOR c WITH ('connector.class'='X', 'url'='[string]');");
  EXPECT_EQ(mask_statement("SET 'sasl.jaas.config'='abc';"), "SET 'sasl.jaas.config'='[string]';");
  EXPECT_EQ(mask_statement("INSERT INTO s VALUES ('unclosed"), "INSERT INTO s VALUES ('[value]'");
  EXPECT_EQ(mask_statement("SELECT * FROM s WHERE a = 'x';"), "SELECT * FROM s WHERE a = 'x';");
  EXPECT_EQ(mask_secrets("INSERT INTO s (a) VALUES (1, STRUCT(password := 'x'));"),
            "INSERT INTO s (a) VALUES (1, STRUCT(password := 'x'));");
  EXPECT_EQ(mask_secrets("INSERT INTO s VALUES (1); SET 'sasl.jaas.config'='abc';"),
            "INSERT INTO s VALUES (1); SET 'sasl.jaas.config'='[string]';");
}

TEST(PullCache, OneParsePerShape) {
  PullCache cache;
  const auto parse = [](const std::string& sql) {
    return std::get<ast::Query>(parser::parse_statement(sql)->node);
  };
  const auto filled = [&](const std::string& sql) -> std::string {
    const auto shape = shape_of(sql);
    const auto query = shape ? cache.find(*shape) : std::nullopt;
    return query ? parser::print(*query) : "";
  };
  for (const char* sql : {"SELECT * FROM t WHERE id = 'a';",
                          "SELECT a, 1 FROM t WHERE k IN (1, 2) AND w BETWEEN 3 AND 'x' LIMIT 5;"}) {
    cache.add(*shape_of(sql), parse(sql));
  }
  for (const char* sql : {"SELECT * FROM t WHERE id = 'it''s';",
                          "SELECT a, 1 FROM t WHERE k IN (7, 3000000000) AND w BETWEEN 0 AND 'y' LIMIT 5;"}) {
    EXPECT_EQ(filled(sql), parser::print(parse(sql)));
  }
  for (const char* other :
       {"SELECT * FROM t WHERE id = 1;", "SELECT * FROM u WHERE id = 'a';", "SELECT * FROM t;",
        "SELECT a, 1 FROM t WHERE k IN (1, 2) AND w BETWEEN 3 AND 'x' LIMIT 6;",
        "SELECT * FROM t WHERE id = 'a", "SELECT * FROM t WHERE id = '${x}';"}) {
    EXPECT_EQ(filled(other), "") << other;
  }
  EXPECT_FALSE(shape_of("SELECT * FROM t WHERE id = -1;"));
  EXPECT_FALSE(shape_of("SELECT * FROM t WHERE id = 1.5;"));
  const auto cast = *shape_of("SELECT * FROM t WHERE id = UCASE('a');");
  cache.add(cast, parse("SELECT * FROM t WHERE id = UCASE('a');"));
  EXPECT_FALSE(cache.find(cast));
  const auto huge =
      *shape_of("SELECT a, 1 FROM t WHERE k IN (1, 99999999999999999999) AND w BETWEEN 3 AND 'x' LIMIT 5;");
  EXPECT_FALSE(cache.find(huge));
}

TEST(PropertiesFile, JavaSyntax) {
  const auto properties =
      parse_properties("# c\n! d\na = 1\nb:2\nc 3\n d\\ e = x\\ty \\\n   z\nempty\nu=\\u00e9\r\n");
  ASSERT_TRUE(properties);
  const std::map<std::string, std::string> expected = {{"a", "1"},        {"b", "2"},    {"c", "3"},
                                                       {"d e", "x\ty z"}, {"empty", ""}, {"u", "\xc3\xa9"}};
  EXPECT_EQ(*properties, expected);
  EXPECT_FALSE(parse_properties("a=\\u00g0"));
}

TEST(Configuration, LaterSourcesWin) {
  ConfigurationSources sources;
  sources.environment = {"KSQL_KSQL_SERVICE_ID=env_", "KSQL_AUTO_OFFSET_RESET=earliest",
                         "KSQL_HEAP_OPTS=-Xmx1g", "KSQL_OPTS=-Dksql.streams.num.stream.threads=2 -Xms1g",
                         "HOME=/"};
  sources.settings = {"ksql.service.id=cli_", "ksql.no.such=1"};
  const auto configuration = Configuration::load(sources);
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->text("ksql.service.id"), "cli_");
  EXPECT_EQ(configuration->text("auto.offset.reset"), "earliest");
  EXPECT_EQ(configuration->text("num.stream.threads"), "2");
  EXPECT_EQ(configuration->given().count("heap.opts"), 0u);
  EXPECT_EQ(configuration->warnings().size(), 1u);
  EXPECT_EQ(configuration->number("ksql.max.push.queries"), 100);
  sources.settings = {"ksql.max.push.queries=many"};
  EXPECT_FALSE(Configuration::load(sources));
  sources.settings = {"nonsense"};
  EXPECT_FALSE(Configuration::load(sources));
  sources.files = {"/nonexistent/file"};
  EXPECT_FALSE(Configuration::load(sources));
}

TEST(Configuration, OverridesAreCheckedWhenTheyAreSet) {
  const auto configuration = Configuration::load({});
  ASSERT_TRUE(configuration);
  const auto problem = [&](const char* name, const char* value) {
    const auto checked = configuration->check_override(name, value);
    return checked ? std::string() : describe(checked.error());
  };
  EXPECT_EQ(problem("thalweg.type.strictness", "strict"), "");
  EXPECT_EQ(problem("thalweg.type.strictness", "Lenient"), "");
  EXPECT_EQ(
      problem("thalweg.type.strictness", "loose"),
      "Invalid value loose for property thalweg.type.strictness: String must be one of: strict, lenient");
  EXPECT_EQ(problem("ksql.nested.error.set.null", "false"), "");
  EXPECT_EQ(problem("max.task.idle.ms", "-1"), "");
  EXPECT_EQ(
      problem("ksql.streams.max.task.idle.ms", "100"),
      "Invalid value 100 for property ksql.streams.max.task.idle.ms: Must be 0 or -1: waiting for records "
      "that may come is not available");
  EXPECT_EQ(problem("ksql.headers.columns.enabled", "false"),
            "Cannot override property 'ksql.headers.columns.enabled'");
  EXPECT_EQ(problem("auto.offset.rest", "earliest"),
            "Not recognizable as ksql, streams, consumer, or producer property: 'auto.offset.rest'\n"
            "hint: did you mean \"auto.offset.reset\"?");
}

}  // namespace
}  // namespace thalweg::server
