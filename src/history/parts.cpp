#include "history/parts.h"

#include <array>
#include <set>

#include "history/block.h"
#include "history/one_of.h"

namespace fovea {
namespace {

/// Inline data shows its media type, an address itself, other bytes nothing.
std::string shown_address(const std::string& address) {
  if (address.starts_with("data:")) return address.substr(5, address.find_first_of(";,") - 5);
  return is_base64(address) ? std::string() : address;
}

/// Where the bytes of a picture, a sound or a file lie, or else what kind of bytes they are.
std::string address_of(const JsonValue& part) {
  if (const std::string url = part.first_text({"url", "uri", "fileUri", "file_uri", "image_url"});
      !url.empty()) {
    return shown_address(url);
  }
  for (const std::string_view inner :
       {"image_url", "video_url", "audio_url", "source", "file", "input_audio", "image_file",
        "inlineData", "inline_data", "fileData", "file_data"}) {
    if (!part[inner].is_object()) continue;
    if (std::string address = address_of(part[inner]); !address.empty()) return address;
  }
  const std::string media = part.first_text({"mediaType", "mimeType", "media_type", "mime_type",
                                             "contentType", "content_type", "format"});
  if (!media.empty()) return media;
  if (const std::string& image = part.text_at("image"); image.starts_with("http")) return image;
  const std::string data = part.first_text({"file_data", "data"});
  if (data.starts_with("data:")) return shown_address(data);
  return part.first_text({"file_id", "fileId"});
}

std::string name_of(const JsonValue& part) {
  const std::string name = part.first_text({"title", "filename", "file_name", "name"});
  return name.empty() && part["file"].is_object() ? name_of(part["file"]) : name;
}

/// "image", "audio" or "video"; "file" for another type or none.
std::string kind_of_media(const std::string& media) {
  for (const std::string_view kind : {"image", "audio", "video"}) {
    if (media.starts_with(kind)) return std::string(kind);
  }
  return "file";
}

/// "image", "audio", "video" or "file"; empty for a part that is none.
std::string media_kind(const JsonValue& part) {
  const std::string& type = part.text_at("type");
  if (is_one_of(type, {"image", "image_url", "input_image", "output_image", "image_file",
                       "computer_screenshot", "screenshot"})) {
    return "image";
  }
  if (is_one_of(type, {"audio", "input_audio", "output_audio", "audio_url"})) return "audio";
  if (is_one_of(type, {"video", "video_url", "input_video"})) return "video";
  if (is_one_of(type, {"file", "input_file", "media", "container_upload"})) {
    return kind_of_media(part.first_text({"mediaType", "mimeType", "mime_type"}));
  }
  if (!type.empty()) return {};
  for (const std::string_view data : {"inlineData", "inline_data", "fileData", "file_data"}) {
    if (!part[data].is_object()) continue;
    return kind_of_media(part[data].first_text({"mimeType", "mime_type"}));
  }
  return {};
}

std::string media_text(const JsonValue& part, const std::string& kind, LeftOut& left_out) {
  ++left_out[kind];
  const std::string shown = bracket(kind, address_of(part), name_of(part));
  std::string said = part.first_text({"transcript", "text"});
  if (said.empty()) said = part["input_audio"].text_at("transcript");
  LeftOut bytes;  // the kind itself is counted
  const std::string rest = rest_text(
      part, {"type", "image_url", "video_url", "audio_url", "source", "file", "input_audio",
             "image_file", "inlineData", "inline_data", "fileData", "file_data", "url", "uri",
             "fileUri", "file_uri", "image", "data", "mediaType", "mimeType", "media_type",
             "mime_type", "contentType", "content_type", "format", "filename", "file_name", "name",
             "title", "detail", "transcript", "text"},
      bytes);
  return on_lines(on_lines(shown, said), rest);
}

std::string said_text(const JsonValue& part, LeftOut& left_out) {
  std::string text = on_lines(part.text_at("text"), references_text(part["citations"], left_out));
  text = on_lines(std::move(text), references_text(part["annotations"], left_out));
  return on_lines(std::move(text),
                  rest_text(part, {"type", "text", "citations", "annotations"}, left_out));
}

std::string document_text(const JsonValue& part, LeftOut& left_out) {
  const JsonValue& source = part["source"];
  const bool bytes = source.text_at("type") == "base64";
  if (bytes) ++left_out["document"];
  const bool shown_here = source.text_at("type") == "text";
  std::string text = bracket("document", shown_here ? "" : address_of(part), name_of(part));
  text = on_lines(std::move(text), part.text_at("context"));
  if (source.is_string()) text = on_lines(std::move(text), source.text());
  if (!bytes) text = on_lines(std::move(text), source.text_at("data"));
  text = on_lines(std::move(text), content_text(source["content"], left_out));
  text = on_lines(std::move(text), content_text(part["content"], left_out));
  text = on_lines(std::move(text), part.text_at("text"));
  return on_lines(std::move(text), rest_text(part, {"type", "source", "title", "context", "content",
                                                    "text", "citations"},
                                             left_out));
}

/// A part that stands for something elsewhere and may hold its text.
std::string found_text(const JsonValue& part, LeftOut& left_out) {
  const std::string address = part.first_text({"source", "url", "uri"});
  std::string text = bracket(part.text_at("type"), address, name_of(part));
  text = on_lines(std::move(text), content_text(part["content"], left_out));
  return on_lines(std::move(text), rest_text(part, {"type", "source", "url", "uri", "title", "name",
                                                    "filename", "content", "citations"},
                                             left_out));
}

std::string resource_text(const JsonValue& part, LeftOut& left_out) {
  const JsonValue& resource = part["resource"];
  if (resource.contains("blob")) ++left_out["file"];
  std::string text = bracket("resource", resource.first_text({"uri", "url"}), name_of(resource));
  text = on_lines(std::move(text), resource.text_at("text"));
  text = on_lines(std::move(text),
                  rest_text(resource, {"uri", "url", "title", "name", "text", "blob"}, left_out));
  return on_lines(std::move(text), rest_text(part, {"type", "resource"}, left_out));
}

/// What a program printed.
std::string printed_text(const JsonValue& part, LeftOut& left_out) {
  std::string text = part.text_at("stdout");
  if (const std::string& errors = part.text_at("stderr"); !errors.empty()) {
    text = on_lines(std::move(text), text.empty() ? errors : "stderr:\n" + errors);
  }
  for (const JsonValue& code : {part["exit_code"], part["return_code"],
                                part["outcome"]["exit_code"]}) {
    if (code.is_number() && code.spelling() != "0") {
      text = on_lines(std::move(text), "exit code: " + code.spelling());
    }
  }
  if (part["outcome"].text_at("type") == "timeout") text = on_lines(std::move(text), "timeout");
  return on_lines(std::move(text),
                  rest_text(part, {"type", "stdout", "stderr", "outcome"}, left_out));
}

std::string unknown_part_text(const JsonValue& part, LeftOut& left_out) {
  const std::string& type = part.text_at("type");
  if (type.empty()) {
    const JsonValue kept = without_bytes(part, left_out);
    return kept.is_null() ? std::string() : kept.dump();
  }
  std::string text = unknown_text(part, left_out);
  if (text.empty()) ++left_out[type];
  return text;
}

}  // namespace

std::string references_text(const JsonValue& references, LeftOut& left_out) {
  std::string out;
  std::set<std::string> shown;
  for (const JsonValue& reference : references.elements()) {
    if (reference.is_string()) out = on_lines(std::move(out), reference.text());
    const std::string& type = reference.text_at("type");
    const JsonValue& inner = reference[type].is_object() ? reference[type] : reference;
    const std::string address = inner.first_text({"url", "uri", "source"});
    const std::string title = inner.first_text({"title", "document_title", "filename"});
    std::string text = bracket(type.empty() ? "source" : type, address, title);
    const std::string rest =
        rest_text(inner, {"type", "url", "uri", "source", "title", "document_title", "filename"},
                  left_out);
    if (address.empty() && title.empty() && rest.empty()) continue;
    text = on_lines(text, rest);
    if (shown.insert(text).second) out = on_lines(std::move(out), text);
  }
  return out;
}

std::string bracket(std::string_view kind, std::string_view first, std::string_view second) {
  std::string shown(1, '[');
  shown += kind;
  if (!first.empty()) (shown += ' ') += first;
  if (!second.empty()) (shown += ' ') += second;
  return one_line(shown += ']');
}

std::string part_text(const JsonValue& part, LeftOut& left_out) {
  if (part.is_string()) return part.text();
  if (part.is_array()) return content_text(part, left_out);
  if (!part.is_object()) return part.is_null() ? std::string() : part.dump();
  const std::string& type = part.text_at("type");
  if (const std::string kind = media_kind(part); !kind.empty()) {
    return media_text(part, kind, left_out);
  }
  if (type == "document") return document_text(part, left_out);
  if (type == "resource" && part["resource"].is_object()) return resource_text(part, left_out);
  if (is_one_of(type, {"search_result", "resource_link", "web_search_result", "web_fetch_result",
                       "source-url", "source-document", "source"})) {
    return found_text(part, left_out);
  }
  if (type == "refusal") {
    return on_lines(part.text_at("refusal"), rest_text(part, {"type", "refusal"}, left_out));
  }
  if (type == "redacted_thinking" || type == "redacted-reasoning") {
    ++left_out["encrypted reasoning"];
    return {};
  }
  if (part["text"].is_string()) return said_text(part, left_out);
  if (part["stdout"].is_string() || part["stderr"].is_string()) return printed_text(part, left_out);
  return unknown_part_text(part, left_out);
}

std::string content_text(const JsonValue& content, LeftOut& left_out) {
  if (!content.is_array()) return part_text(content, left_out);
  std::string out;
  for (const JsonValue& part : content.elements()) {
    out = on_lines(std::move(out), part_text(part, left_out));
  }
  return out;
}

std::string result_text(const JsonValue& result, LeftOut& left_out) {
  if (result.is_object() && result.members().size() == 1) {
    const auto& [key, value] = result.members().front();
    if (is_one_of(key, {"output", "result", "content", "error"}) && value.is_string()) {
      return value.text();
    }
  }
  return content_text(result, left_out);
}

}  // namespace fovea
