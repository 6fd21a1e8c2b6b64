#include "tests/history/reading.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "history/json_splitter.h"

using namespace fovea;

namespace {

std::vector<JsonText> split(const std::string& bytes, std::size_t chunk = 7) {
  std::size_t at = 0;
  JsonSplitter splitter([&] {
    const std::string piece = bytes.substr(std::min(at, bytes.size()), chunk);
    at += piece.size();
    return piece;
  });
  std::vector<JsonText> texts;
  while (auto text = splitter.next()) texts.push_back(std::move(*text));
  return texts;
}

}  // namespace

TEST_CASE("documents: an object with a list of messages becomes its other members and them") {
  const auto texts = split(R"({"a": [1], "messages": [{"b": "]"}, {"c": 2}], "d": "messages"})");
  REQUIRE(texts.size() == 4);
  CHECK(texts[0].text == R"({"a": [1]})");
  CHECK(texts[0].part == JsonText::Part::head);
  CHECK(texts[1].text == R"({"b": "]"})");
  CHECK(texts[1].place == "1.1");
  CHECK(texts[2].part == JsonText::Part::element);
  CHECK(texts[3].text == R"({"d": "messages"})");
}

TEST_CASE("documents: objects one after the other, over several lines, stay whole") {
  const auto texts = split("{\n  \"role\": \"user\",\n  \"content\": \"a\"\n}\n"
                           "{\n  \"b\": []\n}\n");
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].part == JsonText::Part::whole);
  CHECK(texts[0].line == 1);
  CHECK(texts[1].place == "5");
  CHECK(texts[1].fault.empty());
}

TEST_CASE("documents: a list without a key is no list of messages, whatever the last key was") {
  const auto texts = split("{\"messages\":[1]}\n{[2]}");
  REQUIRE(!texts.empty());
  CHECK(texts[0].text == "1");
}

TEST_CASE("documents: an item's own lists are not lists of messages") {
  const auto texts = split(R"({"type": "function_call_output", "output": [{"text": "a"}]})");
  REQUIRE(texts.size() == 1);
  CHECK(texts[0].part == JsonText::Part::whole);
}

TEST_CASE("documents: a message that was cut or lacks a bracket costs only itself") {
  const Reading reading = read("chat.json", R"({
  "messages": [
    {
      "role": "user",
      "content": "a"
    },
    {
      "role": "user",
      "content": "cut
    },
    {
      "role": "user",
      "content": [{"type": "text", "text": "open"
    },
    {
      "role": "user",
      "content": "b"
    }
  ],
  "system": "late"
}
)");
  CHECK(reading.text == "user:\na\n\nuser:\nb\n\nsystem:\nlate\n\n");
  REQUIRE(reading.broken.size() == 2);
  CHECK(reading.broken[0].line == 7);
  CHECK(reading.broken[1].line == 11);
  CHECK(reading.messages[1].source_id == "chat.json:1.4");
}

TEST_CASE("documents: the end of the file inside a message is reported") {
  const Reading reading = read("chat.json", R"({
  "messages": [
    {"role": "user", "content": "a"},
    {"role": "user", "con)");
  CHECK(reading.text == "user:\na\n\n");
  REQUIRE(reading.broken.size() == 1);
  CHECK(reading.broken[0].line == 4);
}

TEST_CASE("lines: a first line that was cut off does not make a document of the others") {
  const std::string good = "{\"role\":\"user\",\"content\":\"a\"}\n";
  CHECK(read("chat.jsonl", "{\"role\":\"user\",\n" + good).text == "user:\na\n\n");
  CHECK(read("chat.jsonl", "{\"role\":\"user\",\"content\":\"cut\n" + good).text == "user:\na\n\n");
}

TEST_CASE("lines: a cut line costs only itself, even where lines are too long to hold") {
  const std::string begin = R"({"messages":[{"role":"user","content":")";
  const std::string good = begin + "good\"}]}\n";
  for (const std::string cut : {"cut\n", "cut\"\n", "cut\"}\n", "cut\"},\n", "cut\"}]\n"}) {
    const Reading reading = read("all.jsonl", begin + std::string(1'200'000, 'x') + "\"}]}\n" + begin +
                                                  cut + good + good);
    CAPTURE(cut);
    REQUIRE(reading.messages.size() >= 3);
    CHECK(reading.text.ends_with("user:\ngood\n\nuser:\ngood\n\n"));
  }
}

TEST_CASE("documents: other JSON over many lines is text") {
  const std::string package = "{\n  \"name\": \"x\",\n  \"messages\": [\n    \"hello\"\n  ]\n}\n";
  CHECK(read("a.json", package).format == HistoryFormat::text);
  CHECK(read("a.json", package).text == package);
  CHECK(read("log.txt", "[12:00] begun\n[12:01] ended\n").format == HistoryFormat::text);
}

TEST_CASE("streaming: messages of a request of 50 MB in one line come while it is being written") {
  const std::string message = R"({"role": "user", "content": ")" + std::string(1000, 'x') + "\"}";
  constexpr int kMessages = 50'000;
  const TemporaryFile folder("unused", "");
  const std::string pipe = folder.path() + ".json";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::atomic<int> written = 0;
  std::thread writer([&] {
    std::ofstream out(pipe, std::ios::binary);
    out << "{\"messages\": [" << message;
    for (written = 1; written < kMessages; ++written) out << ", " << message;
    out << "]}";
  });
  int read = 0, most_ahead = 0;
  {
    HistoryReader reader(pipe);
    while (reader.next()) {
      ++read;
      most_ahead = std::max(most_ahead, written - read);
    }
  }
  writer.join();
  CHECK(read == kMessages);
  CHECK(most_ahead < 2000);  // some 2 MB: what detection looks at and the pipe's buffer
}
