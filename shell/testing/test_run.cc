#include "shell/testing/test_run.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "planner/physical/steps.h"
#include "shell/testing/row_text.h"

namespace thalweg::shell {
namespace {

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

bool has_word(const TestBlock& block, std::string_view word) {
  const auto all = words(block.head);
  return std::find(all.begin(), all.end(), word) != all.end();
}

bool contains_block(const TestFile& file, BlockKind kind) {
  return std::any_of(file.blocks.begin(), file.blocks.end(),
                     [&](const TestBlock& block) { return block.kind == kind; });
}

// What comes before the first bar, without time and sign.
std::string_view key_part(std::string_view row) {
  if (row.starts_with('@')) row = trim(row.substr(std::min(row.find(' '), row.size())));
  if (row.starts_with("+ ") || row.starts_with("~ ") || row.starts_with("- ")) row.remove_prefix(2);
  return row.substr(0, row.find(" | "));
}

void sort_by_key(std::vector<std::string>& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const std::string& a, const std::string& b) { return key_part(a) < key_part(b); });
}

Result<std::int64_t> parse_span(std::string_view text) {
  std::int64_t amount = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), amount);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (code == std::errc{}) {
    if (unit == "ms") return amount;
    if (unit == "s") return amount * 1000;
    if (unit == "m") return amount * 60'000;
    if (unit == "h") return amount * 3'600'000;
    if (unit == "d") return amount * 86'400'000;
  }
  return Error(ErrorCode::kParse, "a span is 100ms, 5s, 2m, 1h or 1d");
}

// The pairs of `actual` whose names `wanted` mentions, in its order.
std::string chosen_pairs(const std::string& wanted, const std::map<std::string, std::uint64_t>& actual) {
  std::string out;
  for (const std::string& pair : words(wanted)) {
    const std::string name = pair.substr(0, pair.find('='));
    const auto found = actual.find(name);
    if (!out.empty()) out += ' ';
    out += name + "=" + (found == actual.end() ? "?" : std::to_string(found->second));
  }
  return out;
}

}  // namespace

std::string error_text(const Error& error) {
  std::string text;
  if (error.at && error.at->line > 0)
    text = std::to_string(error.at->line) + ":" + std::to_string(error.at->column) + " ";
  return text + error.message;
}

TestRun::TestRun(TestFile& file, const World& world, const Options& options)
    : file_(file), world_(world), options_(options), random_(options.seed) {
  if (contains_block(file, BlockKind::kPush) || contains_block(file, BlockKind::kRestarts))
    world_.kills = false;
  if (!contains_block(file, BlockKind::kPartitions)) world_.partitions = 1;
}

std::vector<Mismatch> TestRun::run() {
  auto started = TestEngine::start(world_, options_.seed);
  if (!started) {
    mismatches_.push_back({1, "the engine does not start: " + describe(started.error()), {}, {}});
    return std::move(mismatches_);
  }
  engine_ = std::move(*started);
  bool go_on = true;
  for (TestBlock& block : file_.blocks) {
    if (go_on) go_on = run_block(block);
  }
  if (go_on) check_end();
  pushes_.clear();
  engine_.reset();
  return std::move(mismatches_);
}

bool TestRun::fail(const TestBlock& block, std::string what) {
  mismatches_.push_back({block.line, std::move(what), {}, {}});
  return false;
}

Result<void> TestRun::idle() { return engine().run_until_idle(); }

bool TestRun::run_block(TestBlock& block) {
  switch (block.kind) {
    case BlockKind::kComment:
    case BlockKind::kPartitions:
    case BlockKind::kRestarts: return true;
    case BlockKind::kStatement: return run_statement(block);
    case BlockKind::kInput: return run_input(block);
    case BlockKind::kRestart: {
      const auto done =
          restart(has_word(block, "kill") ? TestEngine::Restart::kKill : TestEngine::Restart::kClean);
      return done ? true : fail(block, describe(done.error()));
    }
    case BlockKind::kAdvance: {
      const auto span = parse_span(block.head);
      if (!span) return fail(block, describe(span.error()));
      engine_->clock().advance_ms(*span);
      const auto done = idle();
      return done ? true : fail(block, describe(done.error()));
    }
    case BlockKind::kPush: {
      auto statements = parse(joined(block.body));
      if (!statements) return fail(block, describe(statements.error()));
      const auto* query = std::get_if<ast::Query>(&statements->front().node);
      if (query == nullptr) return fail(block, "only a SELECT can be pushed");
      auto push = open_push(*query, statements->front().text, false);
      if (!push) return fail(block, describe(push.error()));
      pushes_[block.head] = std::move(*push);
      return true;
    }
    case BlockKind::kCounters:
      if (world_.kills || restarted_) return true;  // counted since the start of the process
      [[fallthrough]];
    case BlockKind::kOutput:
    case BlockKind::kTopic:
    case BlockKind::kLog:
    case BlockKind::kFailed:
    case BlockKind::kQuery:
    case BlockKind::kRows:
    case BlockKind::kExplain: {
      auto rows = actual_rows(block);
      if (!rows) return fail(block, error_text(rows.error()));
      compare(block, std::move(*rows));
      return true;
    }
  }
  return true;
}

// ---- input and restarts ----------------------------------------------------------------------------

Result<planner::DataSourcePtr> TestRun::source(const std::string& name) const {
  const auto catalog = engine_->engine().catalog();
  if (auto found = catalog->find(upper(name))) return found;
  if (auto found = catalog->find(name)) return found;
  return Error(ErrorCode::kNotFound, "no stream or table is called " + name);
}

Result<void> TestRun::write_input(const TestBlock& block, const std::string& row) {
  const auto found = source(block.head);
  if (!found && engine().log().topic(block.head)) return writer_.write_raw(engine().log(), block.head, row);
  if (!found) return found.error();
  return writer_.write(engine().log(), **found, row);
}

bool TestRun::run_input(TestBlock& block) {
  for (const std::string& row : block.expected) {
    if (world_.kills) maybe_kill();
    const auto written = write_input(block, row);
    if (!written) return fail(block, "cannot write '" + row + "': " + describe(written.error()));
  }
  const auto done = idle();
  return done ? true : fail(block, describe(done.error()));
}

void TestRun::maybe_kill() {
  if (random_() % 3 != 0) return;
  for (auto steps = random_() % 4; steps > 0; --steps) {
    if (!engine().step()) break;
  }
  const auto done = restart(TestEngine::Restart::kKill);
  if (!done) mismatches_.push_back({0, "no restart after a kill: " + describe(done.error()), {}, {}});
}

Result<void> TestRun::restart(TestEngine::Restart how) {
  pushes_.clear();
  restarted_ = true;
  THALWEG_CHECK(engine_->restart(how));
  const auto status = engine().status();
  if (status.degraded) return Error(ErrorCode::kInternal, "degraded after a restart: " + status.detail);
  if (world_.kills) return {};
  return idle();
}

// ---- what can be seen ------------------------------------------------------------------------------

Result<TestRun::Rows> TestRun::actual_rows(const TestBlock& block) {
  THALWEG_CHECK(idle());
  if (block.kind == BlockKind::kOutput) return output_rows(block);
  if (block.kind == BlockKind::kTopic) return reader_.raw(engine().log(), words(block.head).front());
  if (block.kind == BlockKind::kLog) {
    return reader_.log_lines(engine().log(), "default_ksql_processing_log");
  }
  if (block.kind == BlockKind::kCounters) return counter_rows(block);
  if (block.kind == BlockKind::kFailed) return failed_rows(block);
  if (block.kind == BlockKind::kRows) return push_rows(block);
  return sql_rows(block);
}

Result<TestRun::Rows> TestRun::output_rows(const TestBlock& block) {
  THALWEG_TRY(const auto found, source(words(block.head).front()));
  return reader_.rows(engine().log(), *found,
                      {.time = has_word(block, "time"), .headers = has_word(block, "headers")});
}

Result<TestRun::Rows> TestRun::sql_rows(const TestBlock& block) {
  THALWEG_TRY(const auto statements, parse(joined(block.body)));
  const ast::Statement& statement = statements.front();
  if (block.kind == BlockKind::kQuery) {
    const auto* query = std::get_if<ast::Query>(&statement.node);
    if (query == nullptr) return Error(ErrorCode::kParse, "a query block holds a SELECT");
    return query_rows(*query, statement.text);
  }
  return explained(statement);
}

Result<TestRun::Rows> TestRun::explained(const ast::Statement& statement) {
  const auto* query = std::get_if<ast::Query>(&statement.node);
  if (query != nullptr && query->emit == ast::Emit::kNone) {
    THALWEG_TRY(const auto pull, engine().explain_pull(*query, session_));
    return lines_of(pull.execution_plan);
  }
  THALWEG_TRY(const auto plan, engine().explain(statement, session_));
  return lines_of(planner::describe_topology(plan));
}

Result<TestRun::Rows> TestRun::query_rows(const ast::Query& query, const std::string& text) {
  if (query.emit != ast::Emit::kNone) {
    THALWEG_TRY(const auto push, open_push(query, text, true));
    THALWEG_TRY(auto said, drain(*push));
    if (said.error) return *said.error;
    return std::move(said.rows);
  }
  THALWEG_TRY(const auto result, engine().pull(query, session_));
  Rows rows;
  for (const auto& row : result.rows) rows.push_back(cells_text(row, result.schema.columns));
  return rows;
}

Result<std::unique_ptr<runtime::PushQuery>> TestRun::open_push(const ast::Query& query,
                                                               const std::string& text, bool earliest) {
  planner::PropertyMap session = session_;
  if (earliest) session.emplace("auto.offset.reset", "earliest");
  return engine().push(query, text, session);
}

Result<TestRun::Said> TestRun::drain(runtime::PushQuery& push) {
  Said said;
  for (;;) {
    THALWEG_CHECK(idle());
    auto poll = push.poll(1000);
    for (const auto& row : poll.rows) {
      said.rows.push_back((row.tombstone ? "- " : "") + cells_text(row.values, push.schema().columns));
    }
    said.error = poll.error;
    if (poll.error || poll.finished || poll.rows.empty()) return said;
  }
}

Result<TestRun::Rows> TestRun::push_rows(const TestBlock& block) {
  const auto found = pushes_.find(words(block.head).front());
  if (found == pushes_.end()) return Error(ErrorCode::kNotFound, "no push query is open under that name");
  THALWEG_TRY(auto said, drain(*found->second));
  if (said.error) said.rows.push_back("! " + said.error->message);
  return std::move(said.rows);
}

Result<TestRun::Rows> TestRun::counter_rows(const TestBlock& block) {
  const auto found = engine().query(words(block.head).front());
  if (!found) return Error(ErrorCode::kNotFound, "no query " + block.head);
  const auto& c = found->counters;
  const std::map<std::string, std::uint64_t> actual{
      {"in", c.in},     {"out", c.out}, {"filtered", c.filtered},
      {"late", c.late}, {"bad", c.bad}, {"errors", c.errors}};
  Rows rows;
  for (const std::string& line : block.expected) rows.push_back(chosen_pairs(line, actual));
  return rows;
}

Result<TestRun::Rows> TestRun::failed_rows(const TestBlock& block) {
  excused_.push_back(words(block.head).front());
  const auto found = engine().query(excused_.back());
  if (!found) return Error(ErrorCode::kNotFound, "no query " + block.head);
  Rows rows;
  if (found->state == runtime::QueryState::kError && !found->errors.empty())
    rows.push_back(found->errors.back().message);
  return rows;
}

// ---- comparing -------------------------------------------------------------------------------------

void TestRun::compare(TestBlock& block, Rows actual) {
  const Rows shown = actual;
  Rows expected = block.expected;
  if (has_word(block, "sorted")) {
    std::sort(expected.begin(), expected.end());
    std::sort(actual.begin(), actual.end());
  } else if (world_.partitions > 1) {
    sort_by_key(expected);
    sort_by_key(actual);
  }
  bool equal = expected.size() == actual.size();
  const bool part_suffices = block.kind == BlockKind::kLog || block.kind == BlockKind::kFailed;
  for (std::size_t i = 0; equal && i < expected.size(); ++i) {
    equal = part_suffices ? actual[i].find(expected[i]) != std::string::npos : actual[i] == expected[i];
  }
  if (equal) return;
  if (options_.rewrite) replace_expected(block, shown);
  mismatches_.push_back({block.line, block.text.front(), std::move(expected), std::move(actual)});
}

void TestRun::check_end() {
  for (const auto& query : engine().queries()) {
    if (query.state != runtime::QueryState::kError) continue;
    if (std::find(excused_.begin(), excused_.end(), query.plan->id) != excused_.end()) continue;
    const std::string why = query.errors.empty() ? "?" : query.errors.back().message;
    mismatches_.push_back(
        {static_cast<int>(file_.blocks.back().line), "query " + query.plan->id + " failed: " + why, {}, {}});
  }
}

}  // namespace thalweg::shell
