#include "history/opencode.h"

#include "history/one_of.h"

namespace fovea {
namespace {

/// What a session keeps its books with, and what says nothing.
constexpr std::string_view kBooks[] = {"step-start", "step-finish", "snapshot", "patch", "compaction"};

/// What frames a part.
constexpr std::string_view kPartFrame[] = {"id",   "sessionID", "messageID",
                                           "time", "synthetic", "metadata"};

/// A call with its result.
JsonValue tool_part(const JsonValue& part) {
  const JsonValue& state = part["state"];
  JsonValue made;
  made.make_object();
  made.add("type", "dynamic-tool");
  made.add("toolName", part.text_at("tool"));
  made.add("toolCallId", part.text_at("callID"));
  made.add("input", state["input"]);
  const bool failed = state.text_at("status") == "error";
  if (failed) {
    made.add("state", "output-error");
    made.add("errorText", state["error"]);
  } else if (!state["output"].is_null()) {
    made.add("state", "output-available");
    made.add("output", state["output"]);
  }
  return made;
}

JsonValue plain_part(const JsonValue& part) {
  JsonValue made;
  made.make_object();
  for (const auto& [key, value] : part.members()) {
    if (!is_one_of(key, kPartFrame)) made.add(key, value);
  }
  return made;
}

}  // namespace

bool is_opencode_message(const JsonValue& value) {
  const JsonValue& info = value["info"];
  return info.is_object() && !info.text_at("role").empty() && value["parts"].is_array();
}

JsonValue chat_message_of_opencode(const JsonValue& value) {
  const JsonValue& info = value["info"];
  JsonValue message, parts;
  parts.make_array();
  for (const JsonValue& part : value["parts"].elements()) {
    const std::string& type = part.text_at("type");
    if (is_one_of(type, kBooks) || part["ignored"].is_true()) continue;
    parts.array().push_back(type == "tool" ? tool_part(part) : plain_part(part));
  }
  message.make_object();
  message.add("role", info.text_at("role"));
  message.add("id", info.text_at("id"));
  message.add("timestamp", info["time"]["created"]);
  message.add("parts", std::move(parts));
  return message;
}

}  // namespace fovea
