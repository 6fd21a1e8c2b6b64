#include "tests/history/reading.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

using namespace fovea;

namespace {

const std::string kPrompt =
    R"({"type":"user","sessionId":"s","uuid":"1","message":{"role":"user","content":"Start"}})" "\n";

std::string repeated(const std::string& line, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += line;
  return all;
}

}  // namespace

TEST_CASE("detection: a session may begin with any number of lines that keep its books") {
  const std::string snapshot =
      R"({"type":"file-history-snapshot","messageId":"x","snapshot":{"trackedFileBackups":{}}})" "\n";
  const std::string hook =
      R"({"type":"progress","sessionId":"s","uuid":"g","data":{"type":"hook_progress"}})" "\n";
  const std::string mode = R"({"type":"mode","mode":"normal"})" "\n";
  for (const std::string& line : {snapshot, hook, mode}) {
    for (const int count : {63, 64, 65, 5000}) {
      const Reading reading = read("s.jsonl", repeated(line, count) + kPrompt);
      CHECK(reading.format == HistoryFormat::claude_code);
      CHECK(reading.text == "user:\nStart\n\n");
    }
  }
  CHECK(read("s.jsonl", repeated(snapshot, 70)).format == HistoryFormat::claude_code);
}

TEST_CASE("detection: a picture of megabytes in the first prompt hides no session") {
  const std::string picture(5'000'000, 'A');
  const std::string prompt =
      R"({"type":"user","sessionId":"s","uuid":"0","message":{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
      picture + R"("}},{"type":"text","text":"What is it?"}]}})" "\n";
  const Reading reading = read("s.jsonl", prompt + kPrompt);
  CHECK(reading.format == HistoryFormat::claude_code);
  CHECK(reading.text == "user:\n[image image/png]\nWhat is it?\n\nuser:\nStart\n\n");
  const Reading chat = read("c.jsonl",
      R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
      picture + R"("}}]})" "\n" R"({"role":"user","content":"b"})" "\n");
  CHECK(chat.format == HistoryFormat::openai);
  CHECK(chat.messages.size() == 2);
  const Reading document = read("c.json",
      R"({"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,)" +
      picture + R"("}}]}, {"role": "user", "content": "b"}]})");
  CHECK(document.messages.size() == 2);
}

TEST_CASE("detection: logs in JSON stay text, also with a line that looks like a message") {
  const std::string entry = R"({"level":"info","event":"probe","limit":1e999})" "\n";
  CHECK(read("log.jsonl", repeated(entry, 500)).format == HistoryFormat::text);
  const std::string odd = R"({"role":"user","content":"hi"})" "\n";
  const std::string log = repeated(entry, 200) + odd + repeated(entry, 200);
  CHECK(read("log.jsonl", log).text == log);
  CHECK(read("log.jsonl", repeated("no JSON\n", 3000)).format == HistoryFormat::text);
  for (const std::string text : {"[link](a.md) and more\n", "{ margin: 0 }\n", "[\n", "{", "1e999\n", "\"a\"\n",
                                 "[[[[[[", "\x1F\x8B", "\xFF\xFE"}) {
    CAPTURE(text);
    CHECK(read("a.txt", text).format == HistoryFormat::text);
  }
}

TEST_CASE("detection: a named pipe is opened once and nothing of it is lost") {
  const TemporaryFile folder("unused", "");
  const std::string pipe = folder.path() + ".jsonl";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const std::string bookkeeping = repeated(R"({"type":"mode","mode":"normal"})" "\n", 40'000);
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << bookkeeping << kPrompt << kPrompt; });
  HistoryReader reader(pipe);
  std::string text;
  while (auto message = reader.next()) text += message->text;
  writer.join();
  CHECK(text == "user:\nStart\n\nuser:\nStart\n\n");
}

TEST_CASE("times: seconds, milli-, micro- and nanoseconds, as numbers and as text, and dates") {
  const auto time_of_line = [](const std::string& time) {
    return read("c.jsonl", R"({"role":"user","content":"a","timestamp":)" + time + "}").messages[0].time;
  };
  for (const std::string time :
       {"1778842422", "1778842422.75", "1778842422314", "1778842422314671", "1778842422314671000",
        "\"1778842422\"", "\"1778842422314\"", "\"1778842422.3\"", "1.778842422e9",
        "\"2026-05-15T10:53:42Z\"", "\"2026-05-15T10:53:42.314671+00:00\"", "\"2026-05-15 10:53:42\"",
        "\"2026-05-15 12:53:42 +0200\"", "\"20260515T105342Z\"", "\"20260515105342\"",
        "\"2026-05-15T12:53:42,5+02\"", "\"2026-05-15t10:53:42z\"", "\"2026/05/15 10:53:42 UTC\"",
        "\"Fri, 15 May 2026 12:53:42 +0200\"", "\"15 May 2026 10:53:42 GMT\"",
        "\"Friday, 15-May-26 10:53:42 GMT\"", "\"Fri May 15 10:53:42 2026\"",
        "\"Fri May 15 10:53:42 UTC 2026\"", "\"Fri, 15 May 2026 05:53:42 EST\"",
        "\"May 15, 2026 10:53:42\""}) {
    CAPTURE(time);
    CHECK(time_of_line(time) == 1778842422);
  }
  CHECK(time_of_line("\"2026-05-15\"") == 1778803200);
  CHECK(time_of_line("\"20260515\"") == 1778803200);
  for (const std::string time : {"0", "-5", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "1e300",
                                 "NaN", "\"soon\"", "\"\"", "null", "true", "\"2026-13-45\"",
                                 "\"2026-02-30T00:00:00Z\"", "9223372036854775807"}) {
    CAPTURE(time);
    CHECK(time_of_line(time) == 0);
  }
}
