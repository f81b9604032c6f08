#include "server/api/pull_cache.h"

#include <algorithm>
#include <limits>

#include "planner/types/text.h"
#include "server/http/request.h"

namespace thalweg::server {
namespace {

constexpr char kStringMark = '\x01', kNumberMark = '\x02';

bool digit(char c) { return c >= '0' && c <= '9'; }
bool word_character(char c) {
  return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' || c == '.';
}

// Replaces the literals of an expression one after another; fails on anything it does not know.
class Filler {
 public:
  explicit Filler(const std::vector<std::string>& literals) : literals_(literals) {}

  ast::ExpressionPtr fill(const ast::ExpressionPtr& expression) {
    if (expression == nullptr || failed_) return expression;
    return std::visit([&](const auto& node) { return visit(node, expression); }, expression->node);
  }
  bool complete() const { return !failed_ && next_ == literals_.size(); }

 private:
  using Ptr = ast::ExpressionPtr;

  const std::string* next() {
    if (next_ < literals_.size()) return &literals_[next_++];
    failed_ = true;
    return nullptr;
  }
  template <typename Node>
  Ptr make(Node node, const Ptr& from) const {
    return ast::make_expression(std::move(node), from->at);
  }
  Ptr number(const Ptr& from) {
    const auto* text = next();
    const auto value = text == nullptr ? std::nullopt : planner::parse_bigint(*text);
    if (!value) {
      failed_ = true;
      return from;
    }
    if (*value <= std::numeric_limits<std::int32_t>::max())
      return make(ast::IntegerLiteral{static_cast<std::int32_t>(*value)}, from);
    return make(ast::BigintLiteral{*value}, from);
  }

  Ptr visit(const ast::StringLiteral&, const Ptr& from) {
    const auto* text = next();
    return text == nullptr ? from : make(ast::StringLiteral{*text}, from);
  }
  Ptr visit(const ast::IntegerLiteral&, const Ptr& from) { return number(from); }
  Ptr visit(const ast::BigintLiteral&, const Ptr& from) { return number(from); }
  Ptr visit(const ast::ColumnRef&, const Ptr& from) { return from; }
  Ptr visit(const ast::BooleanLiteral&, const Ptr& from) { return from; }
  Ptr visit(const ast::Comparison& node, const Ptr& from) {
    auto left = fill(node.left);
    return make(ast::Comparison{node.op, std::move(left), fill(node.right)}, from);
  }
  Ptr visit(const ast::Logical& node, const Ptr& from) {
    auto left = fill(node.left);
    return make(ast::Logical{node.is_and, std::move(left), fill(node.right)}, from);
  }
  Ptr visit(const ast::Not& node, const Ptr& from) { return make(ast::Not{fill(node.operand)}, from); }
  Ptr visit(const ast::Between& node, const Ptr& from) {
    auto operand = fill(node.operand), low = fill(node.low);
    return make(ast::Between{std::move(operand), std::move(low), fill(node.high)}, from);
  }
  Ptr visit(const ast::InList& node, const Ptr& from) {
    ast::InList list{fill(node.operand), {}};
    for (const auto& item : node.items) list.items.push_back(fill(item));
    return make(std::move(list), from);
  }
  template <typename Other>
  Ptr visit(const Other&, const Ptr& from) {
    failed_ = true;
    return from;
  }

  const std::vector<std::string>& literals_;
  std::size_t next_ = 0;
  bool failed_ = false;
};

// Walks over the text and cuts literals out.
class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) { shape_.text.reserve(sql.size()); }

  std::optional<QueryShape> scan() {
    while (at_ < sql_.size()) {
      const char c = sql_[at_];
      const auto two = sql_.substr(at_, 2);
      if (two == "--" || two == "/*" || c == '$' || c == kStringMark || c == kNumberMark) return std::nullopt;
      if (c == '\'') {
        if (!quoted()) return std::nullopt;
      } else if (c == '`' || c == '"') {
        if (!copy_through(c)) return std::nullopt;
      } else if (word_character(c)) {
        if (!word()) return std::nullopt;
      } else {
        shape_.text += c;
        ++at_;
      }
    }
    if (shape_.literals.empty()) return std::nullopt;
    return std::move(shape_);
  }

 private:
  bool copy_through(char quote) {
    const auto end = sql_.find(quote, at_ + 1);
    if (end == sql_.npos) return false;
    shape_.text += sql_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    return true;
  }
  bool quoted() {
    std::string value;
    const auto begin = at_;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sql_[at_] == '$') return false;  // a variable, perhaps
      if (sql_[at_] != '\'') {
        value += sql_[at_];
      } else if (at_ + 1 < sql_.size() && sql_[at_ + 1] == '\'') {
        value += '\'';
        ++at_;
      } else {
        break;
      }
    }
    if (at_ == sql_.size()) return false;
    ++at_;
    if (!in_where_) {
      shape_.text += sql_.substr(begin, at_ - begin);
    } else {
      shape_.text += kStringMark;
      shape_.literals.push_back(std::move(value));
    }
    return true;
  }
  bool word() {
    const auto begin = at_;
    while (at_ < sql_.size() && word_character(sql_[at_])) ++at_;
    const auto text = sql_.substr(begin, at_ - begin);
    const bool number = std::all_of(text.begin(), text.end(), digit);
    if (in_where_ && digit(text.front()) && !number) return false;  // 1.5, 1e3, 1R
    if (in_where_ && number) {
      const auto before = shape_.text.find_last_not_of(" \t\r\n");
      if (before != std::string::npos && (shape_.text[before] == '-' || shape_.text[before] == '+'))
        return false;
      shape_.text += kNumberMark;
      shape_.literals.emplace_back(text);
      return true;
    }
    if (equal_ignoring_case(text, "where")) in_where_ = true;
    if (equal_ignoring_case(text, "limit") || equal_ignoring_case(text, "emit")) in_where_ = false;
    shape_.text += text;
    return true;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  bool in_where_ = false;
  QueryShape shape_;
};

}  // namespace

std::optional<QueryShape> shape_of(std::string_view sql) {
  if (sql.size() > 4096) return std::nullopt;
  return Scanner(sql).scan();
}

std::optional<ast::Query> PullCache::find(const QueryShape& shape) const {
  std::shared_ptr<const ast::Query> known;
  {
    MutexLock lock(mutex_);
    const auto place = queries_.find(shape.text);
    if (place == queries_.end()) return std::nullopt;
    known = place->second;
  }
  Filler filler(shape.literals);
  auto where = filler.fill(known->where);
  if (!filler.complete()) return std::nullopt;
  auto query = *known;
  query.where = std::move(where);
  return query;
}

void PullCache::add(const QueryShape& shape, const ast::Query& query) {
  if (query.emit != ast::Emit::kNone) return;
  Filler filler(shape.literals);
  const auto where = filler.fill(query.where);
  // The same literals put into the same places must give the same expression, or the shape misleads.
  if (where == nullptr || !filler.complete() || !ast::equal(*where, *query.where)) return;
  MutexLock lock(mutex_);
  if (queries_.size() >= kEntriesMax) queries_.clear();
  queries_.emplace(shape.text, std::make_shared<const ast::Query>(query));
}

}  // namespace thalweg::server
