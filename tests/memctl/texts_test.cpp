// Texts to measure, and tokenizers to count them with: each from a file, under a name of its own.
#include "memctl/measurement/texts.h"

#include <doctest/doctest.h>

#include "memctl/experiment/tokenizers.h"
#include "memctl/measurement/sha256.h"
#include "tests/memctl/captured_errors.h"
#include "tests/memctl/made_files.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::CapturedErrors;
using fovea::test::contains;
using fovea::test::error_of;
using fovea::test::MadeFiles;

namespace {

const std::string kTokenizer = FOVEA_SOURCE_DIR "/models/fovea-nano/tokenizer.json";

struct Files : MadeFiles {
  std::vector<Text> read(const std::vector<std::string>& names,
                         const std::string& format = "auto") const {
    ProgressBar bar("texts");
    return read_texts(names, format, bar);
  }
  std::string refusal(const std::string& name, const std::string& bytes) const {
    const auto error = error_of([&] { read({write(name, bytes)}); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    return error->what();
  }
};

const std::string kChat =
    "{\"role\":\"user\",\"content\":\"first\"}\n{\"role\":\"assistant\",\"content\":\"second\"}\n";

}  // namespace

TEST_CASE("texts: a plain file is its text, a chat what its messages say, with their roles") {
  const CapturedErrors said;
  const Files files;
  const auto texts =
      files.read({files.write("notes.txt", "plain\n"), files.write("c.jsonl", kChat)});
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].name == "notes");
  CHECK(texts[0].format == "text");
  CHECK(texts[0].text == "plain\n");
  CHECK(texts[0].bytes == 6);
  CHECK(texts[0].sha256 == sha256_of("plain\n"));
  CHECK_FALSE(texts[0].zstd_bytes);
  CHECK(texts[1].format == "openai");
  CHECK(texts[1].bytes == kChat.size());
  REQUIRE(texts[1].messages.size() == 2);
  CHECK(texts[1].messages[0].begin == 0);
  CHECK(texts[1].messages[0].role == "user");
  CHECK(texts[1].messages[1].role == "assistant");
  CHECK(contains(texts[1].text.substr(0, texts[1].messages[1].begin), "first"));
  CHECK(contains(texts[1].text.substr(texts[1].messages[1].begin), "second"));
  CHECK(said.text() == "memctl: " + files.file("c.jsonl") + ": read as openai\n");
}

TEST_CASE("texts: no two have one name, and none has that of random strings") {
  const CapturedErrors said;
  const Files files;
  const auto texts =
      files.read({files.write("a/notes.txt", "one"), files.write("b/notes.md", "two"),
                  files.write("random.txt", "three"), files.write("odd\nname.txt", "four")});
  REQUIRE(texts.size() == 4);
  CHECK(texts[1].name == "notes-2");
  CHECK(texts[2].name == "random-2");
  CHECK(texts[3].name == "odd\\nname");
}

TEST_CASE("texts: files without text are refused with the reason") {
  const CapturedErrors said;
  const Files files;
  CHECK(contains(files.refusal("a.txt", ""), "a.txt: is empty; give a file with text"));
  CHECK(contains(files.refusal("b.txt", " \n\t\r\n"), "b.txt: has no text, read as text"));
  CHECK(contains(files.refusal("c.bin", std::string("\x7F"
                                                    "ELF\0\0\0\1\2\3",
                                                    10)),
                 "is binary"));
  CHECK(contains(files.refusal("d.txt", std::string(50, '\xFF') + "some letters"), "is binary"));
}

TEST_CASE("texts: a log may have a few bytes that no text has, and any script is text") {
  const CapturedErrors said;
  const Files files;
  for (const std::string& text :
       std::vector<std::string>{"日本語のテキスト", "tab\tand \x1B[31mcolour\x1B[0m\r\n",
                                std::string(20, 'x') + "\xFF\x01", "é"}) {
    CAPTURE(text);
    CHECK(files.read({files.write("t.txt", text)}).at(0).text == text);
  }
  CHECK(contains(files.refusal("t.txt", std::string(17, 'x') + "\xFF\x01"), "is binary"));
}

TEST_CASE("texts: a format may be given, one that there is not is an error") {
  const CapturedErrors said;
  const Files files;
  const std::string chat = files.write("chat.jsonl", kChat);
  CHECK(files.read({chat}, "text").at(0).text == kChat);
  CHECK(said.text() == "");
  CHECK(error_of([&] { files.read({chat}, "telegram"); }));
  const auto nothing =
      error_of([&] { files.read({files.write("n.jsonl", "no JSON\n")}, "openai"); });
  REQUIRE(nothing);
  CHECK(nothing->code() == ErrorCode::corruption);
  CHECK(contains(nothing->what(), "n.jsonl: nothing in it can be read as openai"));
  CHECK(contains(said.text(), "n.jsonl:1: "));
  CHECK(error_of([&] { files.read({files.file("none.txt")}); })->code() == ErrorCode::not_found);
}

TEST_CASE("tokenizers: named after their file or its folder, each with its hash") {
  const Files files;
  const std::string json = test::bytes_of(kTokenizer);
  const std::string other = files.write("qwen/tokenizer.json", json + "\n");
  const auto read = read_tokenizers({kTokenizer, other, files.write("x/qwen.json", json + "\n\n")});
  REQUIRE(read.size() == 3);
  CHECK(read[0].name == "fovea-nano");
  CHECK(read[0].sha256 == sha256_of(json));
  CHECK(read[1].name == "qwen");
  CHECK(read[2].name == "qwen-2");
  const auto counts = tokens_of("The keeper lit the lamp.", read);
  CHECK(counts.size() == 3);
  CHECK(counts.at("qwen") == counts.at("fovea-nano"));
  CHECK(counts.at("qwen") > 3);
  CHECK(tokens_of("", read).at("qwen") == 0);
  CHECK(tokens_of("text", {}).empty());
}

TEST_CASE("tokenizers: one given twice, one that is not there and one that is none are errors") {
  const Files files;
  const std::string copy = files.write("copy.json", test::bytes_of(kTokenizer));
  const auto twice = error_of([&] { read_tokenizers({kTokenizer, copy}); });
  REQUIRE(twice);
  CHECK(twice->code() == ErrorCode::invalid_argument);
  CHECK(contains(twice->what(), "copy.json: this tokenizer is given twice"));
  for (const std::string& missing : {files.file("none.json"), files.path.string()}) {
    const auto error = error_of([&] { read_tokenizers({missing}); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::not_found);
    CHECK(contains(error->what(), "--tokenizer " + missing + ": there is no such file"));
  }
  CHECK(error_of([&] { read_tokenizers({files.write("bad.json", "{")}); })->code() ==
        ErrorCode::corruption);
}
