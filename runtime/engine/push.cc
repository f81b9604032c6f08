// Push queries: begun for a client, ended by it, by their LIMIT or with the topic they read.
#include <algorithm>

#include "runtime/engine/engine_impl.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kRowsWaitingMax = 10'000;

// Whether the dialect would let the query share the consumer of the one query that writes its source, from
// now on (ksql.query.push.v2.enabled). Clients know such queries by their id; they run like others here.
bool is_shareable(const planner::QueryPlan& plan, const Metastore& metastore,
                  const planner::PropertyMap& properties) {
  if (!property_is(properties, "ksql.query.push.v2.enabled", false)) return false;
  if (property(properties, "auto.offset.reset") == "earliest" || plan.sources.size() != 1) return false;
  if (metastore.queries_writing(plan.sources.front()).size() != 1) return false;
  return std::all_of(plan.steps.begin(), plan.steps.end(), [](const planner::Step& step) {
    if (const auto* source = std::get_if<planner::SourceStep>(&step.node)) {
      using Origin = planner::SourceColumn::Origin;
      return std::none_of(source->columns.begin(), source->columns.end(), [](const auto& column) {
        return column.origin == Origin::kRowPartition || column.origin == Origin::kRowOffset;
      });
    }
    return std::holds_alternative<planner::FilterStep>(step.node) ||
           std::holds_alternative<planner::ProjectStep>(step.node) ||
           std::holds_alternative<planner::DeliverStep>(step.node);
  });
}

// Where it shares a consumer, the dialect passes over records without a key; so it does in tables anyway.
void skip_null_keys(planner::QueryPlan& plan) {
  const planner::Step& source = plan.steps.front();  // the only source comes first
  if (source.table) return;
  planner::TypedPtr any;
  for (std::size_t i = 0; i < source.schema.key_count; ++i) {
    const auto column = planner::make_typed(planner::InputColumn{static_cast<std::int32_t>(i)},
                                            source.schema.columns[i].type);
    auto known = planner::make_typed(planner::TypedIsNull{column, true}, planner::SqlKind::kBoolean);
    any = any ? planner::make_typed(planner::TypedLogical{false, any, std::move(known)},
                                    planner::SqlKind::kBoolean)
              : std::move(known);
  }
  if (!any) return;
  planner::Step filter = source;
  filter.name = "NullKeyFilter";
  filter.inputs = {-1};  // 0 once all have moved up
  filter.node = planner::FilterStep{std::move(any)};
  plan.steps.insert(plan.steps.begin() + 1, std::move(filter));
  for (std::size_t i = 1; i < plan.steps.size(); ++i) {
    for (auto& input : plan.steps[i].inputs) ++input;
  }
}

}  // namespace

class EngineImpl::Push final : public PushQuery {
 public:
  Push(EngineImpl& engine, std::shared_ptr<RunningQuery> query, planner::Schema schema)
      : engine_(engine), query_(std::move(query)), schema_(std::move(schema)) {}
  ~Push() override {
    query_->push_queue()->on_ready({});
    query_->stop();
    static_cast<void>(query_->wipe());
    MutexLock lock(engine_.state_);
    engine_.pushing_.erase(id());
  }
  const std::string& id() const override { return query_->plan().id; }
  const planner::Schema& schema() const override { return schema_; }
  Poll poll(std::size_t rows_max) override { return query_->push_queue()->take(rows_max); }
  void on_ready(std::function<void()> callback) override {
    query_->push_queue()->on_ready(std::move(callback));
  }

 private:
  EngineImpl& engine_;
  std::shared_ptr<RunningQuery> query_;
  planner::Schema schema_;
};

Result<std::unique_ptr<PushQuery>> EngineImpl::push(const ast::Query& query, const std::string& text,
                                                    const planner::PropertyMap& session) {
  const planner::PropertyMap properties = effective(session);
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics, properties};
  THALWEG_TRY(auto plan, planner::plan_push_query(query, text, context));
  {
    MutexLock lock(state_);
    const std::int64_t limit = property_int(options_.properties, "max.push.queries", 100);
    if (static_cast<std::int64_t>(pushing_.size()) >= limit) {
      return Error{
          ErrorCode::kStatement,
          "Not executing statement(s) '" + text +
              "' as it would cause the number of active, push queries to exceed the configured limit. "
              "Current push query count: " +
              std::to_string(pushing_.size()) + ". Configured limit: " + std::to_string(limit) + "."};
    }
  }
  const bool shareable = is_shareable(plan, *store, properties);
  if (shareable) skip_null_keys(plan);
  plan.id = random_id(shareable              ? "SCALABLE_PUSH_QUERY_"
                      : plan.sources.empty() ? "transient_QUERY_"
                                             : "transient_" + plan.sources.front() + "_");
  plan.properties = session;
  const auto& deliver = std::get<planner::DeliverStep>(plan.steps.back().node);
  planner::Schema schema;
  const auto& input = plan.steps[static_cast<std::size_t>(plan.steps.back().inputs.front())].schema;
  const bool named = plan.steps.back().schema.size() == deliver.columns.size();
  for (std::size_t i = 0; i < deliver.columns.size(); ++i) {
    schema.columns.push_back(named ? plan.steps.back().schema.columns[i]
                                   : input.columns[static_cast<std::size_t>(deliver.columns[i])]);
  }
  auto queue = std::make_shared<PushQueue>(kRowsWaitingMax, deliver.limit);
  const std::string id = plan.id;
  THALWEG_TRY(
      auto running,
      RunningQuery::make(environment(), std::make_shared<const planner::QueryPlan>(std::move(plan)), queue));
  {
    MutexLock lock(state_);
    pushing_[id] = running;
  }
  auto made = std::make_unique<Push>(*this, running, std::move(schema));
  if (changed_since(*store, running->plan().sources)) {
    made.reset();
    return push(query, text, session);
  }
  running->start();
  return std::unique_ptr<PushQuery>(std::move(made));
}

// Whether a source was dropped, and perhaps made anew, while a push query over it was planned. Once the query
// is listed, it is the dropping statement that ends it.
bool EngineImpl::changed_since(const Metastore& planned, const std::vector<std::string>& sources) const {
  const auto now = metastore();
  return std::any_of(sources.begin(), sources.end(), [&](const std::string& name) {
    return now->catalog.find(name) != planned.catalog.find(name);
  });
}

void EngineImpl::end_push_queries_over(const planner::DataSource& dropped) {
  for (const auto& query : running_push_queries()) {
    const auto& steps = query->plan().steps;
    const bool reads = std::any_of(steps.begin(), steps.end(), [&](const planner::Step& step) {
      const auto* source = std::get_if<planner::SourceStep>(&step.node);
      return source != nullptr && source->topic == dropped.topic;
    });
    if (!reads) continue;
    query->push_queue()->fail({ErrorCode::kStatement, "the query has ended because topic \"" + dropped.topic +
                                                          "\" was deleted with " + dropped.name});
  }
}

bool EngineImpl::close_push(const std::string& id) {
  std::shared_ptr<RunningQuery> query;
  {
    MutexLock lock(state_);
    const auto at = pushing_.find(id);
    if (at == pushing_.end()) return false;
    query = at->second.lock();
  }
  if (!query) return false;
  query->stop();
  query->push_queue()->finish("Query terminated");
  return true;
}

}  // namespace thalweg::runtime
