// TOPK, TOPKDISTINCT.
#include <algorithm>

#include "runtime/functions/boxed_state.h"
#include "runtime/functions/families.h"

namespace thalweg::runtime {
namespace {

using planner::FunctionKind;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

// Descending list of at most k entries: values, or structs led by their sort column.
class TopKernel final : public AggregateKernel {
 public:
  TopKernel(SqlType result, std::size_t k, bool distinct)
      : result_(std::move(result)),
        with_others_(result_.element().is(SqlKind::kStruct)),
        sort_type_(with_others_ ? result_.element().fields()[0].type : result_.element()),
        k_(k),
        distinct_(distinct) {}

  Value initial() const override { return empty_list(); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    if (arguments[0].is_null()) return {};
    insert(with_others_ ? planner::make_list(ValueList(arguments.begin(), arguments.end())) : arguments[0],
           state);
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    for (const Value& entry : other.as_list()) insert(entry, state);
    return {};
  }
  SqlType state_type() const override { return result_; }

 private:
  const Value& sort_value(const Value& entry) const { return with_others_ ? entry.as_list()[0] : entry; }

  void insert(const Value& entry, Value& state) const {
    ValueList& entries = writable_list(state);
    // Behind all entries that are not smaller: on ties the older one stays first.
    const auto place = std::find_if(entries.begin(), entries.end(), [&](const Value& held) {
      return planner::compare(sort_value(held), sort_value(entry), sort_type_) < 0;
    });
    if (place == entries.end() && entries.size() >= k_) return;
    if (distinct_ && place != entries.begin() &&
        planner::compare(*std::prev(place), entry, sort_type_) == 0) {
      return;
    }
    entries.insert(place, entry);
    if (entries.size() > k_) entries.pop_back();
  }

  SqlType result_;
  bool with_others_;
  SqlType sort_type_;
  std::size_t k_;
  bool distinct_;
};

AggregateFactory make_top(std::string name, bool distinct) {
  return [name, distinct](std::span<const SqlType>, std::span<const Value> constants, const SqlType& result,
                          const FunctionEnvironment&) -> Result<std::unique_ptr<AggregateKernel>> {
    if (constants.empty() || constants.back().is_null() || constants.back().as_int() < 1) {
      return Error{ErrorCode::kStatement, name + ": k must be 1 or greater"};
    }
    return std::unique_ptr<AggregateKernel>(
        std::make_unique<TopKernel>(result, static_cast<std::size_t>(constants.back().as_int()), distinct));
  };
}

// ARRAY<T>, or with further columns ARRAY<STRUCT<sort_col T, col0 …>>. The last argument is k.
Result<SqlType> top_type(std::span<const SqlType> types) {
  if (types.size() <= 2) return SqlType::array(types[0]);
  std::vector<planner::Field> fields{{"sort_col", types[0]}};
  for (std::size_t i = 1; i + 1 < types.size(); ++i)
    fields.push_back({"col" + std::to_string(i - 1), types[i]});
  return SqlType::array(SqlType::structure(std::move(fields)));
}

Overload topk(SqlKind kind) {
  Overload overload = own_aggregate({.parameters = {{"val1", sql(kind)},
                                                    {"val2", planner::ParamType::any(), Nulls::kSeen, true},
                                                    {"k", sql(SqlKind::kInteger)}},
                                     .result = array_of(sql(kind)),
                                     .literal_count = 1},
                                    make_top("TOPK", false));
  overload.signature.result_rule = top_type;
  overload.structured_state = true;
  return overload;
}

Overload topk_distinct(planner::ParamType type) {
  Overload overload = own_aggregate({.parameters = {{"val1", type}, {"k", sql(SqlKind::kInteger)}},
                                     .result = array_of(type),
                                     .literal_count = 1},
                                    make_top("TOPKDISTINCT", true));
  overload.signature.result_rule = [](std::span<const SqlType> types) -> Result<SqlType> {
    return SqlType::array(types[0]);
  };
  return overload;
}

}  // namespace

void add_top_aggregates(FunctionLibrary& library) {
  library.add({.name = "TOPK",
               .category = "AGGREGATE",
               .doc =
                   "The k greatest values of a column in descending order; with further columns, the whole "
                   "rows. On ties the older row comes first.",
               .overloads = {topk(SqlKind::kInteger), topk(SqlKind::kBigint), topk(SqlKind::kDouble),
                             topk(SqlKind::kString)},
               .kind = FunctionKind::kAggregate});

  std::vector<Overload> overloads;
  for (const SqlKind kind : {SqlKind::kInteger, SqlKind::kBigint, SqlKind::kDouble, SqlKind::kDate,
                             SqlKind::kTime, SqlKind::kTimestamp, SqlKind::kString, SqlKind::kBytes}) {
    overloads.push_back(topk_distinct(sql(kind)));
  }
  overloads.push_back(topk_distinct(planner::ParamType::any_decimal()));
  library.add({.name = "TOPKDISTINCT",
               .category = "AGGREGATE",
               .doc = "The k greatest different values of a column in descending order.",
               .overloads = std::move(overloads),
               .kind = FunctionKind::kAggregate});
}

}  // namespace thalweg::runtime
