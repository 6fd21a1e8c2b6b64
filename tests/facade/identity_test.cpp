// Which messages are the same when histories are read again. Needs models/fovea-nano.

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "fovea/history.h"
#include "memory/database.h"
#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

/// A store and files that are gone at the end of the test.
class Desk {
 public:
  Desk() : folder_(std::filesystem::path(store_.path()).parent_path()) {}

  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  /// How many messages were new.
  std::size_t take(const std::string& path) {
    const std::size_t before = messages();
    HistoryReader history(path);
    memory_.add(history);
    return messages() - before;
  }
  /// As if it had been given through stdin.
  std::size_t pipe(const std::string& bytes) {
    const std::size_t before = messages();
    std::istringstream stream(bytes);
    HistoryReader history(stream, "stdin");
    memory_.add(history);
    return messages() - before;
  }
  std::size_t messages() { return memory_.stats().messages; }
  std::string text() { return joined(memory_.recall_all(Source::archive)); }
  std::string store() const { return store_.path(); }

 private:
  TemporaryStore store_;
  std::filesystem::path folder_;
  Memory memory_ = store_.open();
};

std::string chat(const std::vector<std::string>& texts) {
  std::string lines;
  for (std::size_t i = 0; i < texts.size(); ++i)
    lines += R"({"role": ")" + std::string(i % 2 == 0 ? "user" : "assistant") + R"(", "content": ")" +
             texts[i] + "\"}\n";
  return lines;
}

std::string line(const std::string& uuid, const std::string& said, const std::string& session = "s") {
  return R"({"sessionId": ")" + session + R"(", "type": "assistant", "uuid": ")" + uuid +
         R"(", "message": {"role": "assistant", "id": "msg", "content": [{"type": "text", "text": ")" +
         said + "\"}]}}\n";
}

const std::vector<std::string> kRye = {"hello", "Good morning. What shall I bake?", "rye"};
const std::vector<std::string> kOats = {"hello", "Good morning. What shall I bake?", "oats"};

}  // namespace

TEST_CASE("identity: two chats in files of one name keep all their messages, each is added once") {
  Desk desk;
  const std::string monday = desk.write("monday/chat.jsonl", chat(kRye));
  const std::string tuesday = desk.write("tuesday/chat.jsonl", chat(kOats));
  CHECK(desk.take(monday) == 3);
  CHECK(desk.take(tuesday) == 3);
  CHECK(desk.take(monday) == 0);
  CHECK(desk.take(tuesday) == 0);
  CHECK(desk.take((std::filesystem::path(monday).parent_path() / "../monday/chat.jsonl").string()) == 0);
}

TEST_CASE("identity: equal plain texts of one name are two; what one gains at its end is added") {
  Desk desk;
  const std::string monday = desk.write("monday/log.txt", "nothing to report\n");
  CHECK(desk.take(monday) == 1);
  CHECK(desk.take(desk.write("tuesday/log.txt", "nothing to report\n")) == 1);
  CHECK(desk.take(monday) == 0);
  desk.write("monday/log.txt", "nothing to report\nbut this\n");
  CHECK(desk.take(monday) == 1);
  CHECK(desk.text() == "nothing to report\nnothing to report\nbut this\n");
}

TEST_CASE("identity: two chats through a pipe keep all their messages, in any order and grown") {
  Desk desk;
  CHECK(desk.pipe(chat(kRye)) == 3);
  CHECK(desk.pipe(chat(kOats)) == 3);
  CHECK(desk.pipe(chat(kRye)) == 0);
  CHECK(desk.pipe(chat(kOats)) == 0);
  auto grown = kOats;
  grown.insert(grown.end(), {"Oats it is.", "hello"});
  CHECK(desk.pipe(chat(grown)) == 2);
  CHECK(desk.pipe(chat(grown)) == 0);
  CHECK(desk.pipe(chat({"hello"})) == 0);
}

TEST_CASE("identity: a file that is written anew with another chat loses nothing") {
  Desk desk;
  const std::string path = desk.write("chat.jsonl", chat(kRye));
  CHECK(desk.take(path) == 3);
  desk.write("chat.jsonl", chat(kOats));
  CHECK(desk.take(path) == 3);
  CHECK(desk.take(path) == 0);
}

TEST_CASE("identity: of a long chat that was edited, or cut at its beginning, only what is new is added") {
  Desk desk;
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.push_back("message number " + std::to_string(i));
  const std::string path = desk.write("chat.jsonl", chat(texts));
  CHECK(desk.take(path) == 100);
  texts[50] = "edited";
  texts.push_back("one more");
  desk.write("chat.jsonl", chat(texts));
  CHECK(desk.take(path) == 2);
  texts.erase(texts.begin(), texts.begin() + 20);
  texts.push_back("and another");
  desk.write("chat.jsonl", chat(texts));
  CHECK(desk.take(path) == 1);
}

TEST_CASE("identity: equal messages of one chat are counted, also when a broken line is mended") {
  Desk desk;
  const std::string broken = "{\"role\": \"user\", \"conte\n";
  const std::string path =
      desk.write("chat.jsonl", chat({"ok", "fine", "ok"}) + broken + chat({"ok", "done"}));
  CHECK(desk.take(path) == 5);
  desk.write("chat.jsonl", chat({"ok", "fine", "ok", "fine", "ok", "done"}));
  CHECK(desk.take(path) == 1);
  CHECK(desk.take(path) == 0);
}

TEST_CASE("identity: ids that are not unique cost no message") {
  Desk desk;
  std::string items;
  for (int i = 0; i < 3; ++i)
    items += R"({"id":"__fake_id__","type":"message","role":"assistant","content":)"
             R"([{"type":"output_text","text":"Not yet."}]})" "\n";
  CHECK(desk.take(desk.write("items.jsonl", items)) == 3);
  std::string conversations;
  for (const char* order : {"rye", "oats", "spelt"})
    conversations += std::string(conversations.empty() ? "[" : ",\n") +
                     R"({"messages": [{"id": "1", "role": "user", "content": "hello"},)"
                     R"({"id": "2", "role": "user", "content": "order )" + order + "\"}]}";
  const std::string path = desk.write("conversations.json", conversations + "]");
  CHECK(desk.take(path) == 6);
  CHECK(desk.take(path) == 0);
}

TEST_CASE("identity: a record with an id of its own is one message, wherever and how often it stands") {
  Desk desk;
  const std::string first = line("u2", "First part."), second = line("u3", "Second part.");
  CHECK(desk.take(desk.write("v1/session.jsonl", line("u1", "go") + "{\"broken\n" + second)) == 2);
  CHECK(desk.take(desk.write("v2/session.jsonl", line("u1", "go") + first + second)) == 1);
  CHECK(desk.take(desk.write("twice.jsonl", line("u1", "go") + first + first + second + second)) == 0);
  CHECK(desk.take(desk.write("resumed.jsonl", line("u3", "Second part.", "other") +
                                                  line("u3", "said otherwise", "other"))) == 1);
}

TEST_CASE("identity: what an older version stored is known, and its file may have grown since") {
  Desk desk;
  const std::string path = desk.write("monday/chat.jsonl", chat(kRye));
  const std::string session = desk.write("session.jsonl", line("u1", "go"));
  const std::string log = desk.write("log.txt", "nothing to report\n");
  CHECK(desk.take(path) + desk.take(session) + desk.take(log) == 5);
  Database(desk.store(), desk.store(), 1000).execute("UPDATE messages SET identity = NULL");
  CHECK(desk.take(session) == 0);
  desk.write("log.txt", "nothing to report\nbut this\n");
  CHECK(desk.take(log) == 1);
  SUBCASE("the same chat") {
    CHECK(desk.take(path) == 0);
    CHECK(desk.take(path) == 0);
  }
  SUBCASE("the chat has grown") {
    auto grown = kRye;
    grown.push_back("Rye it is.");
    desk.write("monday/chat.jsonl", chat(grown));
    CHECK(desk.take(path) == 1);
  }
  SUBCASE("another chat of that name") {
    CHECK(desk.take(desk.write("tuesday/chat.jsonl", chat(kOats))) == 3);
    CHECK(desk.take(path) == 0);
  }
}
