// Transcripts in which a value is of another kind than its format says: nothing that is said is lost
// in silence, and no other message suffers.
#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "history/json_parser.h"
#include "tests/history/reading.h"

using namespace fovea;

namespace {

const char* const kTranscripts[] = {
    "anthropic_request.json", "responses_request.json",    "sharegpt.json",
    "openai_chat.jsonl",      "claude_code_session.jsonl", "codex_rollout.jsonl"};
const std::string kMark = "the zeppelin flew";

/// A value inside a document, by the index of each member or element on the way.
using Place = std::vector<std::size_t>;

void add_places(const JsonValue& value, Place& at, std::vector<Place>& places) {
  if (!at.empty()) places.push_back(at);
  const std::size_t count = value.elements().size() + value.members().size();
  for (std::size_t i = 0; i < count; ++i) {
    at.push_back(i);
    add_places(value.is_array() ? value.elements()[i] : value.members()[i].value, at, places);
    at.pop_back();
  }
}

std::vector<Place> places_of(const JsonValue& document) {
  std::vector<Place> places;
  Place at;
  add_places(document, at, places);
  return places;
}

/// The last key on the way to a place.
std::string key_of(const JsonValue& document, const Place& place) {
  std::string key;
  const JsonValue* value = &document;
  for (const std::size_t i : place) {
    if (!value->is_array()) key = value->members()[i].key;
    value = value->is_array() ? &value->elements()[i] : &value->members()[i].value;
  }
  return key;
}

JsonValue changed(JsonValue document, const Place& place, const JsonValue& to) {
  JsonValue* value = &document;
  for (const std::size_t i : place)
    value = value->is_array() ? &value->array()[i] : &value->object()[i].value;
  *value = to;
  return document;
}

std::vector<std::string> records_of(const std::string& name, const std::string& bytes) {
  if (!name.ends_with(".jsonl")) return {bytes};
  std::vector<std::string> lines;
  std::istringstream in(bytes);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Reading read_all(const std::vector<std::string>& records, HistoryFormat format) {
  std::ostringstream bytes;
  for (const std::string& record : records) bytes << record << '\n';
  std::istringstream in(bytes.str());
  Reading reading;
  HistoryReader reader(in, "odd", {.format = format, .on_broken = [&](const BrokenPart& part) {
                                     reading.broken.push_back(part);
                                   }});
  while (auto message = reader.next()) {
    reading.text += message->text;
    reading.messages.push_back(std::move(*message));
  }
  reading.left_out = reader.left_out();
  return reading;
}

std::size_t count_of(const LeftOut& left_out) {
  std::size_t count = 0;
  for (const auto& [kind, times] : left_out) count += times;
  return count;
}

/// Calls `visit` with every reading of a transcript in which one value was replaced.
template <typename Visit>
void replace_each(const std::string& name, const JsonValue& to, Visit visit) {
  const std::string bytes = fixture(name);
  const HistoryFormat format = read(name, bytes).format;
  std::vector<std::string> records = records_of(name, bytes);
  for (std::string& record : records) {
    const std::string before = record;
    const ParsedJson parsed = parse_json(before);
    REQUIRE(parsed.good());
    for (const Place& place : places_of(parsed.value)) {
      record = changed(parsed.value, place, to).dump();
      visit(parsed.value, place, read_all(records, format));
    }
    record = before;
  }
}

JsonValue object_with_mark() {
  JsonValue object;
  object.make_object();
  object.add("brass", kMark);
  return object;
}

JsonValue list_of(JsonValue value) { return JsonValue(JsonValue::Array{std::move(value)}); }

/// Keys whose values were replaced by `to` without a word of it in the text, in what was left out
/// or in what was reported.
std::set<std::string> keys_lost(const std::string& name, const JsonValue& to) {
  const Reading whole = read_all(records_of(name, fixture(name)), read_fixture(name).format);
  std::set<std::string> lost;
  replace_each(name, to, [&](const JsonValue& document, const Place& place, const Reading& odd) {
    const bool said = odd.text.find(kMark) != std::string::npos ||
                      odd.broken.size() > whole.broken.size() ||
                      count_of(odd.left_out) > count_of(whole.left_out);
    if (!said) lost.insert(key_of(document, place));
  });
  return lost;
}

std::string listed(const std::set<std::string>& keys) {
  std::string list;
  for (const std::string& key : keys) list += (list.empty() ? "" : " ") + key;
  return list;
}

std::string calls_read(const std::string& calls) {
  const std::string said = R"({"role":"user","content":"ls?"})"
                           "\n"
                           R"({"role":"assistant","content":null,"tool_calls":)" +
                           calls + "}\n" +
                           R"({"role":"tool","tool_call_id":"c1","content":"log"})" + "\n";
  return read("chat.jsonl", said).text;
}

}  // namespace

TEST_CASE("odd values: a value of any kind in any place costs no other message") {
  const JsonValue kinds[] = {JsonValue(),        JsonValue(true),          JsonValue(""),
                             JsonValue(kMark),   JsonValue::Number{"-17"}, JsonValue::Array{},
                             object_with_mark(), list_of(kMark),           list_of(JsonValue())};
  for (const std::string name : kTranscripts) {
    CAPTURE(name);
    const std::size_t records = records_of(name, fixture(name)).size();
    const std::size_t messages = read_fixture(name).messages.size();
    for (const JsonValue& kind : kinds) {
      replace_each(name, kind,
                   [&](const JsonValue& document, const Place& place, const Reading& odd) {
                     CAPTURE(kind.dump());
                     CAPTURE(key_of(document, place));
                     for (const Message& message : odd.messages)
                       REQUIRE_FALSE(message.source_id.empty());
                     // A line is a message at most, and one that is no longer shown in another's stead.
                     if (records > 1) REQUIRE(odd.messages.size() + 3 >= messages);
                   });
    }
  }
}

TEST_CASE("odd values: a text is passed over in silence where a session keeps its books alone") {
  const auto lost = [](const std::string& name) { return listed(keys_lost(name, kMark)); };
  CHECK(lost("anthropic_request.json") ==
        "cache_control data input_schema max_tokens model name signature source tools type");
  CHECK(lost("responses_request.json") == "annotations encrypted_content id model store type");
  CHECK(lost("sharegpt.json") == "id");
  CHECK(lost("openai_chat.jsonl") == "id role type");
  CHECK(lost("claude_code_session.jsonl") ==
        "compactMetadata cwd gitBranch id isMeta isSidechain isSnapshotUpdate level "
        "logicalParentUuid messageId model parentUuid preTokens role sessionId signature snapshot "
        "status timestamp toolUseResult trackedFileBackups trigger type userType uuid version");
  CHECK(lost("codex_rollout.jsonl") ==
        "approval_policy base_instructions branch cli_version commit_hash content cwd effort "
        "encrypted_content git id images info input_tokens local_images model "
        "model_context_window originator rate_limits reason replacement_history role source text "
        "timestamp total_token_usage type");
}

TEST_CASE("odd values: calls of tools are read as a list, one alone, and as the JSON of either") {
  const std::string call =
      R"({"id":"c1","type":"function","function":{"name":"ls","arguments":"{}"}})";
  const JsonValue written(call), list = list_of(parse_json(call).value);
  const std::string shown = calls_read(list.dump());
  CHECK(shown == "user:\nls?\n\ntool call ls:\n\ntool result ls:\nlog\n\n");
  CHECK(calls_read(call) == shown);
  CHECK(calls_read(JsonValue(list.dump()).dump()) == shown);
  CHECK(calls_read(written.dump()) == shown);
  CHECK(calls_read(list_of(written).dump()) == shown);
  for (const std::string none : {"null", "[]", "\"\"", "\"[]\"", "\"null\"", "[null]"}) {
    CAPTURE(none);
    CHECK(calls_read(none).find("tool call") == std::string::npos);
  }
  CHECK(calls_read(JsonValue(kMark).dump()).find("tool call:\n" + kMark) != std::string::npos);
}

TEST_CASE("odd values: calls within calls without end are an end") {
  const std::string calls = std::string(400, '[').append("1").append(400, ']');
  CHECK(calls_read(calls).find("tool result") != std::string::npos);
  JsonValue written("nothing");
  for (int depth = 0; depth < 12; ++depth) written = list_of(JsonValue(written.dump()));
  CHECK(calls_read(written.dump()).find("tool result") != std::string::npos);
}

TEST_CASE("odd values: thoughts are read as a list and as a text") {
  const std::string prompt =
      R"({"type":"message","role":"user","content":[{"type":"input_text","text":"hm?"}]})";
  for (const std::string thoughts :
       {R"("summary":[{"type":"summary_text","text":"the zeppelin flew"}])",
        R"("summary":["the zeppelin flew"])", R"("summary":"the zeppelin flew")",
        R"("summary":[],"content":"the zeppelin flew")"}) {
    CAPTURE(thoughts);
    const Reading reading =
        read("items.jsonl", prompt + "\n{\"type\":\"reasoning\",\"id\":\"r1\"," + thoughts + "}\n");
    CHECK(reading.text == "user:\nhm?\n\nassistant (reasoning):\nthe zeppelin flew\n\n");
  }
}
