#include "history/readable.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "history/dates.h"
#include "history/one_of.h"

namespace fovea {
namespace {

constexpr std::size_t kShortestBase64 = 200;  // where nothing says that it is base64

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Members that hold what only programs read, whatever stands in them.
constexpr std::array kNeverRead = {
    std::string_view("logprobs"), std::string_view("top_logprobs"), std::string_view("usage"),
    std::string_view("usage_metadata"), std::string_view("usageMetadata"),
    std::string_view("token_usage"), std::string_view("modelUsage"),
    std::string_view("cache_control"), std::string_view("cacheControl"),
    std::string_view("safety_ratings"), std::string_view("safetyRatings"),
    std::string_view("input_schema"), std::string_view("inputSchema")};

/// Members whose value is a name of the program's, unless it is prose.
constexpr std::array kNames = {
    std::string_view("object"), std::string_view("index"), std::string_view("model"),
    std::string_view("provider"), std::string_view("model_name"),
    std::string_view("finish_reason"), std::string_view("finishReason"),
    std::string_view("stop_reason"), std::string_view("stop_sequence"), std::string_view("version"),
    std::string_view("service_tier"), std::string_view("weight"), std::string_view("example"),
    std::string_view("mimeType"), std::string_view("model_provider"),
    std::string_view("mime_type"), std::string_view("media_type"), std::string_view("mediaType"),
    std::string_view("encoding"), std::string_view("execution"), std::string_view("tokens"),
    std::string_view("bytes"), std::string_view("system_fingerprint")};

/// How far something has come, where all is well.
constexpr std::array kStates = {
    std::string_view("status"), std::string_view("state"), std::string_view("phase"),
    std::string_view("channel"), std::string_view("level")};
constexpr std::array kWell = {
    std::string_view("completed"), std::string_view("complete"), std::string_view("in_progress"),
    std::string_view("pending"), std::string_view("success"), std::string_view("ok"),
    std::string_view("done"), std::string_view("final"), std::string_view("final_answer"),
    std::string_view("commentary"), std::string_view("info"), std::string_view("streaming"),
    std::string_view("output-available"), std::string_view("input-available"),
    std::string_view("result"), std::string_view("call")};

constexpr std::array kEncrypted = {
    std::string_view("encrypted_content"), std::string_view("encryptedContent"),
    std::string_view("encrypted_index"), std::string_view("encrypted_stdout"),
    std::string_view("thoughtSignature"), std::string_view("thought_signature"),
    std::string_view("signature"), std::string_view("redactedData")};

constexpr std::array kBytes = {
    std::string_view("data"), std::string_view("b64_json"), std::string_view("file_data"),
    std::string_view("fileData"), std::string_view("bytes"), std::string_view("base64"),
    std::string_view("blob"), std::string_view("image"), std::string_view("result"),
    std::string_view("partial_image_b64"), std::string_view("screenshot"),
    std::string_view("uint8ArrayData"), std::string_view("images"), std::string_view("audio")};

bool names_identity(std::string_view key) {
  return key == "id" || key == "uuid" || key.ends_with("_id") || key.ends_with("Id") ||
         key.ends_with("ID") || key.ends_with("_ids") || key.ends_with("Ids") ||
         key.ends_with("uuid") || key.ends_with("Uuid") || key.ends_with("UUID") ||
         key.ends_with("_hash") || key.ends_with("Hash") || key.ends_with("sha256");
}

bool names_time(std::string_view key) {
  return is_time_key(key) || key.ends_with("_at") || key.ends_with("At") ||
         key.ends_with("timestamp") || key.ends_with("Timestamp") || key.ends_with("Time") ||
         key.ends_with("_time") || key.ends_with("_ms") || key.ends_with("Ms");
}

std::string kind_of_bytes(std::string_view key, std::string_view text) {
  if (text.starts_with("data:image/") || key == "image" || key == "screenshot") return "image";
  if (text.starts_with("data:audio/")) return "audio";
  return "base64";
}

/// Is this base64 where a name such as "data" makes it likely?
bool may_be_base64(std::string_view text) {
  bool upper = false, lower = false, other = false;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') upper = true;
    else if (c >= 'a' && c <= 'z') lower = true;
    else if (is_digit(c) || c == '+' || c == '/' || c == '=') other = true;
    else return false;
  }
  constexpr std::size_t kShort = 64;
  return text.size() % 4 == 0 && upper && lower && other &&
         (text.ends_with('=') || text.size() >= kShort);
}

/// The kind under which a string that nobody reads is counted; empty for one that is read.
std::string unreadable_kind(std::string_view key, std::string_view text) {
  if (is_one_of(key, kEncrypted)) return "encrypted";
  const bool inlined =
      text.starts_with("data:") && text.substr(0, 64).find(";base64,") != text.npos;
  const bool named = is_one_of(key, kBytes) && may_be_base64(text);
  return inlined || named || is_base64(text) ? kind_of_bytes(key, text) : std::string();
}

JsonValue pruned(std::string_view key, const JsonValue& value, bool keep_names,
                 LeftOut& left_out) {
  if (value.is_string()) {
    if (value.text().empty() && !keep_names) return {};
    const std::string kind = unreadable_kind(key, value.text());
    if (kind.empty()) return value;
    ++left_out[kind];
    return {};
  }
  if (keep_names && value.elements().empty() && value.members().empty()) return value;
  if (value.is_array()) {
    JsonValue::Array kept;
    for (const JsonValue& element : value.elements()) {
      JsonValue part = pruned(key, element, keep_names, left_out);
      if (!part.is_null()) kept.push_back(std::move(part));
    }
    return kept.empty() ? JsonValue() : JsonValue(std::move(kept));
  }
  if (!value.is_object()) return value;
  JsonValue::Object kept;
  for (const auto& [name, member] : value.members()) {
    if (!keep_names && is_bookkeeping(name, member)) continue;
    JsonValue part = pruned(name, member, keep_names, left_out);
    if (!part.is_null()) kept.push_back({name, std::move(part)});
  }
  const bool only_its_type = !keep_names && kept.size() == 1 && kept.front().key == "type";
  return kept.empty() || only_its_type ? JsonValue() : JsonValue(std::move(kept));
}

void add_fields(const std::string& path, const JsonValue& value, std::string& out) {
  const bool holds_objects = std::any_of(value.elements().begin(), value.elements().end(),
                                         [](const JsonValue& element) {
                                           return element.is_object() || element.is_array();
                                         });
  if (value.is_object()) {
    for (const auto& [key, member] : value.members()) {
      add_fields(path.empty() ? key : path + "." + key, member, out);
    }
  } else if (holds_objects) {
    for (const JsonValue& element : value.elements()) add_fields(path, element, out);
  } else if (path.empty()) {
    out += value.is_string() ? value.text() : value.dump();
    if (!out.ends_with('\n')) out += '\n';
  } else {
    out += field_text(path, value);
  }
}

}  // namespace

bool is_base64(std::string_view text) {
  if (text.size() < kShortestBase64) return false;
  std::size_t digits = 0, letters = 0;
  for (const char c : text) {
    if (is_digit(c) || c == '+' || c == '/') ++digits;
    else if (is_letter(c)) ++letters;
    else if (c != '=' && c != '_' && c != '-' && c != '\n' && c != '\r') return false;
  }
  return digits > text.size() / 50 && letters > 0;
}

bool is_prose(std::string_view text) {
  std::size_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    if ((c & 0x80) != 0) return true;  // not every script parts its words
    if (is_letter(c) && !in_word) ++words;
    in_word = !is_space(c) && (in_word || is_letter(c));
    if (words >= 2) return parse_time(text) == 0;
  }
  return false;
}

bool is_bookkeeping(const std::string& key, const JsonValue& value) {
  if (is_one_of(key, kNeverRead)) return true;
  if (value.is_object() || value.is_array()) return names_identity(key) && value.is_array();
  if (is_one_of(key, kEncrypted) && value.is_string()) return false;  // is counted
  if (is_one_of(key, kStates) && is_one_of(value.text(), kWell)) return true;
  return (names_identity(key) || names_time(key) || is_one_of(key, kNames)) &&
         !is_prose(value.text());
}

JsonValue readable_part(const JsonValue& value, LeftOut& left_out) {
  return pruned({}, value, false, left_out);
}

JsonValue without_bytes(const JsonValue& value, LeftOut& left_out) {
  return pruned({}, value, true, left_out);
}

bool has_string(const JsonValue& value, bool (*wanted)(std::string_view)) {
  if (value.is_string()) return wanted(value.text());
  for (const JsonValue& element : value.elements()) {
    if (has_string(element, wanted)) return true;
  }
  for (const auto& [key, member] : value.members()) {
    if (key != "type" && !is_bookkeeping(key, member) && has_string(member, wanted)) return true;
  }
  return false;
}

std::string plain_fields(const JsonValue& value) {
  std::string out;
  add_fields({}, value, out);
  return out;
}

std::string unknown_text(const JsonValue& value, LeftOut& left_out) {
  const JsonValue part = readable_part(value, left_out);
  return part.is_null() ? std::string() : plain_fields(part);
}

std::string rest_text(const JsonValue& object, std::initializer_list<std::string_view> known,
                      LeftOut& left_out) {
  const auto any = [](std::string_view text) { return !text.empty(); };
  JsonValue::Object rest;
  for (const auto& [key, value] : object.members()) {
    if (is_one_of(key, known) && &value == &object[key]) continue;
    if (!is_bookkeeping(key, value) && has_string(value, any)) rest.push_back({key, value});
  }
  return rest.empty() ? std::string() : unknown_text(JsonValue(std::move(rest)), left_out);
}

std::string field_text(std::string_view key, const JsonValue& value) {
  if (!value.is_string()) return one_line(key) + ": " + value.dump() + "\n";
  const std::string& text = value.text();
  if (text.find('\n') == std::string::npos) return one_line(key) + ": " + text + "\n";
  return one_line(key) + ":\n" + text + (text.ends_with('\n') ? "" : "\n");
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

}  // namespace fovea
