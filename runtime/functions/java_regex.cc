#include "runtime/functions/java_regex.h"

#include <unordered_map>

#include <unicode/regex.h>
#include <unicode/unistr.h>

namespace thalweg::runtime {
namespace {

constexpr std::int32_t kTimeLimit = 1000;  // ICU's unit, about a millisecond each
constexpr std::int32_t kStackLimitBytes = 8'000'000;
constexpr std::size_t kCachedMax = 1000;

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

// Rewrites what ICU understands differently.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern) {}

  std::string run() {
    while (at_ < pattern_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = pattern_[at_];
    if (c == '\\' && at_ + 1 < pattern_.size()) return escape();
    if (c == '[') return open_class();
    if (c == ']' && class_depth_ > 0) --class_depth_;
    if (c == '(' && class_depth_ == 0 && sets_dot_all()) dot_all_ = true;
    if (c == '.' && class_depth_ == 0 && !dot_all_) {
      out_ += R"([^\n\r\u0085\u2028\u2029])";
    } else {
      out_.push_back(c);
    }
    ++at_;
  }

  // In Java [: begins no POSIX class, and ] right behind [ or [^ is a literal as in ICU's error-free form.
  void open_class() {
    ++class_depth_;
    out_.push_back('[');
    ++at_;
    if (at_ < pattern_.size() && pattern_[at_] == '^') out_.push_back('^'), ++at_;
    if (at_ < pattern_.size() && (pattern_[at_] == ':' || pattern_[at_] == ']')) {
      out_.push_back('\\');
      out_.push_back(pattern_[at_++]);
    }
  }

  void escape() {
    const char c = pattern_[at_ + 1];
    if (c == 'Q') return quotation();
    at_ += 2;
    const bool inside = class_depth_ > 0;
    switch (c) {
      case 'w': out_ += inside ? "a-zA-Z_0-9" : "[a-zA-Z_0-9]"; return;
      case 'W': out_ += "[^a-zA-Z_0-9]"; return;
      case 'd': out_ += inside ? "0-9" : "[0-9]"; return;
      case 'D': out_ += "[^0-9]"; return;
      case 's': out_ += inside ? R"( \t\n\x0B\f\r)" : R"([ \t\n\x0B\f\r])"; return;
      case 'S': out_ += R"([^ \t\n\x0B\f\r])"; return;
      case 'b':
        if (inside) break;
        out_ += "(?:(?<=[a-zA-Z_0-9])(?![a-zA-Z_0-9])|(?<![a-zA-Z_0-9])(?=[a-zA-Z_0-9]))";
        return;
      case 'B':
        if (inside) break;
        out_ += "(?:(?<=[a-zA-Z_0-9])(?=[a-zA-Z_0-9])|(?<![a-zA-Z_0-9])(?![a-zA-Z_0-9]))";
        return;
      default: break;
    }
    out_.push_back('\\');
    out_.push_back(c);
  }

  void quotation() {
    const std::size_t end = pattern_.find("\\E", at_ + 2);
    const std::size_t stop = end == pattern_.npos ? pattern_.size() : end + 2;
    out_ += pattern_.substr(at_, stop - at_);
    at_ = stop;
  }

  // An inline flag group that names s: "(?s)", "(?is:".
  bool sets_dot_all() const {
    if (pattern_.substr(at_, 2) != "(?") return false;
    for (std::size_t i = at_ + 2; i < pattern_.size(); ++i) {
      if (pattern_[i] == 's') return true;
      if (pattern_[i] < 'a' || pattern_[i] > 'z') return false;
    }
    return false;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  int class_depth_ = 0;
  bool dot_all_ = false;
  std::string out_;
};

Error failed(UErrorCode status) {
  if (status == U_INDEX_OUTOFBOUNDS_ERROR || status == U_REGEX_INVALID_CAPTURE_GROUP_NAME)
    return {ErrorCode::kBadRecord, "the replacement names a group that the pattern does not have"};
  if (status == U_REGEX_TIME_OUT || status == U_REGEX_STACK_OVERFLOW)
    return {ErrorCode::kBadRecord, "the regular expression takes too many steps for this text"};
  return {ErrorCode::kBadRecord, std::string("regular expression failed: ") + u_errorName(status)};
}

}  // namespace

struct JavaRegex::Impl {
  std::unique_ptr<icu::RegexPattern> pattern;
  std::unique_ptr<icu::RegexMatcher> matcher;
  icu::UnicodeString input;
  bool matches_empty = false;
};

JavaRegex::JavaRegex(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JavaRegex::~JavaRegex() = default;

Result<std::shared_ptr<JavaRegex>> JavaRegex::compile(std::string_view pattern) {
  UErrorCode status = U_ZERO_ERROR;
  auto impl = std::make_unique<Impl>();
  UParseError where;
  impl->pattern.reset(icu::RegexPattern::compile(from_utf8(Translator(pattern).run()), 0, where, status));
  if (U_SUCCESS(status)) impl->matcher.reset(impl->pattern->matcher(status));
  if (U_SUCCESS(status)) impl->matcher->setTimeLimit(kTimeLimit, status);
  if (U_SUCCESS(status)) impl->matcher->setStackLimit(kStackLimitBytes, status);
  if (U_FAILURE(status)) {
    return Error{ErrorCode::kBadRecord, "Invalid regular expression pattern: " + std::string(pattern)};
  }
  impl->matcher->reset(impl->input);
  impl->matches_empty = impl->matcher->find(status) != 0;
  return std::shared_ptr<JavaRegex>(new JavaRegex(std::move(impl)));
}

std::int32_t JavaRegex::group_count() const { return impl_->matcher->groupCount(); }
bool JavaRegex::matches_empty() const { return impl_->matches_empty; }

Result<std::vector<JavaRegex::Match>> JavaRegex::find_all(std::string_view text, std::int32_t group) {
  UErrorCode status = U_ZERO_ERROR;
  impl_->input = from_utf8(text);
  impl_->matcher->reset(impl_->input);
  std::vector<Match> matches;
  while (impl_->matcher->find(status) && U_SUCCESS(status)) {
    Match match{impl_->matcher->start(status), impl_->matcher->end(status), std::nullopt};
    if (impl_->matcher->start(group, status) >= 0)
      match.group = to_utf8(impl_->matcher->group(group, status));
    if (U_FAILURE(status)) return failed(status);
    matches.push_back(std::move(match));
  }
  if (U_FAILURE(status)) return failed(status);
  return matches;
}

Result<std::optional<JavaRegex::Match>> JavaRegex::find(std::string_view text, std::int32_t group) {
  UErrorCode status = U_ZERO_ERROR;
  impl_->input = from_utf8(text);
  impl_->matcher->reset(impl_->input);
  const bool found = impl_->matcher->find(status) != 0;
  if (U_FAILURE(status)) return failed(status);
  if (!found) return std::optional<Match>();
  Match match{impl_->matcher->start(status), impl_->matcher->end(status), std::nullopt};
  if (impl_->matcher->start(group, status) >= 0) match.group = to_utf8(impl_->matcher->group(group, status));
  if (U_FAILURE(status)) return failed(status);
  return std::optional<Match>(std::move(match));
}

Result<std::string> JavaRegex::replace_all(std::string_view text, std::string_view replacement) {
  UErrorCode status = U_ZERO_ERROR;
  impl_->input = from_utf8(text);
  impl_->matcher->reset(impl_->input);
  const icu::UnicodeString replaced = impl_->matcher->replaceAll(from_utf8(replacement), status);
  if (U_FAILURE(status)) return failed(status);
  return to_utf8(replaced);
}

struct RegexCache::Impl {
  std::string last;
  JavaRegex* last_regex = nullptr;
  std::unordered_map<std::string, std::shared_ptr<JavaRegex>> by_text;
};

RegexCache::RegexCache() : impl_(std::make_shared<Impl>()) {}

Result<JavaRegex*> RegexCache::get(std::string_view pattern) {
  if (impl_->last_regex != nullptr && impl_->last == pattern) return impl_->last_regex;
  std::string key(pattern);
  auto found = impl_->by_text.find(key);
  if (found == impl_->by_text.end()) {
    THALWEG_TRY(auto compiled, JavaRegex::compile(pattern));
    if (impl_->by_text.size() >= kCachedMax) impl_->by_text.clear();
    found = impl_->by_text.emplace(key, std::move(compiled)).first;
  }
  impl_->last = std::move(key);
  impl_->last_regex = found->second.get();
  return impl_->last_regex;
}

}  // namespace thalweg::runtime
