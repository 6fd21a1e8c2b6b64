#include "context/context_format.h"

#include <array>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "fovea/error.h"

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;

struct Name {
  std::string_view name;
  ContextFormat format;
};
constexpr std::array kNames = {Name{"parts", ContextFormat::parts},
                               Name{"openai-chat", ContextFormat::openai_chat},
                               Name{"openai-responses", ContextFormat::openai_responses},
                               Name{"anthropic", ContextFormat::anthropic}};

bool is_picture(const ContextPart& part) { return !part.png.empty(); }

std::string data_url(const ContextPart& part) {
  return "data:image/png;base64," + base64(part.png);
}

Json plain_part(const ContextPart& part, bool stable) {
  Json json = {{"type", is_picture(part) ? "image" : "text"}};
  if (part.page != 0) json["page"] = part.page;
  json["tokens"] = part.tokens;
  json["stable"] = stable;
  if (!is_picture(part)) {
    json["text"] = part.text;
  } else if (part.file.empty()) {
    json["media_type"] = "image/png";
    json["data"] = base64(part.png);
  } else {
    json["file"] = part.file;
  }
  return json;
}

Json chat_part(const ContextPart& part, const std::string& detail) {
  if (!is_picture(part)) return {{"type", "text"}, {"text", part.text}};
  Json url = {{"url", data_url(part)}};
  if (!detail.empty()) url["detail"] = detail;
  return {{"type", "image_url"}, {"image_url", std::move(url)}};
}

Json responses_part(const ContextPart& part, const std::string& detail) {
  if (!is_picture(part)) return {{"type", "input_text"}, {"text", part.text}};
  Json json = {{"type", "input_image"}, {"image_url", data_url(part)}};
  if (!detail.empty()) json["detail"] = detail;
  return json;
}

/// `last_of_cached`: what comes up to this block is the same in the next call.
Json anthropic_block(const ContextPart& part, bool last_of_cached) {
  Json json;
  if (is_picture(part)) {
    json = {{"type", "image"},
            {"source",
             {{"type", "base64"}, {"media_type", "image/png"}, {"data", base64(part.png)}}}};
  } else {
    json = {{"type", "text"}, {"text", part.text}};
  }
  if (last_of_cached) json["cache_control"] = {{"type", "ephemeral"}};
  return json;
}

Json part_of(const Context& context, std::size_t index, ContextFormat format,
             const std::string& detail) {
  const ContextPart& part = context.parts[index];
  switch (format) {
    case ContextFormat::parts: return plain_part(part, index < context.stable_parts);
    case ContextFormat::openai_chat: return chat_part(part, detail);
    case ContextFormat::openai_responses: return responses_part(part, detail);
    case ContextFormat::anthropic: break;
  }
  // Two of the four marks that a request may have; the caller's own prompt needs some too.
  return anthropic_block(part, index + 1 == context.pinned_parts ||
                                   index + 1 == context.stable_parts);
}

/// Messages of roles in turn: neighbours of one role are one, and none is without content, since
/// providers refuse both.
Json messages_of(const Context& context, ContextFormat format, const std::string& detail) {
  Json messages = Json::array();
  for (std::size_t i = 0; i < context.parts.size(); ++i) {
    const std::string& role = context.parts[i].role;
    const Json named = role.empty() ? "user" : role;
    if (messages.empty() || messages.back()["role"] != named)
      messages.push_back({{"role", named}, {"content", Json::array()}});
    Json part = part_of(context, i, format, detail);
    if (role == "assistant" && format == ContextFormat::openai_responses) part["type"] = "output_text";
    messages.back()["content"].push_back(std::move(part));
  }
  return messages;
}

}  // namespace

ContextFormat context_format_from_name(std::string_view name) {
  std::string known;
  for (const Name& entry : kNames) {
    if (entry.name == name) return entry.format;
    known.append(known.empty() ? "" : ", ").append(entry.name);
  }
  throw Error(ErrorCode::invalid_argument,
              "output \"" + std::string(name) + "\": expected " + known);
}

std::string format_context(const Context& context, ContextFormat format,
                           const std::string& detail) {
  Json document;
  if (format == ContextFormat::parts) {
    Json& parts = document["parts"] = Json::array();
    for (std::size_t i = 0; i < context.parts.size(); ++i)
      parts.push_back(part_of(context, i, format, detail));
  } else {
    document[format == ContextFormat::openai_responses ? "input" : "messages"] =
        messages_of(context, format, detail);
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::size_t request_bytes(const ContextPart& part) {
  constexpr std::size_t kAround = 320;  // keys, quotes and indentation, with room to spare
  if (is_picture(part)) return kAround + base64_size(part.png.size());
  return kAround + Json(part.text).dump(-1, ' ', false, Json::error_handler_t::replace).size();
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  std::string text(base64_size(bytes.size()) + 1, '\0');  // a zero stands at the end
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return text;
}

std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

}  // namespace fovea
