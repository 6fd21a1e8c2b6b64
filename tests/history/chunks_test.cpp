// Bytes come in pieces of any size: what is read of them does not depend on where one ends.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "history/decoded_bytes.h"
#include "history/json_splitter.h"
#include "tests/history/packing.h"
#include "tests/history/reading.h"

using namespace fovea;
using namespace std::string_literals;

namespace {

/// Gives `size` bytes at a time; where it `pauses`, nothing at every other call, as the end of a file
/// that grows.
class Pieces : public Bytes {
 public:
  Pieces(std::string bytes, std::size_t size, bool pauses)
      : bytes_(std::move(bytes)), size_(size), pauses_(pauses) {}

  std::size_t read(char* into, std::size_t most) override {
    if (pauses_ && (paused_ = !paused_)) return 0;
    const std::size_t got = std::min({size_, most, bytes_.size() - at_});
    std::copy_n(bytes_.data() + at_, got, into);
    at_ += got;
    return got;
  }

 private:
  std::string bytes_;
  std::size_t size_, at_ = 0;
  bool pauses_, paused_ = false;
};

struct Unpacked {
  std::string text, fault;
};

/// The bytes that are packed in `bytes`, of which `first` come at once and the others by `size`.
Unpacked unpacked(const std::string& bytes, std::size_t size, Following following) {
  constexpr int kCalls = 4;  // without a byte: it was the end
  const bool follows = following == Following::yes;
  std::unique_ptr<Bytes> from =
      std::make_unique<Pieces>(bytes.substr(kBytesThatShow), size, follows);
  DecodingFault fault;
  const auto inner = decoded(from, bytes.substr(0, kBytesThatShow), following, fault);
  REQUIRE(inner);
  Unpacked result;
  char buffer[64];
  for (int left = follows ? 2 * static_cast<int>(bytes.size()) + kCalls : 1; left > 0; --left) {
    while (const std::size_t got = inner->read(buffer, sizeof buffer))
      result.text.append(buffer, got);
  }
  result.fault = fault.reason;
  return result;
}

const std::string kWords = "the heron waits by the water, and the kestrel nests in the tower\n";
const std::string kSkipped = "\x50\x2A\x4D\x18\x02\0\0\0xx"s;  // a frame of zstd that says nothing

struct Packed {
  const char* name;
  std::string bytes, text;
};

std::vector<Packed> packed_texts() {
  return {{"gzip", gzipped(kWords), kWords},
          {"two members", gzipped(kWords) + gzipped("and more\n"), kWords + "and more\n"},
          {"zeros between", gzipped("a") + std::string(37, '\0') + gzipped("b"), "ab"},
          {"an empty member", gzipped("") + gzipped("b"), "b"},
          {"zstd", zstd(kWords) + zstd("and more\n"), kWords + "and more\n"},
          {"a skipped frame", zstd("a") + kSkipped + zstd("b"), "ab"},
          {"UTF-16LE", "\xFF\xFE" + utf16(kWords, true), kWords},
          {"UTF-16BE", "\xFE\xFF" + utf16(kWords, false), kWords},
          {"JSON in UTF-16", utf16("[\"heron\"]", true), "[\"heron\"]"},
          {"UTF-32LE", "\xFF\xFE\0\0a\0\0\0\x05\xF6\x01\0b\0\0\0"s,
           "a\xF0\x9F\x98\x85"
           "b"}};
}

/// Documents whose texts begin and end in every way.
const char* const kDocuments[] = {
    R"([{"role": "user", "content": "a {b} [c] \"d\" \\"}, {"role": "x"} , 3, "four", null])",
    "{\"model\": \"m\",\n \"messages\": [\n  {\"role\": \"user\"},\n  {\"role\": \"assistant\"}\n ],\n \"n\": 1}",
    "[\n  {\"a\": 1},\n  {\"a\": \"cut\n  },\n  {\"b\": [1, {\"c\": []}]}\n]\n",
    "{\"a\": 1}\n{\"messages\": []}{\"b\": 2}\n[]\n",
    "[{\"a\": \"\xE4\xBD\xA0\xE5\xA5\xBD \\ud83d\\ude05\"}, {\"unfinished\": [1, 2"};

std::vector<JsonText> texts_of(const std::vector<std::string>& chunks) {
  JsonSplitter splitter([&chunks, at = std::size_t{0}]() mutable {
    while (at < chunks.size() && chunks[at].empty()) ++at;
    return at < chunks.size() ? chunks[at++] : std::string();
  });
  std::vector<JsonText> texts;
  while (auto text = splitter.next()) texts.push_back(std::move(*text));
  return texts;
}

void check_same(const std::vector<JsonText>& texts, const std::vector<JsonText>& whole) {
  REQUIRE(texts.size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(texts[i].text == whole[i].text);
    CHECK(texts[i].line == whole[i].line);
    CHECK(texts[i].place == whole[i].place);
    CHECK(texts[i].part == whole[i].part);
    CHECK(texts[i].fault == whole[i].fault);
    CHECK(texts[i].closed == whole[i].closed);
  }
}

/// What a file that is followed gives that has `first` bytes at first, and all of them later.
std::string followed(const TemporaryFile& file, const std::string& bytes, std::size_t first) {
  std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << bytes.substr(0, first);
  std::string text;
  auto reader = HistoryReader::follow(file.path());
  const auto take = [&] {
    while (auto message = reader->next()) text += message->text;
  };
  if (reader) take();
  std::ofstream(file.path(), std::ios::binary | std::ios::app) << bytes.substr(first);
  if (!reader) reader = HistoryReader::follow(file.path());
  REQUIRE(reader);
  take();
  return text;
}

}  // namespace

TEST_CASE("chunks: packed bytes are unpacked alike, however many come at a time") {
  for (const Packed& packed : packed_texts()) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5},
                                   std::size_t{64}, std::size_t{1} << 16}) {
      CAPTURE(packed.name);
      CAPTURE(size);
      const Unpacked read = unpacked(packed.bytes, size, Following::no);
      CHECK(read.text == packed.text);
      CHECK(read.fault == "");
    }
  }
}

TEST_CASE("chunks: a packed file that grows is unpacked as it comes") {
  // The first bytes of a member had been taken for what stands between two, and lost.
  for (const Packed& packed : packed_texts()) {
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
      CAPTURE(packed.name);
      CAPTURE(size);
      const Unpacked read = unpacked(packed.bytes, size, Following::yes);
      CHECK(read.text == packed.text);
      CHECK(read.fault == "");
    }
  }
}

TEST_CASE("chunks: what is no member is passed over and said, in whatever pieces it comes") {
  for (const auto& [pack, name] : {std::pair(&gzipped, "gzip"), std::pair(&zstd, "zstd")}) {
    const std::string bytes = pack("before\n") + "\x1F\x28 rubbish \x1F\x8B" + pack("after\n");
    for (const Following following : {Following::no, Following::yes}) {
      for (const std::size_t size : {std::size_t{1}, std::size_t{4}, std::size_t{1000}}) {
        CAPTURE(name);
        CAPTURE(size);
        const Unpacked read = unpacked(bytes, size, following);
        CHECK(read.text == "before\nafter\n");
        CHECK(read.fault ==
              "the " + std::string(name) +
                  " data is followed by other bytes; some of the text is missing here");
      }
    }
  }
}

TEST_CASE("chunks: a member that is damaged at its beginning costs no other") {
  for (const auto& pack : {&gzipped, &zstd}) {
    const std::string after = pack("after\n");
    const std::string bytes =
        pack("before\n") + after.substr(0, 4) + std::string(40, '\xFF') + after;
    for (const std::size_t size : {std::size_t{1}, std::size_t{6}, std::size_t{1000}}) {
      CAPTURE(size);
      const Unpacked read = unpacked(bytes, size, Following::no);
      CHECK(read.text == "before\nafter\n");
      CHECK(read.fault.find(" data is damaged; some of the text") != std::string::npos);
    }
  }
}

TEST_CASE("chunks: packed bytes that end anywhere give a beginning of the text, and say so") {
  const std::string bytes = gzipped(kWords) + gzipped(kWords);
  for (std::size_t end = kBytesThatShow; end < bytes.size(); ++end) {
    CAPTURE(end);
    const Unpacked read = unpacked(bytes.substr(0, end), 3, Following::no);
    CHECK((kWords + kWords).starts_with(read.text));
    const bool between = end == gzipped(kWords).size();
    CHECK(read.fault.empty() == between);
  }
}

TEST_CASE("chunks: any changed bit of packed bytes costs text at most, and is said if it does") {
  const std::string bytes = gzipped(kWords) + gzipped("and more\n");
  const std::string all = kWords + "and more\n";
  for (std::size_t bit = 8 * kBytesThatShow; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const Unpacked read = unpacked(changed, 16, Following::no);
    CAPTURE(bit);
    CHECK((read.text == all || !read.fault.empty()));
  }
}

TEST_CASE("chunks: a JSON document that is cut anywhere falls into the same texts") {
  for (const std::string document : kDocuments) {
    const std::vector<JsonText> whole = texts_of({document});
    REQUIRE(whole.size() >= 2);
    for (std::size_t cut = 1; cut < document.size(); ++cut) {
      CAPTURE(document);
      CAPTURE(cut);
      check_same(texts_of({document.substr(0, cut), document.substr(cut)}), whole);
    }
    std::vector<std::string> bytes;
    for (const char byte : document) bytes.emplace_back(1, byte);
    check_same(texts_of(bytes), whole);
  }
}

TEST_CASE("chunks: a followed transcript that had ended anywhere gives the messages of the whole") {
  for (const std::string name :
       {"openai_chat.jsonl", "claude_code_session.jsonl", "codex_rollout.jsonl"}) {
    const std::string bytes = fixture(name);
    const TemporaryFile file(name, "");
    const std::string whole = read(name, bytes).text;
    for (std::size_t first = 0; first < bytes.size(); first += 53) {
      CAPTURE(name);
      CAPTURE(first);
      REQUIRE(followed(file, bytes, first) == whole);
    }
  }
}

TEST_CASE("chunks: a followed packed transcript that had ended anywhere gives them too") {
  const std::string a = "{\"role\":\"user\",\"content\":\"one\"}\n";
  const std::string b = "{\"role\":\"user\",\"content\":\"two\"}\n";
  for (const auto& pack : {&gzipped, &zstd}) {
    const std::string bytes = pack(a) + pack(b);
    const TemporaryFile file("chat.jsonl.gz", "");
    for (std::size_t first = 0; first < bytes.size(); ++first) {
      CAPTURE(first);
      REQUIRE(followed(file, bytes, first) == "user:\none\n\nuser:\ntwo\n\n");
    }
  }
}
