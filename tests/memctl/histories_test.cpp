// Several files read as one history, and a file that is followed while it grows.
#include "memctl/histories.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>

#include "memctl/watched_history.h"
#include "tests/memctl/captured_errors.h"
#include "tests/memctl/made_files.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::CapturedErrors;
using fovea::test::contains;
using fovea::test::error_of;
using fovea::test::MadeFiles;
namespace fs = std::filesystem;

namespace {

std::string message_line(const std::string& text) {
  return "{\"role\":\"user\",\"content\":\"" + text + "\"}\n";
}

struct Files : MadeFiles {
  void append(const std::string& name, const std::string& bytes) const {
    std::ofstream(file(name), std::ios::binary | std::ios::app) << bytes;
  }
  void age(const std::string& name, int hours) const {
    fs::last_write_time(file(name), fs::file_time_type::clock::now() - std::chrono::hours(hours));
  }
};

/// The last lines of the messages that are there now, joined by "|".
std::string all_of(MessageSource& source) {
  std::string all;
  while (const auto message = source.next()) {
    std::string text = message->text;
    while (text.ends_with('\n')) text.pop_back();
    if (!all.empty()) all += '|';
    all += text.substr(text.rfind('\n') + 1);
  }
  return all;
}

const std::string kWatchedChat = message_line("one") + message_line("two");

}  // namespace

TEST_CASE("histories: files are read one after the other, counted by format") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  Histories histories({files.write("a.jsonl", message_line("one") + message_line("two")),
                       files.write("b.txt", "plain text\n"), files.write("empty.txt", "")},
                      HistoryFormat::automatic, bar);
  CHECK(histories.expected_characters() ==
        message_line("one").size() + message_line("two").size() + 11);
  CHECK(histories.share_read() == 0);
  CHECK(all_of(histories) == "one|two|plain text");
  CHECK(histories.share_read() == 1);
  CHECK(histories.counts().messages == 3);
  CHECK(histories.counts().broken == 0);
  CHECK(histories.counts().formats ==
        std::map<std::string, std::size_t>{{"openai", 1}, {"text", 2}});
  CHECK(contains(said.text(), "a.jsonl: read as openai\n"));
  CHECK(contains(said.text(), "b.txt: read as plain text\n"));
}

TEST_CASE("histories: broken lines are said with their numbers, the first twenty each") {
  const CapturedErrors said;
  const Files files;
  std::string lines = message_line("one");
  for (int i = 0; i < 23; ++i) lines += "{\"role\": broken\n";
  ProgressBar bar("messages");
  Histories histories({files.write("a.jsonl", lines + message_line("end"))},
                      HistoryFormat::automatic, bar);
  CHECK(all_of(histories) == "one|end");
  CHECK(histories.counts().broken == 23);
  CHECK(contains(said.text(), "a.jsonl:2: "));
  CHECK(contains(said.text(), "a.jsonl:21: "));
  CHECK_FALSE(contains(said.text(), "a.jsonl:22: "));
  CHECK(contains(said.text(), "a.jsonl: 3 more broken lines left out\n"));
}

TEST_CASE("histories: a file of which nothing can be read is an error, after those before it") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  Histories histories(
      {files.write("a.jsonl", message_line("one")), files.write("b.jsonl", "not JSON\n")},
      history_format_from_name("openai"), bar);
  CHECK(contains(histories.next()->text, "one"));
  const auto error = error_of([&] { histories.next(); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::corruption);
  CHECK(contains(error->what(),
                 "b.jsonl: no line is a message of format openai; give --format text"));
}

TEST_CASE("histories: a name that promises a chat is warned of where it holds none") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  Histories histories({files.write("a.jsonl", "just words\n")}, HistoryFormat::automatic, bar);
  all_of(histories);
  CHECK(contains(said.text(), "warning: " + files.file("a.jsonl") +
                                  ": no line is a message of a known format; read as plain text"));
}

TEST_CASE("histories: one file that cannot be read stops all before anything is read") {
  const Files files;
  ProgressBar bar("messages");
  const auto error = error_of([&] {
    Histories({files.write("a.txt", "x"), files.file("none.txt")}, HistoryFormat::automatic, bar);
  });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::not_found);
  CHECK(contains(error->what(), "none.txt"));
}

TEST_CASE("histories: what a pipe has is read once, and nobody knows how much it is") {
  const CapturedErrors said;
  const Files files;
  REQUIRE(::mkfifo(files.file("pipe").c_str(), 0600) == 0);
  ProgressBar bar("messages");
  Histories histories({files.file("pipe")}, HistoryFormat::text, bar);
  CHECK(histories.expected_characters() == 0);
  CHECK_FALSE(histories.share_read());
}

TEST_CASE("folders: transcripts in them stand in their place, the oldest first") {
  const Files files;
  files.write("logs/new.jsonl", message_line("new"));
  files.write("logs/deep/old.jsonl", message_line("old"));
  files.write("logs/notes.txt", "no transcript\n");
  files.write("logs/data.json", "{\"a\": 1}\n");
  files.age("logs/new.jsonl", 1);
  files.age("logs/deep/old.jsonl", 5);
  CHECK(with_folders_read({"first.txt", files.file("logs"), "-"}) ==
        std::vector<std::string>{"first.txt", files.file("logs/deep/old.jsonl"),
                                 files.file("logs/new.jsonl"), "-"});
  CHECK(with_folders_read({}).empty());
}

TEST_CASE("folders: one without a transcript is an error that says what was looked for") {
  const Files files;
  files.write("logs/notes.txt", "no transcript\n");
  for (const char* folder : {"logs", "empty"}) {
    fs::create_directories(files.file(folder));
    const auto error = error_of([&] { with_folders_read({files.file(folder)}); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::not_found);
    CHECK(contains(error->what(), "no .jsonl or .json file in this folder is a transcript"));
  }
}

TEST_CASE("histories: what was left out is a line") {
  CHECK(left_out_line({}) == "");
  CHECK(left_out_line({{"image", 1}}) == "1 image");
  CHECK(left_out_line({{"image", 2}, {"progress", 7000}}) == "2 image, 7,000 progress");
}

TEST_CASE("watched: lines that come later are given when they are whole") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  WatchedHistory watched(files.write("a.jsonl", kWatchedChat), HistoryFormat::automatic, bar);
  CHECK(all_of(watched) == "one|two");
  CHECK_FALSE(watched.next());
  files.append("a.jsonl", message_line("three").substr(0, 10));
  watched.wait(0);
  CHECK_FALSE(watched.next());
  files.append("a.jsonl", message_line("three").substr(10));
  CHECK(watched.wait(0) == WatchedHistory::Wait::more);
  CHECK(all_of(watched) == "three");
  CHECK(watched.counts().messages == 3);
  CHECK(watched.counts().formats.at("openai") == 1);
  CHECK(contains(said.text(), "following " + files.file("a.jsonl") + " as openai; Ctrl-C ends it"));
}

TEST_CASE("watched: a file that is shortened or replaced is read from its beginning, once said") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  WatchedHistory watched(files.write("a.jsonl", kWatchedChat), HistoryFormat::automatic, bar);
  all_of(watched);
  files.write("a.jsonl", message_line("new"));  // shorter
  CHECK(watched.wait(0) == WatchedHistory::Wait::more);
  CHECK(all_of(watched) == "new");
  CHECK(
      contains(said.text(), "a.jsonl: was shortened or rewritten; reading it from its beginning"));
  // A line that came after the last look is not lost with the file.
  files.append("a.jsonl", message_line("last"));
  files.write("b.jsonl", message_line("other"));
  fs::rename(files.file("b.jsonl"), files.file("a.jsonl"));
  CHECK(watched.wait(0) == WatchedHistory::Wait::more);
  CHECK(all_of(watched) == "last");
  CHECK(watched.wait(0) == WatchedHistory::Wait::more);
  CHECK(all_of(watched) == "other");
  CHECK(contains(said.text(), "a.jsonl: was replaced; reading the new file from its beginning"));
  CHECK(watched.counts().messages == 5);
}

TEST_CASE("watched: one that is gone is waited for") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  WatchedHistory watched(files.write("a.jsonl", kWatchedChat), HistoryFormat::automatic, bar);
  all_of(watched);
  fs::remove(files.file("a.jsonl"));
  CHECK(watched.wait(0) == WatchedHistory::Wait::quiet);
  CHECK(contains(said.text(), "a.jsonl: is gone; waiting for a new one\n"));
  files.write("a.jsonl", message_line("again"));
  CHECK(watched.wait(0) == WatchedHistory::Wait::more);
  CHECK(all_of(watched) == "again");
}

TEST_CASE("watched: broken lines are counted and said, stdin and a missing file are refused") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  WatchedHistory watched(files.write("a.jsonl", kWatchedChat + "{broken\n"),
                         HistoryFormat::automatic, bar);
  CHECK(all_of(watched) == "one|two");
  CHECK(watched.counts().broken == 1);
  CHECK(contains(said.text(), "a.jsonl:3: "));
  CHECK(contains(error_of([&] { WatchedHistory("-", HistoryFormat::automatic, bar); })->what(),
                 "--watch follows a file; without it, stdin is read to its end"));
  CHECK(error_of([&] {
          WatchedHistory(files.file("none.jsonl"), HistoryFormat::automatic, bar);
        })->code() == ErrorCode::not_found);
}

TEST_CASE("watched: a file without a line has no format yet, and is opened when it has one") {
  const CapturedErrors said;
  const Files files;
  ProgressBar bar("messages");
  WatchedHistory watched(files.write("a.jsonl", ""), HistoryFormat::automatic, bar);
  CHECK_FALSE(watched.is_open());
  CHECK_FALSE(watched.next());
  CHECK_FALSE(watched.share_read());
  CHECK(watched.counts().messages == 0);
  CHECK(contains(said.text(), "a.jsonl: waiting for lines that show its format"));
  files.append("a.jsonl", message_line("first"));
  CHECK(watched.wait(0) == WatchedHistory::Wait::more);
  CHECK(watched.is_open());
  CHECK(all_of(watched) == "first");
}
