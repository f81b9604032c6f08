#include "runtime/tasks/processing_log.h"

#include <nlohmann/json.hpp>

#include "planner/types/text.h"
#include "runtime/tasks/task_context.h"

namespace thalweg::runtime {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMessageBytesMax = 4096;
enum MessageType { kDeserialization = 0, kRecordProcessing = 1, kSerialization = 3 };

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json envelope(MessageType type) {
  return Json{{"type", static_cast<int>(type)},   {"deserializationError", nullptr},
              {"recordProcessingError", nullptr}, {"productionError", nullptr},
              {"serializationError", nullptr},    {"kafkaStreamsThreadError", nullptr}};
}

std::string located(std::string_view message, const ProcessingLog::Where& where) {
  std::string text(message.substr(0, kMessageBytesMax));
  if (where.offset >= 0) {
    text += " (";
    if (!where.topic.empty()) text += "topic " + where.topic + ", ";
    text += "partition " + std::to_string(where.partition) + ", offset " + std::to_string(where.offset) + ")";
  }
  return text;
}

}  // namespace

void ProcessingLog::write(TaskContext& context, const std::string& step, const std::string& message_json) {
  if (topic_.empty() || !context.durable) return;
  std::string line = "{\"logger\":";
  planner::append_json_string(line, "processing." + context.query_id + "." + step);
  const std::int64_t now = context.clock->now().value;
  line += ",\"level\":\"ERROR\",\"time\":" + std::to_string(now) + ",\"message\":" + message_json + "}";
  context.produce({topic_, PartitionId{0}}).append(now, std::nullopt, line);
}

void ProcessingLog::deserialization_error(TaskContext& context, const std::string& step, bool key,
                                          std::string_view message, const std::vector<std::string>& causes,
                                          std::string_view payload, const Where& where) {
  if (topic_.empty() || !context.durable) return;
  Json json = envelope(kDeserialization);
  json["deserializationError"] = {
      {"target", key ? "key" : "value"},
      {"errorMessage", located(message, where)},
      {"recordB64", include_rows_ ? Json(planner::base64_encode(payload)) : Json(nullptr)},
      {"cause", causes},
      {"topic", where.topic}};
  write(context, step, dump(json));
}

void ProcessingLog::record_error(TaskContext& context, const std::string& step, std::string_view message,
                                 const Where& where) {
  if (topic_.empty() || !context.durable) return;
  Json json = envelope(kRecordProcessing);
  json["recordProcessingError"] = {
      {"errorMessage", located(message, where)}, {"record", nullptr}, {"cause", Json::array()}};
  write(context, step, dump(json));
}

void ProcessingLog::serialization_error(TaskContext& context, const std::string& step, bool key,
                                        std::string_view message, const std::string& topic) {
  if (topic_.empty() || !context.durable) return;
  Json json = envelope(kSerialization);
  json["serializationError"] = {{"target", key ? "key" : "value"},
                                {"errorMessage", message},
                                {"record", nullptr},
                                {"cause", Json::array()},
                                {"topic", topic}};
  write(context, step, dump(json));
}

}  // namespace thalweg::runtime
