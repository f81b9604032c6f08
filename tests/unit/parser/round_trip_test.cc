// Random statements: what is printed reads back as the same tree, and prints the same again. The seed
// is printed on failure; THALWEG_SEED repeats it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "parser/parser.h"
#include "parser/print.h"

namespace thalweg::parser {
namespace {

using ast::ExpressionPtr;
using ast::make_expression;

const ParseOptions kEverything{
    .substitute_variables = false, .allow_test_statements = true, .allow_client_statements = true};

// Draws trees that the parser could have built.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  ast::Statement statement() {
    ast::Statement result;
    result.node = node();
    return result;
  }

  ExpressionPtr expression(int depth) {
    if (depth <= 0) return leaf();
    switch (below(20)) {
      case 0: return make_expression(ast::Dereference{base(depth), name()});
      case 1: return make_expression(ast::Subscript{base(depth), value(depth - 1)});
      case 2:
        return make_expression(
            ast::Arithmetic{pick<ast::ArithmeticOp>(5), value(depth - 1), value(depth - 1)});
      case 3: return sign(depth);
      case 4:
        return make_expression(
            ast::Comparison{pick<ast::ComparisonOp>(8), value(depth - 1), value(depth - 1)});
      case 5: return make_expression(ast::Logical{coin(), expression(depth - 1), expression(depth - 1)});
      case 6: return make_expression(ast::Not{expression(depth - 1)});
      case 7: return make_expression(ast::IsNull{value(depth - 1), coin()});
      case 8: return make_expression(ast::Between{value(depth - 1), value(depth - 1), value(depth - 1)});
      case 9: return make_expression(ast::InList{value(depth - 1), list(1, depth - 1)});
      case 10: return like(depth);
      case 11: return case_expression(depth);
      case 12: return make_expression(ast::Cast{expression(depth - 1), type(2)});
      case 13:
      case 14: return call(depth);
      case 15: return make_expression(ast::AtTimeZone{expression(depth - 1), text()});
      case 16: return make_expression(ast::ArrayConstructor{list(0, depth - 1)});
      case 17: return map(depth);
      case 18: return structure(depth);
      default: return leaf();
    }
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool coin() { return below(2) == 0; }

  template <typename Enum>
  Enum pick(std::uint64_t count) {
    return static_cast<Enum>(below(count));
  }

  std::string choose(const std::vector<std::string>& from) { return from[below(from.size())]; }

  std::string name() {
    return choose({"A",     "B1",     "_C",      "D@E",    "lower",  "a b",       "q`q",
                   "1R",    "",       "SELECT",  "DAYS",   "EMIT",   "CHANGES",   "KEY",
                   "ARRAY", "MAP",    "STRUCT",  "DATE",   "ESCAPE", "PARTITION", "DECIMAL",
                   "NULL",  "Ä",      "SESSION", "ROWS",   "GRACE",  "IF",        "HEADERS",
                   "ALL",   "VALUES", "COLUMN",  "TABLES", "STRING", "E5",        "x\"y"});
  }
  std::string source_name() {
    return choose({"S", "T1", "lower", "a-b", "1", "SELECT", "EMIT", "TABLES", "ARRAY"});
  }
  std::string function_name() {
    return choose({"F", "COUNT", "MAP", "ARRAY", "STRUCT", "IF", "LEFT", "A B", "REPLACE"});
  }
  std::string text() { return choose({"", "x", "it's", "a\nb", "--", ";", "${n}", "\"", "é", "''"}); }

  std::int64_t number() {
    const auto bits = static_cast<std::int64_t>(random_());
    return bits >> below(64);
  }

  ExpressionPtr integer() {
    const auto drawn = number();
    const bool small = drawn >= std::numeric_limits<std::int32_t>::min() &&
                       drawn <= std::numeric_limits<std::int32_t>::max();
    return small ? make_expression(ast::IntegerLiteral{static_cast<std::int32_t>(drawn)})
                 : make_expression(ast::BigintLiteral{drawn});
  }

  ExpressionPtr leaf() {
    switch (below(9)) {
      case 0: return make_expression(ast::NullLiteral{});
      case 1: return make_expression(ast::BooleanLiteral{coin()});
      case 2:
      case 3: return integer();
      case 4: return make_expression(ast::DoubleLiteral{static_cast<double>(number()) / 1024.0});
      case 5: return make_expression(ast::DecimalLiteral{choose({"0.5", "-12.340", "3", "-0", "1.00"})});
      case 6: return make_expression(ast::StringLiteral{text()});
      case 7: return make_expression(ast::ColumnRef{name(), name()});
      default: return make_expression(ast::ColumnRef{std::nullopt, name()});
    }
  }

  ExpressionPtr value(int depth) { return expression(depth); }
  ExpressionPtr base(int depth) { return expression(depth - 1); }

  ExpressionPtr sign(int depth) { return make_expression(ast::Sign{coin(), expression(depth - 1)}); }

  ExpressionPtr like(int depth) {
    ast::Like result{value(depth - 1), value(depth - 1), std::nullopt};
    if (coin()) result.escape = choose({"!", "'", "\\"});
    return make_expression(std::move(result));
  }

  ExpressionPtr case_expression(int depth) {
    ast::Case result;
    if (coin()) result.operand = expression(depth - 1);
    for (std::uint64_t i = 0; i <= below(3); ++i) {
      result.whens.push_back({expression(depth - 1), expression(depth - 1)});
    }
    if (coin()) result.otherwise = expression(depth - 1);
    return make_expression(std::move(result));
  }

  ExpressionPtr call(int depth) {
    ast::FunctionCall result{function_name(), {}, below(8) == 0};
    if (result.star) return make_expression(std::move(result));
    result.arguments = list(0, depth - 1);
    if (below(4) == 0)
      result.arguments.push_back(make_expression(ast::TimeUnit{choose({"DAYS", "MILLISECOND"})}));
    if (!result.arguments.empty() && coin()) {
      for (std::uint64_t i = 0; i <= below(2); ++i) result.arguments.push_back(lambda(depth));
    }
    return make_expression(std::move(result));
  }

  ExpressionPtr lambda(int depth) {
    ast::Lambda result;
    for (std::uint64_t i = 0; i <= below(3); ++i) result.parameters.push_back(name());
    result.body = expression(depth - 1);
    return make_expression(std::move(result));
  }

  ExpressionPtr map(int depth) {
    ast::MapConstructor result;
    for (auto count = below(3); count > 0; --count) {
      result.entries.emplace_back(expression(depth - 1), expression(depth - 1));
    }
    return make_expression(std::move(result));
  }

  ExpressionPtr structure(int depth) {
    ast::StructConstructor result;
    for (auto count = below(3); count > 0; --count) result.fields.emplace_back(name(), expression(depth - 1));
    return make_expression(std::move(result));
  }

  std::vector<ExpressionPtr> list(std::uint64_t minimum, int depth) {
    std::vector<ExpressionPtr> result;
    for (auto count = minimum + below(3); count > 0; --count) result.push_back(expression(depth));
    return result;
  }

  ast::TypeName type(int depth) {
    ast::TypeName result;
    switch (depth <= 0 ? 0 : below(5)) {
      case 1: result.name = "ARRAY"; break;
      case 2: result.name = "MAP"; break;
      case 3: result.name = "STRUCT"; break;
      case 4:
        result.name = choose({"DECIMAL", "VARCHAR"});
        result.parameters = {"4", "STRING"};
        return result;
      default: result.name = choose({"INT", "STRING", "DATE", "my type", "ARRAY", "MAP"}); return result;
    }
    const auto arguments = result.name == "ARRAY" ? 1 : result.name == "MAP" ? 2 : 1 + below(3);
    for (std::uint64_t i = 0; i < arguments; ++i) {
      result.arguments.push_back(type(depth - 1));
      if (result.name == "STRUCT") result.field_names.push_back(name());
    }
    return result;
  }

  ast::Duration duration() {
    const auto amount = static_cast<std::int64_t>(below(100));
    return coin() ? ast::Duration{amount, "HOURS", amount * 3'600'000}
                  : ast::Duration{amount, "SECOND", amount * 1000};
  }
  std::optional<ast::Duration> maybe_duration() { return coin() ? std::optional(duration()) : std::nullopt; }

  ast::Properties properties() {
    ast::Properties result;
    for (auto count = below(3); count > 0; --count) {
      result.push_back({choose({"KAFKA_TOPIC", "X Y", "SELECT"}),
                        coin() ? integer() : make_expression(ast::StringLiteral{text()}),
                        {}});
    }
    return result;
  }

  ast::SourceRef source() {
    ast::SourceRef result{source_name(), std::nullopt, {}};
    if (coin()) result.alias = name();
    return result;
  }

  ast::Window window() {
    ast::Window result{};
    result.type = pick<ast::WindowType>(3);
    if (coin()) result.name = name();
    const bool rows = result.type != ast::WindowType::kSession && coin();
    if (rows) {
      result.rows = 100;
    } else {
      result.size = duration();
    }
    if (result.type == ast::WindowType::kHopping && rows) result.advance_rows = 10;
    if (result.type == ast::WindowType::kHopping && !rows) result.advance = duration();
    result.retention = maybe_duration();
    result.grace = maybe_duration();
    return result;
  }

  ast::SelectItem item() {
    switch (below(5)) {
      case 0: return {ast::StarItem{coin() ? std::optional(name()) : std::nullopt}, {}};
      case 1: return {ast::StructStarItem{expression(2)}, {}};
      default:
        return {ast::ExpressionItem{expression(3), coin() ? std::optional(name()) : std::nullopt, {}}, {}};
    }
  }

  ast::Join join() {
    ast::Join result{};
    result.type = pick<ast::JoinType>(4);
    result.outer_spelt = result.type != ast::JoinType::kInner && coin();
    result.source = source();
    if (coin()) {
      ast::Within within{duration(), {}, coin(), maybe_duration()};
      within.after = within.symmetric ? within.before : duration();
      result.within = within;
    }
    result.on = expression(2);
    return result;
  }

  ast::Query query() {
    ast::Query result;
    for (std::uint64_t i = 0; i <= below(3); ++i) result.items.push_back(item());
    result.from = source();
    for (auto count = below(3); count > 0; --count) result.joins.push_back(join());
    if (coin()) result.window = window();
    if (coin()) result.where = expression(3);
    if (coin()) result.group_by = std::vector{expression(2)};
    if (below(4) == 0) result.partition_by = std::vector{expression(2)};
    if (coin()) result.having = expression(2);
    result.emit = pick<ast::Emit>(3);
    if (coin()) result.limit = number();
    return result;
  }

  std::vector<ast::ColumnDefinition> columns(ast::SourceKind kind) {
    std::vector<ast::ColumnDefinition> result;
    for (auto count = below(4); count > 0; --count) {
      ast::ColumnDefinition column{name(), type(3), ast::ColumnRole::kValue, std::nullopt, {}};
      if (below(3) == 0) {
        column.role = kind == ast::SourceKind::kTable ? ast::ColumnRole::kPrimaryKey : ast::ColumnRole::kKey;
      } else if (below(3) == 0) {
        column.role = ast::ColumnRole::kHeaders;
        if (coin()) column.header_key = text();
      }
      result.push_back(std::move(column));
    }
    return result;
  }

  ast::CreateSource create_source() {
    ast::CreateSource result{};
    result.kind = pick<ast::SourceKind>(2);
    result.or_replace = coin();
    result.read_only = coin();
    result.if_not_exists = coin();
    result.name = source_name();
    result.has_columns = coin();
    if (result.has_columns) result.columns = columns(result.kind);
    result.properties = properties();
    return result;
  }

  ast::InsertValues insert_values() {
    ast::InsertValues result{source_name(), {}, {}, {}};
    const auto width = 1 + below(3);
    if (coin()) {
      for (std::uint64_t i = 0; i < width; ++i) result.columns.push_back(name());
    }
    for (std::uint64_t row = 0; row <= below(3); ++row) {
      auto& fields = result.rows.emplace_back();
      for (std::uint64_t i = 0; i < width; ++i) fields.push_back(expression(2));
    }
    return result;
  }

  ast::StatementNode node() {
    const auto kind = pick<ast::SourceKind>(2);
    switch (below(28)) {
      case 0: return create_source();
      case 1: return ast::CreateAsSelect{kind, coin(), coin(), source_name(), properties(), query(), {}};
      case 2: return ast::InsertInto{source_name(), properties(), query(), {}};
      case 3: return insert_values();
      case 4: return ast::DropSource{kind, coin(), source_name(), coin(), {}};
      case 5:
        return ast::AlterSource{
            kind, source_name(), {{name(), type(2), ast::ColumnRole::kValue, {}, {}}}, {}};
      case 6: return ast::CreateType{coin(), name(), type(3)};
      case 7: return ast::DropType{coin(), name()};
      case 8:
        return ast::Lifecycle{
            pick<ast::LifecycleAction>(3), coin() ? std::optional(name()) : std::nullopt, {}};
      case 9: return ast::List{pick<ast::Listing>(5), coin()};
      case 10: return ast::DescribeSource{source_name(), coin(), {}};
      case 11: return ast::DescribeAll{kind, coin()};
      case 12: return ast::DescribeFunction{name(), {}};
      case 13: return ast::DescribeConnector{name()};
      case 14: {
        if (coin()) return ast::Explain{nullptr, name()};
        return ast::Explain{std::make_shared<ast::Statement>(ast::Statement{query(), {}, {}}), std::nullopt};
      }
      case 15:
        return ast::Print{text(),
                          coin(),
                          coin() ? std::optional(number()) : std::nullopt,
                          coin() ? std::optional(number()) : std::nullopt,
                          {}};
      case 16: return ast::SetProperty{text(), text()};
      case 17: return ast::UnsetProperty{text()};
      case 18: return ast::AlterSystem{text(), text()};
      case 19: return ast::DefineVariable{name(), text()};
      case 20: return ast::UndefineVariable{name()};
      case 21: return ast::CreateConnector{coin(), coin(), name(), {{text(), integer(), {}}}};
      case 22: return ast::DropConnector{coin(), name()};
      case 23: return ast::AssertTopic{coin(), text(), properties(), maybe_duration()};
      case 24:
        return ast::AssertSchema{coin(), text(), coin() ? std::optional<std::int64_t>(3) : std::nullopt,
                                 maybe_duration()};
      case 25: return ast::AssertValues{source_name(), {name()}, {expression(2)}};
      case 26: return ast::AssertNullValues{source_name(), {}, {expression(2)}};
      default: return query();
    }
  }

  std::mt19937_64 random_;
};

std::uint64_t base_seed() {
  const char* given = std::getenv("THALWEG_SEED");
  return given == nullptr ? 20240229 : std::strtoull(given, nullptr, 10);
}

TEST(RoundTrip, Expressions) {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto seed = base_seed() + i;
    const auto drawn = Generator(seed).expression(4);
    const auto printed = print(*drawn);
    const auto parsed = parse_expression(printed);
    ASSERT_TRUE(parsed.has_value()) << "seed " << seed << "\n" << printed << "\n" << parsed.error().message;
    ASSERT_TRUE(ast::equal(*drawn, **parsed)) << "seed " << seed << "\n"
                                              << printed << "\n"
                                              << print(**parsed);
  }
}

TEST(RoundTrip, Statements) {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto seed = base_seed() + i;
    const auto drawn = Generator(seed).statement();
    const auto printed = print(drawn);
    const auto parsed = parse_statements(printed + ";", {}, kEverything);
    ASSERT_TRUE(parsed.has_value()) << "seed " << seed << "\n" << printed << "\n" << parsed.error().message;
    ASSERT_EQ(parsed->size(), 1U) << "seed " << seed;
    ASSERT_EQ(parsed->front().node.index(), drawn.node.index()) << "seed " << seed << "\n" << printed;
    ASSERT_EQ(print(parsed->front()), printed) << "seed " << seed;
  }
}

// Garbage is refused politely.
TEST(RoundTrip, MutilatedStatementsNeverCrash) {
  std::mt19937_64 random(base_seed());
  for (std::uint64_t i = 0; i < 500; ++i) {
    auto text = print(Generator(base_seed() + i).statement()) + ";";
    for (int cuts = 0; cuts < 3 && !text.empty(); ++cuts) {
      const auto at = random() % text.size();
      if (random() % 2 == 0) {
        text.erase(at, 1 + random() % 4);
      } else {
        text.insert(at, 1, "()[]'\"`;,.-><=$\xff"[random() % 17]);
      }
    }
    const auto parsed = parse_statements(text, {}, kEverything);
    EXPECT_TRUE(parsed.has_value() || !parsed.error().message.empty()) << "seed " << base_seed() + i;
  }
}

}  // namespace
}  // namespace thalweg::parser
