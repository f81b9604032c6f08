// JSON values read into STRING columns.
//
//   string   its text                 number   as the original's tree holds it, 1e3 as 1E+3
//   array    [a, b, null] of texts    object   compact JSON in the original order, the last of duplicates
#include <unordered_map>

#include "planner/types/text.h"
#include "runtime/serde/json_convert.h"

namespace thalweg::runtime {

std::string_view JsonConverter::as_text(Token at) {
  const char lead = document_->lead(at);
  if (lead == 't' || lead == 'f') return document_->scalar(at);
  if (is_number(at) && number_node(document_->scalar(at)) != NumberNode::kDecimal &&
      document_->scalar(at) != "-0") {
    return document_->scalar(at);
  }
  at_ = at;
  std::string result;
  append_as_text(result);
  scratch_ = std::move(result);
  return scratch_;
}

void JsonConverter::append_as_text(std::string& out) {
  const char lead = document_->lead(at_);
  if (lead == '{') return append_compact_object(out);
  if (lead == '[') {
    out += '[';
    ++at_;
    while (document_->lead(at_) != ']') {
      if (document_->lead(at_) == ',') {
        ++at_;
        out += ", ";
      }
      append_as_text(out);
    }
    ++at_;
    out += ']';
    return;
  }
  if (lead == '"') {
    out += text(at_);
  } else if (is_number(at_)) {
    out += number_text(document_->scalar(at_));
  } else {
    out += document_->scalar(at_);
  }
  ++at_;
}

void JsonConverter::append_compact(std::string& out) {
  switch (document_->lead(at_)) {
    case '{': return append_compact_object(out);
    case '[': return append_compact_array(out);
    case '"': planner::append_json_string(out, text(at_)); break;
    default:
      if (is_number(at_)) {
        out += number_text(document_->scalar(at_));
      } else {
        out += document_->scalar(at_);
      }
  }
  ++at_;
}

void JsonConverter::append_compact_array(std::string& out) {
  out += '[';
  ++at_;
  while (document_->lead(at_) != ']') {
    if (document_->lead(at_) == ',') {
      ++at_;
      out += ',';
    }
    append_compact(out);
  }
  ++at_;
  out += ']';
}

void JsonConverter::append_compact_object(std::string& out) {
  // Names in the order of their first appearance, with the value of their last.
  std::vector<std::pair<std::string, Token>> entries;
  std::unordered_map<std::string, std::size_t> places;
  ++at_;
  while (document_->lead(at_) != '}') {
    if (document_->lead(at_) == ',') ++at_;
    std::string name(text(at_));
    at_ += 2;
    const auto [place, fresh] = places.try_emplace(name, entries.size());
    if (fresh) entries.emplace_back(std::move(name), at_);
    entries[place->second].second = at_;
    skip_value();
  }
  const Token behind = at_ + 1;
  out += '{';
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) out += ',';
    planner::append_json_string(out, entries[i].first);
    out += ':';
    at_ = entries[i].second;
    append_compact(out);
  }
  out += '}';
  at_ = behind;
}

}  // namespace thalweg::runtime
