#include "tests/history/reading.h"

#include <doctest/doctest.h>

using namespace fovea;

TEST_CASE("Anthropic: a pretty-printed request, its system prompt and each kind of block") {
  const Reading reading = read_fixture("anthropic_request.json");
  CHECK(reading.format == HistoryFormat::anthropic);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "system:\nYou watch a harbour.\n\n"
        "user:\nWhich ships are in?\n\n"
        "assistant (thinking):\nThe list is in the log.\n\n"
        "assistant:\nI look into the log.\n\n"
        "tool call read_log:\npath: log/today.txt\nlines: 20\n\n"
        "tool result read_log (error):\nno such file\n[image image/png]\n\n"
        "user:\nTry yesterday's.\n\n"
        "assistant:\nTwo ships: \"Gull\" and \"Tern\".\n\n");
  REQUIRE(reading.messages.size() == 5);
  CHECK(reading.messages[0].source_id == "anthropic_request.json:1.system");
  CHECK(reading.messages[3].source_id == "anthropic_request.json:1.3");
}

TEST_CASE("Anthropic: requests and replies, one a line; a reply is known by its id") {
  const Reading reading = read("log.jsonl", R"({"model":"m","max_tokens":9,"system":"Be kind.","messages":[{"role":"user","content":"Hi"}]}
{"id":"msg_01","type":"message","role":"assistant","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn"}
)");
  CHECK(reading.format == HistoryFormat::anthropic);
  CHECK(reading.text == "system:\nBe kind.\n\nuser:\nHi\n\nassistant:\nHello.\n\n");
  CHECK(reading.messages.back().source_id == "msg_01");
}

TEST_CASE("Anthropic: a list of messages with blocks is known without a request around it") {
  const Reading reading = read("turns.json", R"([{"role":"user","content":"Hi"},
{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"ls","input":{}}]}])");
  CHECK(reading.format == HistoryFormat::anthropic);
  CHECK(reading.text == "user:\nHi\n\ntool call ls:\n\n");
}

TEST_CASE("Responses: items of a request; encrypted reasoning shows nothing") {
  const Reading reading = read_fixture("responses_request.json");
  CHECK(reading.format == HistoryFormat::responses);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "system:\nAnswer in one line.\n\n"
        "user:\nWhat is the weather in Oslo?\n\n"
        "assistant (reasoning):\nThe tool knows.\n\n"
        "tool call get_weather:\ncity: Oslo\n\n"
        "tool result get_weather:\n{\"celsius\": -4}\n\n"
        "tool call web_search:\ntype: search\nquery: Oslo snow\n\n"
        "assistant:\nMinus four and snow.\n\n"
        "user:\nAnd here?\n[image image/jpeg]\n\n"
        "assistant:\nI cannot tell.\n\n");
  CHECK(reading.messages[2].source_id == "rs_68c2");
  CHECK(reading.messages[4].source_id == "responses_request.json:1.4");
  CHECK(reading.messages[4].role == "tool");
}

TEST_CASE("Responses: a reply with its output, and an input that is one text") {
  const Reading reading = read("log.jsonl", R"({"model":"gpt-5.2","input":"Count to two."}
{"id":"resp_1","object":"response","created_at":1772442847,"output":[{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"One, two."}]}]}
)");
  CHECK(reading.format == HistoryFormat::responses);
  CHECK(reading.text == "user:\nCount to two.\n\nassistant:\nOne, two.\n\n");
  CHECK(reading.messages[1].time == 1772442847);
}

TEST_CASE("Responses: items, one a line") {
  const Reading reading = read("items.jsonl", R"({"type":"function_call","call_id":"c","name":"ls","arguments":"{}"}
{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"a.txt"}]}
)");
  CHECK(reading.format == HistoryFormat::responses);
  CHECK(reading.text == "tool call ls:\n\ntool result ls:\na.txt\n\n");
}

TEST_CASE("ShareGPT: a list of conversations, pretty-printed or not") {
  const Reading reading = read_fixture("sharegpt.json");
  CHECK(reading.format == HistoryFormat::sharegpt);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "system:\nYou are a pilot.\n\n"
        "user:\nHow deep is the channel?\n\n"
        "tool call depth:\nplace: channel\n\n"
        "tool result:\n7.5 m\n\n"
        "assistant:\nSeven and a half metres.\n\n"
        "system:\nBe brief.\n\n"
        "user:\nTide?\n\n"
        "assistant:\nFalling.\n\n");
  CHECK(reading.messages[1].source_id == "sharegpt.json:1.2");
  CHECK(reading.messages[1].role == "user");
  CHECK(reading.messages.back().source_id == "sharegpt.json:2.2");
}

TEST_CASE("ShareGPT: a conversation a line; one without turns is reported") {
  const Reading reading = read("all.jsonl", R"({"id":"1","conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}
{"id":"2","conversations":[{"odd":1}]}
{"id":"3"}
{"conversations":[{"role":"user","content":"c"}]}
)");
  CHECK(reading.format == HistoryFormat::sharegpt);
  CHECK(reading.text == "user:\na\n\nassistant:\nb\n\nuser:\nc\n\n");
  REQUIRE(reading.broken.size() == 2);
  CHECK(reading.broken[0].line == 2);
  CHECK(reading.broken[1].line == 3);
}

TEST_CASE("OpenAI: the same messages a line, as a pretty list and as a request read alike") {
  const std::string system = R"({"role": "system", "content": "Log."})";
  const std::string tool = R"({"role": "tool", "tool_call_id": "1", "content": "Calm."})";
  const Reading lines = read("a.jsonl", system + "\n" + tool + "\n");
  const Reading list = read("a.json", "[\n  " + system + ",\n  " + tool + "\n]\n");
  const Reading request = read("b.json", "{\n  \"model\": \"m\",\n  \"messages\": [\n    " +
                                             system + ",\n    " + tool + "\n  ]\n}\n");
  for (const Reading& reading : {lines, list, request}) {
    CHECK(reading.format == HistoryFormat::openai);
    CHECK(reading.text == "system:\nLog.\n\ntool result:\nCalm.\n\n");
  }
}

TEST_CASE("formats: --format with another chat format's name reads the messages all the same") {
  const Reading reading = read("a.json", fixture("sharegpt.json"), HistoryFormat::openai);
  CHECK(reading.text == read_fixture("sharegpt.json").text);
  CHECK(history_format_from_name("codex") == HistoryFormat::codex);
  CHECK(name_of(HistoryFormat::responses) == "responses");
}

TEST_CASE("markdown is plain text, kept exactly, even where it shows messages") {
  const Reading reading = read_fixture("notes.md");
  CHECK(reading.format == HistoryFormat::text);
  CHECK(reading.text == fixture("notes.md"));
}
