#include "tests/history/reading.h"

#include <doctest/doctest.h>

#include <sstream>

#include "fovea/error.h"

using namespace fovea;

TEST_CASE("plain text: the messages joined are the file, byte for byte") {
  std::string bytes = "caf\xC3\xA9 \xFF\xFE \r\n";
  bytes += '\0';
  while (bytes.size() < 200'000) bytes += "a line of \xE4\xB8\xAD\xE6\x96\x87 text\n";
  bytes += "no line end";
  const Reading reading = read("log.txt", bytes);
  CHECK(reading.format == HistoryFormat::text);
  CHECK(reading.text == bytes);
  REQUIRE(reading.messages.size() == 4);
  CHECK(reading.messages[0].role == "text");
  CHECK(reading.messages[0].source_id == "log.txt@0");
  CHECK(reading.messages[1].source_id ==
        "log.txt@" + std::to_string(reading.messages[0].text.size()));
}

TEST_CASE("plain text: a chunk ends where a character does") {
  std::string bytes = "x";
  while (bytes.size() < 70'000) bytes += "\xE4\xB8\xAD";
  const Reading reading = read("han.txt", bytes);
  CHECK(reading.text == bytes);
  CHECK(reading.messages[0].text.size() % 3 == 1);
}

TEST_CASE("plain text: an empty file has no message") {
  CHECK(read("empty.txt", "").messages.empty());
}

TEST_CASE("detection: JSON that is no chat is text") {
  CHECK(read("a.json", "{\n  \"steps\": [\n    {\"message\": \"hello\"}\n  ]\n}\n").format ==
        HistoryFormat::text);
  CHECK(read("lists.txt", "[[{\"role\": \"user\", \"content\": \"hi\"}]]\n").format ==
        HistoryFormat::text);
}

TEST_CASE("detection: a text that shows a chat message is still text") {
  CHECK(read("guide.md",
             "# Format\nEach line is a message:\n"
             "{\"role\": \"user\", \"content\": \"hi\"}\nand so on.\n")
            .format == HistoryFormat::text);
}

TEST_CASE("detection: a chat is known whatever its file is called, or by half of its lines") {
  const std::string good = "{\"role\": \"user\", \"content\": \"hi\"}\n";
  CHECK(read("chat", good).format == HistoryFormat::openai);
  CHECK(read("chat.log", "broken\n" + good + good).format == HistoryFormat::openai);
  CHECK(read("chat.jsonl", "broken\nbroken\nbroken\n" + good).format == HistoryFormat::openai);
  CHECK(read("text.jsonl", good, HistoryFormat::text).text == good);
}

TEST_CASE("OpenAI: roles, names, parts, calls and results as they go onto pages") {
  const Reading reading = read("chat.jsonl", R"({"role":"system","content":"Be brief."}
{"role":"user","name":"ann","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}
{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"shell","arguments":"{\"command\": \"ls -l\\ncat a\", \"limit\": 3}"}}]}
{"role":"tool","tool_call_id":"call_1","content":"total 0\n"}
{"role":"assistant","content":"Nothing.","timestamp":"2026-05-15T10:53:42.314671+02:00"}
)");
  CHECK(reading.format == HistoryFormat::openai);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "system:\nBe brief.\n\n"
        "user (ann):\nWhat is this?\n[image image/png]\n\n"
        "tool call shell:\ncommand:\nls -l\ncat a\nlimit: 3\n\n"
        "tool result shell:\ntotal 0\n\n"
        "assistant:\nNothing.\n\n");
  REQUIRE(reading.messages.size() == 5);
  CHECK(reading.messages[3].role == "tool");
  CHECK(reading.messages[3].source_id == "chat.jsonl:4");
  CHECK(reading.messages[3].time == 0);
  CHECK(reading.messages[4].time == 1778835222);
}

TEST_CASE("OpenAI: arguments that are not an object are shown as they are") {
  const Reading reading = read("chat.jsonl",
      R"({"role":"assistant","content":"","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"cut"}}]})");
  CHECK(reading.text == "tool call f:\n{\"cut\n\n");
}

TEST_CASE("OpenAI: conversations, one a line") {
  const Reading reading = read("all.jsonl", R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}
{"messages":[{"role":"user","content":"c"},{"odd":1}]}
)");
  CHECK(reading.text == "user:\na\n\nassistant:\nb\n\nuser:\nc\n\n");
  CHECK(reading.messages[1].source_id == "all.jsonl:1.2");
  REQUIRE(reading.broken.size() == 1);
  CHECK(reading.broken[0].line == 2);
}

TEST_CASE("OpenAI: a JSON list over many lines; a broken entry costs only itself") {
  const Reading reading = read("list.json", R"(
[
  {"role": "user", "content": "a, [b] \"c\" \\"},
  {"role": "user", "content": nil},
  {
    "role": "assistant",
    "content": "d"
  },
  {"role": "user", "content": "cut)");
  CHECK(reading.format == HistoryFormat::openai);
  CHECK(reading.text == "user:\na, [b] \"c\" \\\n\nassistant:\nd\n\n");
  REQUIRE(reading.broken.size() == 2);
  CHECK(reading.broken[0].line == 4);
  CHECK(reading.broken[1].line == 9);
}

TEST_CASE("OpenAI: broken lines are reported with their number, the others are read") {
  const Reading reading = read("chat.jsonl", R"({"role":"user","content":"a"}
{"role":"user","content":"cut
[1]

{"role":"user","content":"b"}
)");
  CHECK(reading.text == "user:\na\n\nuser:\nb\n\n");
  REQUIRE(reading.broken.size() == 2);
  CHECK(reading.broken[0].line == 2);
  CHECK(reading.broken[1].line == 3);
  CHECK(reading.messages[1].source_id == "chat.jsonl:5");
}

TEST_CASE("OpenAI: half an emoji and bytes that are not UTF-8 do not cost the message") {
  const Reading reading = read("chat.jsonl",
      "{\"role\":\"user\",\"content\":\"a\\ud83d b\\ud83d\\ude0a \xFF\"}\n"
      "{\"role\":\"user\",\"content\":\"\\\\ud83d\"}\n");
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "user:\na\xEF\xBF\xBD b\xF0\x9F\x98\x8A \xEF\xBF\xBD\n\nuser:\n\\ud83d\n\n");
}

TEST_CASE("Claude Code: turns, thinking, calls and results; bookkeeping is left out") {
  const Reading reading = read("session.jsonl", R"({"type":"summary","summary":"Earlier work","leafUuid":"z"}
{"type":"file-history-snapshot","messageId":"m","snapshot":{}}
{"type":"user","uuid":"1","parentUuid":null,"sessionId":"s","timestamp":"2025-06-14T11:00:00Z","message":{"role":"user","content":"Hello"}}
{"type":"assistant","uuid":"2","parentUuid":"1","sessionId":"s","message":{"id":"m1","role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"x"}]}}
{"type":"assistant","uuid":"3","parentUuid":"2","sessionId":"s","message":{"id":"m1","role":"assistant","content":[{"type":"text","text":"First."}]}}
{"type":"assistant","uuid":"4","parentUuid":"3","sessionId":"s","message":{"id":"m1","role":"assistant","content":[{"type":"text","text":"Second."},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]}}
{"type":"user","uuid":"5","parentUuid":"4","sessionId":"s","toolUseResult":"x","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"no such file"}],"is_error":true}]}}
{"type":"queue-operation","sessionId":"s","content":"Hello"}
{"type":"system","uuid":"6","subtype":"compact_boundary","content":"Conversation compacted","sessionId":"s"}
{"type":"user","uuid":"7","parentUuid":null,"sessionId":"s","message":{"role":"user","content":"This session is being continued from a previous conversation that ran out."}}
)");
  CHECK(reading.format == HistoryFormat::claude_code);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "summary:\nEarlier work\n\n"
        "user:\nHello\n\n"
        "assistant (thinking):\nHm.\n\n"
        "assistant:\nFirst.\n\n"
        "Second.\n\n"
        "tool call Bash:\ncommand: ls\n\n"
        "tool result Bash (error):\nno such file\n\n"
        "system (compact_boundary):\nConversation compacted\n\n"
        "summary:\nThis session is being continued from a previous conversation that ran out.\n\n");
  CHECK(reading.messages[1].time == 1749898800);
  CHECK(reading.messages[1].source_id == "1");
}

TEST_CASE("Claude Code: sub-agents and prompts that replace an earlier one are marked") {
  const Reading reading = read("session.jsonl", R"({"type":"user","uuid":"1","parentUuid":"0","sessionId":"s","message":{"role":"user","content":"One"}}
{"type":"assistant","uuid":"2","parentUuid":"1","sessionId":"s","message":{"role":"assistant","content":"A"}}
{"type":"user","uuid":"3","parentUuid":"0","sessionId":"s","message":{"role":"user","content":"One, better"}}
{"type":"user","uuid":"4","parentUuid":null,"isSidechain":true,"sessionId":"s","message":{"role":"user","content":"Look"}}
)");
  CHECK(reading.text ==
        "user:\nOne\n\nassistant:\nA\n\nuser (rewound):\nOne, better\n\nuser (sidechain):\nLook\n\n");
}

TEST_CASE("Claude Code: lines that say something are read, others that are no session lines reported") {
  const Reading reading = read("session.jsonl", R"({"type":"user","uuid":"1","sessionId":"s","message":{"role":"user","content":["a"]}}
"massive error"
{"silly": "this"}
{"type":"user","uuid":"2","sessionId":"s","message":{"role":"user","contenst":[]}}
{"type":"user","uuid":"3","sessionId":"s","message":"error"}
{"type":"user","uuid":"4","sessionId":"s","message":{"role":"user","content":"b"}}
)");
  CHECK(reading.format == HistoryFormat::claude_code);
  CHECK(reading.text == "user:\na\n\nother:\nmassive error\n\nother:\nsilly: this\n\nuser:\nerror\n\nuser:\nb\n\n");
  REQUIRE(reading.broken.size() == 1);
  CHECK(reading.broken[0].line == 4);
}

TEST_CASE("histories: a stream is read as a file of its name") {
  std::istringstream stream(R"({"role":"user","content":"Hi"})"
                            "\n"
                            R"({"role":"nobody")"
                            "\n");
  std::vector<BrokenPart> broken;
  HistoryReader reader(stream, "talks/chat.jsonl",
                       {.on_broken = [&](const BrokenPart& part) { broken.push_back(part); }});
  CHECK(reader.format() == HistoryFormat::openai);
  const auto message = reader.next();
  REQUIRE(message);
  CHECK(message->text == "user:\nHi\n\n");
  CHECK(message->source_id == "chat.jsonl:1");
  CHECK(message->place->stream == "talks/chat.jsonl");
  CHECK(!reader.next());
  CHECK(reader.messages() == 1);
  CHECK(reader.broken() == 1);
  CHECK(broken.at(0).line == 2);
  CHECK(reader.expected_characters() == 0);
  CHECK(reader.change() == FileChange::none);
}

TEST_CASE("histories: streams whose names end alike are two streams") {
  const auto stream_of = [](const std::string& name) {
    std::istringstream stream("a line of text\n");
    HistoryReader reader(stream, name, {.format = HistoryFormat::text});
    return reader.next()->place.value().stream;
  };
  CHECK(stream_of("chats/41/messages.txt") == stream_of("chats/41/messages.txt"));
  CHECK(stream_of("chats/41/messages.txt") != stream_of("chats/42/messages.txt"));
}

TEST_CASE("histories: messages at hand are parsed one by one, and results name their tools") {
  ChatParser chat;
  chat.parse(R"({"role":"assistant","content":null,"tool_calls":[
      {"id":"c1","type":"function","function":{"name":"look","arguments":"{}"}}]})");
  const auto result = chat.parse(R"({"role":"tool","tool_call_id":"c1","content":"a door"})");
  REQUIRE(result);
  CHECK(result->text == "tool result look:\na door\n\n");
  CHECK_THROWS_WITH_AS(chat.parse("{"), doctest::Contains("a message that cannot be read"), Error);
  CHECK_THROWS_WITH_AS(chat.parse("[]", "message 3"),
                       doctest::Contains("message 3 that is not a message"), Error);
  CHECK(make_message("user", "Hi").text == "user:\nHi\n\n");
  CHECK_THROWS_AS(make_message("", "Hi"), Error);
}

TEST_CASE("histories: a missing file and a folder are errors that name them") {
  try {
    HistoryReader reader("/nowhere/chat.jsonl");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_found);
    CHECK(std::string(error.what()).find("/nowhere/chat.jsonl") != std::string::npos);
  }
  try {
    HistoryReader reader(std::filesystem::temp_directory_path().string());
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::io);
  }
  CHECK_THROWS_AS(history_format_from_name("word"), Error);
}
