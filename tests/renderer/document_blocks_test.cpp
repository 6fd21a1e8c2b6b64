#include "renderer/document_blocks.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace fovea;

namespace {

std::vector<DocumentBlock> blocks(const std::string& text, const std::string& opening = "") {
  return document_blocks(text, opening);
}

std::string only_text(const std::string& text) {
  const auto found = blocks(text);
  REQUIRE(found.size() == 1);
  return found[0].text.text();
}

TEST_CASE("document: Markdown becomes headings, items, code and tables") {
  const auto found = blocks(
      "# Title\n\nSome *words*.\n\n1. one\n2. two\n   - [x] done\n\n> said\n\n```sh\nls  -l\n```\n\n"
      "| a | b |\n|--:|---|\n| 1 | 2 |\n\n***\n");
  REQUIRE(found.size() == 9);
  CHECK(found[0].kind == BlockKind::heading);
  CHECK(found[0].heading == 1);
  CHECK(found[1].text.text() == "Some words.");
  REQUIRE(found[1].text.styles().size() == 1);
  CHECK(found[1].text.styles()[0].style == kItalic);
  CHECK(found[2].mark == "1.");
  CHECK(found[3].mark == "2.");
  CHECK(found[4].mark == "[x]");
  CHECK(found[4].items == 2);
  CHECK(found[5].quotes == 1);
  CHECK(found[6].kind == BlockKind::code);
  CHECK(found[6].text.text() == "ls  -l");
  CHECK(found[7].kind == BlockKind::table);
  CHECK(found[7].columns == std::vector{ColumnAlign::right, ColumnAlign::left});
  CHECK(found[7].rows.at(1).cells.at(1).text() == "2");
  CHECK(found[8].kind == BlockKind::rule);
}

TEST_CASE("document: a tool's input and output stay as they are, between lines that name a role") {
  const auto found = blocks(
      "user:\nplease *list*\n\ntool call bash:\ncommand: ls *.py\n\ntool result bash (failed):\n"
      "# no heading\n  a_b_c\n\nuser: within a line\n\nassistant:\nDone.\n");
  REQUIRE(found.size() == 8);
  CHECK(found[0].kind == BlockKind::role);
  CHECK(found[0].text.text() == "user:");
  CHECK(found[1].text.text() == "please list");
  CHECK(found[3].kind == BlockKind::tool);
  CHECK(found[3].text.text() == "command: ls *.py");
  CHECK(found[5].text.text() == "# no heading\n  a_b_c\n\nuser: within a line");
  CHECK(found[6].text.text() == "assistant:");
  CHECK(found[7].kind == BlockKind::paragraph);
}

TEST_CASE("document: line breaks stay, with their indent, unless the text was broken to a width") {
  CHECK(only_text("one=1\n  two=2\nthree=3\n") == "one=1\n  two=2\nthree=3");
  CHECK(only_text("The lamp was lit before the ships came in, and the\n"
                  "keeper wrote their names into his book, one after\n"
                  "the other.\n") ==
        "The lamp was lit before the ships came in, and the keeper wrote their names into his book, "
        "one after the other.");
}

// md4c takes such a line for a link's definition and tells nothing of it.
TEST_CASE("document: a line that looks like a link's definition is shown") {
  CHECK(only_text("[INFO]: started\n[WARN]: slow\n") == "[INFO]: started\n[WARN]: slow");
}

TEST_CASE("document: links show their address, HTML and entities are text") {
  CHECK(only_text("see [the book](http://a.b/c) & <http://d.e>") ==
        "see the book (http://a.b/c) & http://d.e");
  CHECK(only_text("<b>bold</b> &amp; so on") == "<b>bold</b> &amp; so on");
}

TEST_CASE("document: a link may begin a list's item and go over a line's end") {
  CHECK(only_text("- [book](http://a.b)") == "book (http://a.b)");
  CHECK(blocks("Long words before the list.\n\n- [b](http://a.b)\n- ![](c.png)").size() == 3);
  CHECK(only_text("words before [the\nbook](http://a.b)") == "words before the\nbook (http://a.b)");
}

TEST_CASE("document: bytes that are no text are written out") {
  const auto found = blocks("a\tb \xFF \x1B[0m \0 end");
  CHECK(blocks(std::string("a \xFF \x1B[0m \0 end", 14)).at(0).text.text() ==
        "a \\xFF \\x1B[0m \\x00 end");
  CHECK(found.at(0).text.invalid_bytes() == 1);
}

TEST_CASE("document: line ends that are left out take their style along") {
  const DocumentText text = blocks("ls\n\n", std::string(kToolOpening)).at(0).text;
  CHECK(text.text() == "ls");
  REQUIRE(text.styles().size() == 1);
  CHECK(text.styles()[0].end == 2);
  CHECK(text.styles()[0].style == kMono);
}

TEST_CASE("document: a carriage return ends a line, as it does for Markdown") {
  CHECK(only_text("[a]: b\r[c]: d") == "[a]: b\n[c]: d");
  const auto found = blocks("x\r``` sh\ry\rz\r```\r");
  REQUIRE(found.size() == 2);
  CHECK(found[1].begin == 2);
  CHECK(found[1].opening == "```\n");
  CHECK(found[1].text.text() == "y\nz");
  CHECK(blocks("x\r\n```\r\ny\r\nz\r\n```\r\n")[1].begin == 3);
}

TEST_CASE("document: text of an opening stands nowhere in the source") {
  const auto found = blocks("[a](b\\*c)", "an opening of no block, ");
  REQUIRE(found.size() == 1);
  const DocumentText& text = found[0].text;
  CHECK(text.text() == "an opening of no block, a (b*c)");
  CHECK(text.source_of(0) == 0);
  CHECK(text.source_of(24) == 1);
  CHECK(text.source_of(30) == 2);
}

TEST_CASE("document: every letter knows where in the source it stands") {
  const std::string source =
      "user:\nA *b* [c](http://d) `e`\nf\n\n- g\n  - h\n\n| i | j |\n|---|---|\n| k | \xFF l |\n\n"
      "```\n  m\n\n n\n```\n\ntool result x:\n\to p\r\n";
  const auto check = [&](const DocumentText& text) {
    for (std::size_t at = 0; at < text.text().size(); ++at) {
      const char letter = text.text()[at];
      if (letter >= 'a' && letter <= 'p' && text.text().substr(0, at).find("\\x") == std::string::npos)
        CHECK(source.at(text.source_of(at)) == letter);
    }
  };
  for (const DocumentBlock& block : blocks(source)) {
    check(block.text);
    for (const auto& row : block.rows)
      for (const DocumentText& cell : row.cells) check(cell);
  }
}

TEST_CASE("document: what is open inside a block can be put before its rest") {
  const auto code = blocks("> ````py\n> a\n> b\n> ````\n").at(0);
  CHECK(code.begin == 0);
  CHECK(code.opening == "> ````\n");
  const auto rest = blocks("> b\n> ````\n\nafter *it*\n", code.opening);
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].text.text() == "b");
  CHECK(rest[1].text.text() == "after it");

  const auto table = blocks("x\n\n| a | b |\n|:-:|---|\n| 1 | 2 |\n").at(1);
  CHECK(table.begin == 3);
  CHECK(table.opening == "| | |\n|:-:|---|\n");
  const auto rows = blocks("| 3 | 4 |\n\nafter\n", table.opening);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].rows.at(1).cells.at(0).text() == "3");
  CHECK(blocks("\nno more rows\n", table.opening).size() == 1);

  CHECK(blocks("*.py\n\nuser:\n*hi*\n", std::string(kToolOpening)).at(0).text.text() == "*.py");
}

}  // namespace
