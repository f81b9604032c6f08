// A .test file as a list of blocks. Blocks are separated by blank lines; a line that begins with '#'
// between blocks is a comment. Unchanged blocks are written back exactly as they were read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace thalweg::shell {

enum class BlockKind : std::uint8_t {
  kComment,     // comments and blank lines, kept for rewriting
  kStatement,   // statement ok | statement error [L:C] TEXT
  kInput,       // input SOURCE
  kOutput,      // output SOURCE [time] [headers] [sorted]
  kTopic,       // topic NAME [sorted]: raw records
  kLog,         // lines of the processing log
  kCounters,    // counters QUERY: "in=5 late=1", as many as matter
  kFailed,      // failed QUERY: its newest error; without this block a failed query fails the file
  kQuery,       // query [sorted], SQL, ----, rows
  kPush,        // push NAME, SQL: a push query that stays open
  kRows,        // rows NAME: what the push query said since
  kExplain,     // explain, SQL, ----, topology
  kRestart,     // restart [kill]
  kAdvance,     // advance 5s
  kPartitions,  // partitions any
  kRestarts,    // restarts fixed
};

struct TestBlock {
  BlockKind kind = BlockKind::kComment;
  int line = 0;                   // of the head, from 1
  std::string head;               // what follows the first word(s), trimmed: "error 1:8 text", "clicks time"
  std::vector<std::string> body;  // SQL for statements and queries, else the rows, comments included
  std::vector<std::string>
      expected;                   // rows of queries; for kOutput, kLog, … the same as body without comments
  std::vector<std::string> text;  // all lines as read
};

struct TestFile {
  std::string path;
  std::vector<TestBlock> blocks;
};

Result<TestFile> parse_test_file(std::string path, std::string_view text);
Result<TestFile> read_test_file(const std::string& path);

// Puts `rows` in the place of a block's expected rows.
void replace_expected(TestBlock& block, const std::vector<std::string>& rows);
std::string to_text(const TestFile& file);

// The row without a trailing comment: '#' behind white space, outside quotes.
std::string strip_comment(std::string_view row);
std::string_view trim(std::string_view text);
std::vector<std::string> lines_of(std::string_view text);
std::string joined(const std::vector<std::string>& lines);  // each ended by a newline
// Splits at white space: "clicks time sorted".
std::vector<std::string> words(std::string_view text);

}  // namespace thalweg::shell
