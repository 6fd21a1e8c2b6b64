// The text of a file from front to back: lines, looks ahead that are given back, what was taken.
#include "history/byte_source.h"

#include <doctest/doctest.h>

#include <sstream>

#include "tests/history/reading.h"

using namespace fovea;

namespace {

std::string utf16(const std::string& ascii) {
  std::string bytes = "\xFF\xFE";
  for (const char c : ascii) (bytes += c) += '\0';
  return bytes;
}

/// All lines, each with "$" where a line feed closes it.
std::string lines_of(ByteSource& source) {
  std::string all;
  while (const auto line = source.take_line()) all += line->text + (line->closed ? "$" : "!");
  return all;
}

}  // namespace

TEST_CASE("byte source: bytes are peeked at, taken and counted, fewer only at the end") {
  std::istringstream stream("one\ntwo\nthree");
  ByteSource source(stream, "folder/notes.txt");
  CHECK(source.name() == "notes.txt");
  CHECK(source.path() == "folder/notes.txt");
  CHECK_FALSE(source.is_file());
  CHECK(source.file_bytes() == 0);
  CHECK_FALSE(source.share_taken());
  CHECK(source.change() == FileChange::none);
  CHECK(source.peek(5) == "one\nt");
  CHECK(source.offset() == 0);
  CHECK(source.take(5) == "one\nt");
  CHECK(source.offset() == 5);
  CHECK(source.lines() == 1);
  CHECK(source.peek(100) == "wo\nthree");
  CHECK(source.take(0) == "");
  CHECK(source.take(100) == "wo\nthree");
  CHECK(source.lines() == 2);
  CHECK(source.take(1) == "");
  CHECK(source.peek(1) == "");
  CHECK_FALSE(source.take_line());
}

TEST_CASE("byte source: the last line may lack its end, an empty one is one") {
  for (const auto& [bytes, wanted] :
       std::initializer_list<std::pair<const char*, const char*>>{{"", ""},
                                                                  {"\n", "$"},
                                                                  {"a", "a!"},
                                                                  {"a\n", "a$"},
                                                                  {"a\n\nb", "a$$b!"},
                                                                  {"a\r\nb\r", "a\r$b\r!"}}) {
    CAPTURE(bytes);
    std::istringstream stream(bytes);
    ByteSource source(stream, "x");
    CHECK(lines_of(source) == wanted);
    CHECK(source.offset() == std::string(bytes).size());
  }
}

TEST_CASE("byte source: lines longer than what is read at once are whole") {
  const std::string longest(700'000, 'x');
  std::istringstream stream("a\n" + longest + "\nb\n");
  ByteSource source(stream, "x");
  CHECK(source.take_line()->text == "a");
  const auto line = source.take_line();
  CHECK((line->held && line->closed));
  CHECK((line->text == longest));
  CHECK(source.lines() == 2);
  CHECK(source.take_line()->text == "b");
}

TEST_CASE("byte source: what was taken while looking comes again, with its places") {
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) bytes += "line " + std::to_string(i) + "\n";
  const TemporaryFile file("a.txt", bytes);
  ByteSource from_file(file.path());
  std::istringstream stream(bytes);
  ByteSource from_stream(stream, "a.txt");
  for (ByteSource* source : {&from_file, &from_stream}) {
    source->begin_look();
    for (int i = 0; i < 40'000; ++i) REQUIRE(source->take_line());
    CHECK(source->may_look_on());
    CHECK(source->lines() == 40'000);
    source->end_look();
    CHECK(source->offset() == 0);
    CHECK(source->lines() == 0);
    CHECK(source->take_line()->text == "line 0");
    std::size_t left = 0;
    while (source->take_line()) ++left;
    CHECK(left == 49'999);
  }
}

TEST_CASE("byte source: of a file it is known how much of it was taken") {
  const TemporaryFile file("a.txt", std::string(1000, 'x'));
  ByteSource source(file.path());
  CHECK(source.is_file());
  CHECK(source.name() == "a.txt");
  CHECK(*source.share_taken() == 0);
  source.take(250);
  CHECK(source.file_bytes() == 1000);
  CHECK(*source.share_taken() == doctest::Approx(0.25));
  source.take(1000);
  CHECK(*source.share_taken() == 1);
}

TEST_CASE("byte source: UTF-16 is read as UTF-8, whose bytes count as taken") {
  std::istringstream stream(utf16("one\ntwo"));
  ByteSource source(stream, "x");
  CHECK(source.take_line()->text == "one");
  CHECK(source.offset() == 4);
  CHECK(source.take(10) == "two");
  CHECK_FALSE(source.take_fault());
}

TEST_CASE("byte source: a few bytes are no encoding, an empty file has none") {
  for (const std::string& bytes : {std::string("{"), std::string("\0", 1), std::string("a\0", 2)}) {
    std::istringstream stream(bytes);
    ByteSource source(stream, "x");
    CHECK(source.take(10) == bytes);
  }
  const TemporaryFile file("empty", "");
  ByteSource source(file.path());
  CHECK(source.peek(1) == "");
  CHECK_FALSE(source.share_taken());  // of nothing there is no share
}

TEST_CASE("byte source: a followed file gives whole lines, and what came later") {
  const TemporaryFile file("a.txt", "one\ntwo and mo");
  ByteSource source(file.path(), Following::yes);
  CHECK(source.follows());
  CHECK(source.take_line()->text == "one");
  CHECK_FALSE(source.take_line());  // a begun line is none yet
  CHECK(source.change() == FileChange::none);
  std::ofstream(file.path(), std::ios::binary | std::ios::app) << "re\nthree\n";
  CHECK(source.change() == FileChange::grown);
  CHECK(source.take_line()->text == "two and more");
  CHECK(source.take_line()->text == "three");
  CHECK_FALSE(source.take_line());
  CHECK(source.lines() == 3);
}
