// Runs one .test file in one world.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/result.h"
#include "parser/parser.h"
#include "shell/testing/input_writer.h"
#include "shell/testing/test_file.h"
#include "shell/testing/topic_reader.h"
#include "shell/testing/world.h"

namespace thalweg::shell {

// A block that did not do what it says.
struct Mismatch {
  int line = 0;
  std::string what;
  std::vector<std::string> expected, actual;  // rows; both empty: `what` says it all
};

// "1:8 message" of an error with a position, else the message.
std::string error_text(const Error& error);

class TestRun {
 public:
  struct Options {
    std::uint64_t seed = 1;
    bool rewrite = false;    // expected rows are replaced by the actual ones
    bool positions = false;  // an error without a position is a mismatch
  };
  // `file` is borrowed.
  TestRun(TestFile& file, const World& world, const Options& options);
  // Goes through the blocks; stops at a statement that fails unexpectedly.
  std::vector<Mismatch> run();

 private:
  using Rows = std::vector<std::string>;

  bool run_block(TestBlock& block);
  bool run_statement(TestBlock& block);
  bool run_input(TestBlock& block);
  Result<void> write_input(const TestBlock& block, const std::string& row);
  void maybe_kill();
  Result<void> restart(TestEngine::Restart how);

  Result<void> execute(const std::string& sql);
  Result<void> execute(const ast::Statement& statement);
  Result<std::vector<ast::Statement>> parse(const std::string& sql);
  Result<Rows> query_rows(const ast::Query& query, const std::string& text);
  Result<std::unique_ptr<runtime::PushQuery>> open_push(const ast::Query& query, const std::string& text,
                                                        bool earliest);
  struct Said {
    Rows rows;
    std::optional<Error> error;
  };
  Result<Said> drain(runtime::PushQuery& push);

  Result<Rows> actual_rows(const TestBlock& block);
  Result<Rows> output_rows(const TestBlock& block);
  Result<Rows> sql_rows(const TestBlock& block);
  Result<Rows> explained(const ast::Statement& statement);
  Result<Rows> push_rows(const TestBlock& block);
  Result<Rows> counter_rows(const TestBlock& block);
  Result<Rows> failed_rows(const TestBlock& block);
  void compare(TestBlock& block, Rows actual);
  void check_end();

  bool fail(const TestBlock& block, std::string what);
  runtime::Engine& engine() { return engine_->engine(); }
  Result<planner::DataSourcePtr> source(const std::string& name) const;
  Result<void> idle();

  TestFile& file_;
  World world_;
  Options options_;
  std::mt19937_64 random_;
  std::unique_ptr<TestEngine> engine_;
  parser::Variables variables_;
  planner::PropertyMap session_;
  InputWriter writer_;
  TopicReader reader_;
  std::map<std::string, std::unique_ptr<runtime::PushQuery>> pushes_;
  std::vector<std::string> excused_;  // queries that `failed` blocks speak of
  bool restarted_ = false;
  std::vector<Mismatch> mismatches_;
};

}  // namespace thalweg::shell
