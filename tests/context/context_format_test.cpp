#include "context/context_format.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "fovea/error.h"

using namespace fovea;
using nlohmann::json;

namespace {

ContextPart text_part(std::string text, std::int64_t page = 0) {
  ContextPart part;
  part.text = std::move(text);
  part.page = page;
  part.tokens = 3;
  return part;
}

/// A pinned text, a picture, and a text that the query brought.
Context small_context() {
  Context context;
  context.parts = {text_part("rules", 1), {}, text_part("found", 7)};
  context.parts[1].png = {'P', 'N', 'G', '!'};
  context.parts[1].page = 5;
  context.parts[1].tokens = 100;
  context.pinned_parts = 1;
  context.stable_parts = 2;
  return context;
}

json as_json(ContextFormat format, const std::string& detail = {}) {
  return json::parse(format_context(small_context(), format, detail));
}

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("context format: base64 as RFC 4648 has it") {
  CHECK(base64(bytes("")) == "");
  CHECK(base64(bytes("f")) == "Zg==");
  CHECK(base64(bytes("fo")) == "Zm8=");
  CHECK(base64(bytes("foo")) == "Zm9v");
  CHECK(base64(bytes("foobar")) == "Zm9vYmFy");
  CHECK(base64(bytes("\xFF\xFE")) == "//4=");
  CHECK(base64_size(4) == base64(bytes("PNG!")).size());
}

TEST_CASE("context format: OpenAI chat has parts text and image_url") {
  const json expected = json::parse(R"({"messages": [{"role": "user", "content": [
    {"type": "text", "text": "rules"},
    {"type": "image_url", "image_url":
      {"url": "data:image/png;base64,UE5HIQ==", "detail": "high"}},
    {"type": "text", "text": "found"}]}]})");
  CHECK(as_json(ContextFormat::openai_chat, "high") == expected);
}

TEST_CASE("context format: OpenAI Responses has input_text and input_image") {
  const json expected = json::parse(R"({"input": [{"role": "user", "content": [
    {"type": "input_text", "text": "rules"},
    {"type": "input_image", "image_url": "data:image/png;base64,UE5HIQ=="},
    {"type": "input_text", "text": "found"}]}]})");
  CHECK(as_json(ContextFormat::openai_responses) == expected);
}

TEST_CASE("context format: Anthropic has blocks, marked where pinned and stable parts end") {
  const json expected = json::parse(R"({"messages": [{"role": "user", "content": [
    {"type": "text", "text": "rules", "cache_control": {"type": "ephemeral"}},
    {"type": "image", "cache_control": {"type": "ephemeral"}, "source":
      {"type": "base64", "media_type": "image/png", "data": "UE5HIQ=="}},
    {"type": "text", "text": "found"}]}]})");
  CHECK(as_json(ContextFormat::anthropic) == expected);
}

TEST_CASE("context format: parts say what they are, or name the file that a picture is in") {
  Context context = small_context();
  context.parts[1].file = "out/page-5.png";
  const json parts = json::parse(format_context(context, ContextFormat::parts))["parts"];
  CHECK(parts[0] == json::parse(
      R"({"type": "text", "page": 1, "tokens": 3, "stable": true, "text": "rules"})"));
  CHECK(parts[1] == json::parse(R"({"type": "image", "page": 5, "tokens": 100, "stable": true,
                                    "file": "out/page-5.png"})"));
  CHECK(parts[2]["stable"] == false);
  CHECK(as_json(ContextFormat::parts)["parts"][1]["data"] == "UE5HIQ==");
}

TEST_CASE("context format: turns come in their roles, neighbours of one role as one") {
  Context context = small_context();
  for (const auto& [role, text] : {std::pair{"user", "hello"}, {"assistant", "hi"}, {"assistant", "there"}, {"user", "bye"}}) {
    context.parts.push_back(text_part(text));
    context.parts.back().role = role;
  }
  const json chat = json::parse(format_context(context, ContextFormat::openai_chat))["messages"];
  REQUIRE(chat.size() == 3);
  CHECK(chat[0]["content"].size() == 4);
  CHECK(chat[0]["content"][3] == json::parse(R"({"type": "text", "text": "hello"})"));
  CHECK(chat[1] == json::parse(R"({"role": "assistant", "content": [
    {"type": "text", "text": "hi"}, {"type": "text", "text": "there"}]})"));
  CHECK(chat[2]["role"] == "user");
  const json items = json::parse(format_context(context, ContextFormat::openai_responses))["input"];
  CHECK(items[1]["content"][0] == json::parse(R"({"type": "output_text", "text": "hi"})"));
  CHECK(items[2]["content"][0]["type"] == "input_text");
  CHECK(json::parse(format_context(context, ContextFormat::anthropic))["messages"] == chat.patch(json::parse(R"([
    {"op": "replace", "path": "/0/content/1", "value": {"type": "image", "cache_control": {"type": "ephemeral"},
      "source": {"type": "base64", "media_type": "image/png", "data": "UE5HIQ=="}}},
    {"op": "add", "path": "/0/content/0/cache_control", "value": {"type": "ephemeral"}}])")));
}

TEST_CASE("context format: an empty context has no message, broken bytes do not break it") {
  CHECK(format_context({}, ContextFormat::openai_chat) == "{\n  \"messages\": []\n}");
  Context context;
  context.parts = {text_part("a\xFF")};
  CHECK(json::parse(format_context(context, ContextFormat::parts))["parts"][0]["text"] ==
        "a\xEF\xBF\xBD");
}

TEST_CASE("context format: a name that does not exist is refused with those that do") {
  CHECK(context_format_from_name("anthropic") == ContextFormat::anthropic);
  CHECK_THROWS_WITH_AS(context_format_from_name("xml"), doctest::Contains("openai-responses"),
                       Error);
}
