#include "memory/message_label.h"

#include <algorithm>
#include <array>

namespace fovea {
namespace {

constexpr std::size_t kLongestLabel = 80;  // bytes of a label
constexpr std::size_t kLongestSpeaker = 40;

/// What is no person's name though it stands where one could.
constexpr auto kRoles = std::to_array<std::string_view>(
    {"user", "assistant", "system", "developer", "tool", "function", "summary", "text", "human", "gpt",
     "model", "ai", "bot", "chatgpt", "bing", "observation", "unknown", "other", "attachment", "result",
     "event", "message", "note", "info", "log", "metadata", "progress", "notification", "error",
     "warning", "plan", "reasoning", "thinking", "input", "output", "queue", "agent", "more", "item",
     "record", "hook", "context", "command", "session", "turn", "data", "status", "debug", "prompt"});

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

bool is_role(std::string_view word) {
  return std::ranges::find(kRoles, std::string_view(lower(word))) != kRoles.end();
}

/// One to three words that begin with a capital letter, or with a letter beyond ASCII.
bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kLongestSpeaker) return false;
  std::size_t words = 0;
  bool begins = true;
  for (const char c : text) {
    const bool wide = static_cast<unsigned char>(c) >= 0x80;
    const bool capital = c >= 'A' && c <= 'Z';
    const bool inner = capital || wide || (c >= 'a' && c <= 'z') || c == '\'' || c == '-' || c == '.';
    if (c == ' ') {
      if (begins) return false;
      begins = true;
      continue;
    }
    if (begins ? !capital && !wide : !inner) return false;
    if (begins) ++words;
    begins = false;
  }
  return !begins && words <= 3;
}

/// A role that a person has for a name: "Caroline", "caroline", not "user" or "turn_context".
bool is_speaking_role(std::string_view role) {
  if (is_role(role)) return false;
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  return is_name(role) || std::ranges::all_of(role, is_small);
}

/// The name that a text begins with, as in "Caroline: Hello."; empty: none.
std::string_view spoken_name(std::string_view text) {
  const std::size_t end = text.substr(0, kLongestSpeaker + 2).find(": ");
  if (end == std::string_view::npos) return {};
  const auto name = text.substr(0, end);
  return is_name(name) && !is_role(name) ? name : std::string_view();
}

/// The label that is `head` so far, with the name before the words at `begin`.
MessageLabel with_name(std::string_view head, std::size_t begin, std::string_view text) {
  MessageLabel label{std::string(head.substr(0, kLongestLabel)), begin};
  const auto name = is_role(head) ? spoken_name(text.substr(begin)) : std::string_view();
  if (name.empty()) return label;
  label.label.append(": ").append(name);
  label.begin += name.size() + 2;
  return label;
}

/// Where the header line of a message ends, its line feed included; 0: it has none.
std::size_t header_end(std::string_view role, std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || end == 0 || text[end - 1] != ':') return 0;
  const auto line = text.substr(0, end);
  if (!line.starts_with(role) && !line.starts_with("tool ")) return 0;
  return text.find_first_not_of(" \t\r\n", end) == std::string_view::npos ? 0 : end + 1;
}

}  // namespace

MessageLabel label_of(std::string_view role, std::string_view text) {
  if (role == "text" || role == "tool" || role == "function") return {};
  if (text.starts_with("tool call") || text.starts_with("tool result")) return {};
  const std::size_t begin = header_end(role, text);
  return with_name(begin > 0 ? text.substr(0, begin - 2) : role, begin, text);
}

Voice voice_of(std::string_view role, std::string_view label) {
  Voice voice;
  voice.role = role;
  voice.label = label;
  if (label.empty()) return voice;
  const std::size_t colon = label.find(": "), open = label.find(" (");
  if (colon != std::string_view::npos) {
    voice.speaker = label.substr(colon + 2);
    voice.spoken = true;
    label = label.substr(0, colon);
  } else if (open != std::string_view::npos && label.ends_with(')')) {
    const auto note = label.substr(open + 2, label.size() - open - 3);
    label = label.substr(0, open);
    if (note.starts_with("meta") || note.starts_with("sidechain")) return voice;  // no person typed it
    if (is_name(note) && !is_role(note) && is_role(label) && role != "system") voice.speaker = note;
  } else if (is_speaking_role(label)) {
    voice.speaker = label;
  }
  const std::string who = lower(label);
  voice.is_user = who == "user" || who == "human";
  voice.is_assistant = who == "assistant" || who == "gpt" || who == "model" || who == "ai" ||
                       who == "bot" || who == "chatgpt";
  return voice;
}

}  // namespace fovea
