// What a reading took for what, and how well it gives a page or a document back.
#include <doctest/doctest.h>

#include <random>

#include "fovea/codec.h"
#include "fovea/measure.h"
#include "fovea/page.h"
#include "measure/accuracy.h"
#include "measure/document_fidelity.h"
#include "measure/fidelity.h"

using namespace fovea;

namespace {

std::string shown(std::string_view exact, std::string_view read) {
  std::string all;
  for (const Slip& slip : slips_between(exact, read))
    all.append("[").append(slip.exact).append(">").append(slip.read).append("]");
  return all;
}

std::string some_row(std::mt19937& random, std::size_t most) {
  const std::vector<std::string> letters = {"a", "b", "c", "é", "你", "😅", " "};
  std::string row;
  for (std::size_t left = random() % (most + 1); left > 0; --left)
    row += letters[random() % letters.size()];
  return row;
}

Page document(const std::string& text, const std::string& opening = "") {
  Page page;
  page.document.emplace().opening = opening;
  page.text = text;
  return page;
}

Fidelity of_document(const std::string& exact, const std::string& read) {
  return fidelity_of_document(document(exact), read);
}

}  // namespace

TEST_CASE("slips: characters, whole, that were read as others, left out or added") {
  CHECK(shown("same", "same") == "");
  CHECK(shown("heron", "hcron") == "[e>c]");
  CHECK(shown("heron", "hron") == "[e>]");
  CHECK(shown("heron", "herron") == "[>r]");
  CHECK(shown("é", "e") == "[é>e]");
  CHECK(shown("a你b", "ab") == "[你>]");
  CHECK(shown("", "ab") == "[>a][>b]");
  CHECK(shown("ab", "") == "[a>][b>]");
}

TEST_CASE("slips: they are as many as the edit distance, and lead from one to the other") {
  std::mt19937 random(31);
  for (int round = 0; round < 500; ++round) {
    const std::string exact = some_row(random, 30), read = some_row(random, 30);
    const auto slips = slips_between(exact, read);
    CHECK(slips.size() == edit_distance(characters_of(exact), characters_of(read)));
    std::string made;
    const char* at = exact.data();
    for (const Slip& slip : slips) {  // views stand where they belong, in order
      CHECK(slip.exact.data() >= at);
      made.append(at, slip.exact.data());
      made += slip.read;
      at = slip.exact.data() + slip.exact.size();
    }
    made.append(at, exact.data() + exact.size());
    CHECK(made == read);
  }
}

TEST_CASE("slips: rows with more characters than a table holds have none") {
  CHECK(slips_between(std::string(5000, 'a'), std::string(5000, 'b')).empty());
  CHECK(slips_between(std::string(4000, 'a'), std::string(4000, 'b')).size() == 4000);
}

TEST_CASE("document fidelity: Markdown's marks, tables' tags and white space do not count") {
  const std::string exact =
      "# Ships\n\nThe **heron** waits.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
  for (
      const std::string& read :
      {exact,
       std::string(
           "Ships\n\nThe heron   waits.\n\n* one\n* two\n\n<table><tr><td>a</td><td>b</td></tr><tr><td "
           "colspan=2>1</td><td>2</td></tr></table>\n")}) {
    const Fidelity fidelity = of_document(exact, read);
    CAPTURE(read);
    CHECK(fidelity.accuracy == 1);
    CHECK(fidelity.word_precision == 1);
  }
  CHECK(of_document(exact, exact).exact_rows == 1);
}

TEST_CASE("document fidelity: what is read otherwise costs by its characters, lines and words") {
  const std::string exact = "The heron waits.\n\nThe kestrel nests.\n";
  const Fidelity half = of_document(exact, "The heron waits.\n");
  CHECK(half.accuracy == doctest::Approx(16.0 / 35));
  CHECK(half.exact_rows == 0.5);
  CHECK(half.word_precision == 1);
  const Fidelity wrong = of_document(exact, "The heron waits.\n\nThe kestrel rests.\n");
  CHECK(wrong.accuracy == doctest::Approx(34.0 / 35));
  CHECK(wrong.exact_rows == 0.5);
  CHECK(wrong.word_precision == doctest::Approx(0.8));
  CHECK(of_document(exact, "").accuracy == 0);
  CHECK(of_document(exact, "").word_precision == 0);
  CHECK(of_document("", "").accuracy == 1);
  CHECK(of_document("", "").exact_rows == 1);
}

TEST_CASE("document fidelity: signs that look like tags are text") {
  for (const std::string text :
       {"a < b and c > d", "<b>bold</b>", "<tdx>", "< td>", "vector<int>"}) {
    CAPTURE(text);
    CHECK(of_document(text, text).accuracy == 1);
    CHECK(of_document(text, "").accuracy == 0);
  }
  CHECK(of_document("a b", "a<br>b").accuracy == 1);
  CHECK(of_document("a b", "a</td >b").accuracy == 1);
}

TEST_CASE("document fidelity: a page that begins inside a block is read as that block") {
  const Page page = document("int heron = *waits;\n```\nmore\n", "```\n");
  CHECK(fidelity_of(page, ReadPage{.rows = {}, .text = page.text}).accuracy == 1);
  CHECK(fidelity_of(page, ReadPage{.rows = {}, .text = "int heron = *waits;\n```\nmore\n"})
            .exact_rows == 1);
}

TEST_CASE("lost words: each once, in order, as it can be shown") {
  const auto lost =
      lost_words("The heron and the kestrel\x1b[31m wait, wait for 4711.", "the heron and");
  CHECK(lost == std::vector<std::string>{"The", "kestrel", "wait", "for", "4711"});
  CHECK(lost_words("", "anything").empty());
  CHECK(lost_words("same words", "words same").empty());
}

TEST_CASE("text tokens: more text costs no less, and joined texts about what they cost apart") {
  std::mt19937 random(32);
  for (int round = 0; round < 300; ++round) {
    const std::string a = some_row(random, 60), b = some_row(random, 60);
    const std::size_t of_a = count_text_tokens(a), of_b = count_text_tokens(b),
                      of_both = count_text_tokens(a + b);
    CHECK(of_both + 1 >= std::max(of_a, of_b));
    CHECK(of_both <= of_a + of_b + 1);
  }
  CHECK(count_text_tokens("") == 0);
  CHECK(count_text_tokens("\xff\xfe") > 0);
}
