#include "shell/json_text.h"

#include <nlohmann/json.hpp>

#include "planner/types/text.h"

namespace thalweg::shell {
namespace {

// The index behind the string that begins at `at`.
std::size_t skip_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

void new_line(std::string& out, int depth) {
  out += '\n';
  out.append(static_cast<std::size_t>(depth) * 2, ' ');
}

}  // namespace

std::vector<std::string_view> array_elements(std::string_view object, std::string_view name) {
  const std::string wanted = "\"" + std::string(name) + "\":[";
  const auto found = object.find(wanted);
  if (found == object.npos) return {};
  std::vector<std::string_view> elements;
  std::size_t begin = found + wanted.size();
  int depth = 0;
  for (std::size_t i = begin; i < object.size();) {
    const char c = object[i];
    if (c == '"') {
      i = skip_string(object, i);
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if ((c == ',' && depth == 0) || (c == ']' && depth == 0)) {
      const auto element = without_blanks(object.substr(begin, i - begin));
      if (!element.empty()) elements.push_back(element);
      begin = i + 1;
      if (c == ']') break;
    }
    if (c == ']' || c == '}') --depth;
    ++i;
  }
  return elements;
}

std::string cell_of(std::string_view json_value) {
  if (!json_value.starts_with('"')) return std::string(json_value);
  const auto parsed = nlohmann::json::parse(json_value, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string(json_value);
}

std::string pretty_json(std::string_view json) {
  std::string out;
  int depth = 0;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t end = skip_string(json, i);
      out += json.substr(i, end - i);
      i = end;
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      const auto next = json.find_first_not_of(" \t\r\n", i);
      const char close = c == '{' ? '}' : ']';
      if (next != json.npos && json[next] == close) {
        out += c;
        out += close;
        i = next + 1;
        continue;
      }
      out += c;
      new_line(out, ++depth);
    } else if (c == '}' || c == ']') {
      new_line(out, --depth);
      out += c;
    } else if (c == ',') {
      out += c;
      new_line(out, depth);
    } else if (c == ':') {
      out += " : ";
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      out += c;
    }
  }
  return out;
}

std::string json_quote(std::string_view text) {
  std::string out;
  planner::append_json_string(out, text);
  return out;
}

std::vector<std::string> schema_names(std::string_view schema) {
  std::vector<std::string> names;
  int depth = 0;
  bool at_start = true;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const char c = schema[i];
    if (c == '`') {
      std::string name;
      for (++i; i < schema.size(); ++i) {
        if (schema[i] == '`' && (i + 1 >= schema.size() || schema[i + 1] != '`')) break;
        if (schema[i] == '`') ++i;
        name += schema[i];
      }
      if (at_start && depth == 0) names.push_back(std::move(name));
      at_start = false;
    } else if (c == '<' || c == '(') {
      ++depth;
    } else if (c == '>' || c == ')') {
      --depth;
    } else if (c == ',' && depth == 0) {
      at_start = true;
    }
  }
  return names;
}

}  // namespace thalweg::shell
