// What the store's skipping of known messages needs: the same file gives the same messages, and a
// grown one the same and more.
#include "tests/history/reading.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace fovea;

namespace {

using Identities = std::vector<std::pair<std::string, std::string>>;  // id, text

Identities identities(const Reading& reading) {
  Identities all;
  for (const Message& message : reading.messages) all.emplace_back(message.source_id, message.text);
  return all;
}

const char* const kTranscripts[] = {"anthropic_request.json",    "responses_request.json",
                                    "sharegpt.json",             "openai_chat.jsonl",
                                    "claude_code_session.jsonl", "codex_rollout.jsonl"};

}  // namespace

TEST_CASE("growth: a file that ends anywhere gives the first of the whole file's messages") {
  for (const std::string name : kTranscripts) {
    const std::string bytes = fixture(name);
    const Reading whole = read(name, bytes);
    const Identities all = identities(whole);
    REQUIRE(all.size() > 4);
    for (std::size_t end = 1; end < bytes.size(); end += 37) {
      const Reading part = read(name, bytes.substr(0, end), whole.format);
      const Identities some = identities(part);
      CAPTURE(name);
      CAPTURE(end);
      REQUIRE(some.size() <= all.size());
      REQUIRE(std::equal(some.begin(), some.end(), all.begin()));
    }
  }
}

TEST_CASE("growth: no two messages of a file share an identity") {
  for (const std::string name : kTranscripts) {
    Identities all = identities(read_fixture(name));
    std::sort(all.begin(), all.end());
    CAPTURE(name);
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  }
}

TEST_CASE("growth: a format taken for another at first does not change messages") {
  const std::string first = "{\"role\":\"user\",\"content\":\"Hi\"}\n";
  const std::string second =
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"Hm."}]})";
  const Reading before = read("chat.jsonl", first);
  const Reading after = read("chat.jsonl", first + second + "\n");
  CHECK(before.format == HistoryFormat::openai);
  CHECK(after.format == HistoryFormat::anthropic);
  CHECK(identities(before)[0] == identities(after)[0]);
}

TEST_CASE("following: whole lines are given as they come, a begun line waits for its end") {
  const TemporaryFile file("chat.jsonl", "{\"role\":\"user\",\"content\":\"a\"}\n{\"role\":");
  auto reader = HistoryReader::follow(file.path());
  REQUIRE(reader);
  CHECK(reader->next()->text == "user:\na\n\n");
  CHECK(!reader->next());
  CHECK(reader->change() == FileChange::none);
  std::ofstream(file.path(), std::ios::app) << "\"user\",\"content\":\"b\"}\n";
  CHECK(reader->change() == FileChange::grown);
  const auto message = reader->next();
  REQUIRE(message);
  CHECK(message->text == "user:\nb\n\n");
  CHECK(message->source_id == "chat.jsonl:2");
  CHECK(!reader->next());
}

TEST_CASE("following: a text is given by whole lines") {
  const TemporaryFile file("notes.txt", "one\ntwo");
  auto reader = HistoryReader::follow(file.path());
  CHECK(reader->next()->text == "one\n");
  CHECK(!reader->next());
  std::ofstream(file.path(), std::ios::app) << " and a half\n";
  const auto message = reader->next();
  REQUIRE(message);
  CHECK(message->text == "two and a half\n");
  CHECK(message->source_id == "notes.txt@4");
}

TEST_CASE("following: a session that begins with bookkeeping is no text yet") {
  const std::string bytes = fixture("claude_code_session.jsonl");
  const TemporaryFile file("session.jsonl", bytes.substr(0, bytes.find('\n') + 1));
  CHECK(!HistoryReader::follow(file.path()));
  std::ofstream(file.path(), std::ios::app) << bytes.substr(bytes.find('\n') + 1);
  auto reader = HistoryReader::follow(file.path());
  REQUIRE(reader);
  CHECK(reader->format() == HistoryFormat::claude_code);
}

TEST_CASE("following: a shortened, rewritten, replaced or missing file is noticed") {
  const std::string line = "{\"role\":\"user\",\"content\":\"a\"}\n";
  const TemporaryFile file("chat.jsonl", line + line);
  auto reader = HistoryReader::follow(file.path());
  while (reader->next()) {
  }
  CHECK(reader->change() == FileChange::none);
  std::ofstream(file.path()) << line;
  CHECK(reader->change() == FileChange::truncated);
  std::ofstream(file.path()) << line << line.substr(0, 20) << "other\"}\n" << line;
  CHECK(reader->change() == FileChange::truncated);
  std::filesystem::rename(file.path(), file.path() + ".1");
  CHECK(reader->change() == FileChange::gone);
  std::ofstream(file.path()) << line;
  CHECK(reader->change() == FileChange::replaced);
}

TEST_CASE("following: a JSON document of one line needs no line feed, one being written waits") {
  const TemporaryFile file("chat.json", R"({"messages": [{"role": "user", "content": "a"}]})");
  auto reader = HistoryReader::follow(file.path());
  REQUIRE(reader);
  CHECK(reader->next()->text == "user:\na\n\n");
  CHECK(!reader->next());
  const TemporaryFile begun("chat.json", "{\n  \"messages\": [\n"
                                         "    {\"role\": \"user\", \"content\": \"a\"},\n    {\"ro");
  std::vector<BrokenPart> broken;
  auto second = HistoryReader::follow(
      begun.path(), {.on_broken = [&](const BrokenPart& part) { broken.push_back(part); }});
  REQUIRE(second);
  CHECK(second->next()->text == "user:\na\n\n");
  CHECK(!second->next());
  std::ofstream(begun.path(), std::ios::app) << "le\": \"user\", \"content\": \"b\"}\n  ]\n}\n";
  CHECK(second->next()->text == "user:\nb\n\n");
  CHECK(!second->next());
  CHECK(broken.empty());
}

TEST_CASE("growth: a first line that was cut off between two members waits for the second one") {
  const TemporaryFile file("chat.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"cut\"},\n");
  CHECK(!HistoryReader::follow(file.path(), {.format = HistoryFormat::openai}));
  std::ofstream(file.path(), std::ios::app) << "{\"role\":\"user\",\"content\":\"still here\"}\n";
  auto reader = HistoryReader::follow(file.path(), {.format = HistoryFormat::openai});
  REQUIRE(reader);
  std::string text;
  while (const auto message = reader->next()) text += message->text;
  CHECK(text == "user:\nstill here\n\n");
}
