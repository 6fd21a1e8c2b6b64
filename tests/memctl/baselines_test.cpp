#include "memctl/experiment/baselines.h"

#include <doctest/doctest.h>

#include "fovea/measure.h"
#include "memctl/experiment/sentences.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

const std::string kPage =
    "The harbour was quiet that night. The keeper lit the lamp in the harbour tower.\n"
    "Invoice 88213 came from Tromso. The keeper of the harbour wrote it into the book.\n"
    "Nothing else came to the harbour, and the keeper slept.\n";

std::string kept(Baseline baseline, std::size_t budget, const std::string& page = kPage) {
  return kept_by(baseline, page, budget, TokenFrequencies(page));
}

}  // namespace

TEST_CASE("baselines: each keeps within the budget, and all where all fits") {
  for (const Baseline baseline : kBaselines) {
    for (const std::size_t budget : {0, 1, 5, 16, 30})
      CHECK(count_text_tokens(kept(baseline, budget)) <= budget);
    CHECK(kept(baseline, 1000) == kPage);
    CHECK(kept(baseline, 5, "") == "");
  }
}

TEST_CASE("baselines: truncation keeps the beginning, newest the end") {
  const std::string first = kept(Baseline::truncation, 16), last = kept(Baseline::newest, 16);
  CHECK(first.size() > 40);
  CHECK(kPage.starts_with(first));
  CHECK(last.size() > 40);
  CHECK(kPage.ends_with(last));
}

TEST_CASE("baselines: sentences are whole, in their order, and those nearest to the others") {
  const std::string extract = kept(Baseline::sentences, 34);
  CHECK(extract.find("keeper") != std::string::npos);
  CHECK(extract.find("Invoice") == std::string::npos);
  CHECK((extract.ends_with(".\n") || extract.ends_with(". ")));
}

TEST_CASE("baselines: BM25 keeps whole sentences with the words that are the page's own") {
  std::string text = kPage;
  for (int i = 0; i < 20; ++i) text += "The keeper of the harbour lit the lamp that night. ";
  const std::string extract = kept_by(Baseline::bm25, kPage, 20, TokenFrequencies(text));
  CHECK(extract.find("Invoice 88213") != std::string::npos);
  CHECK(extract.find("lamp") == std::string::npos);
}

TEST_CASE("sentences: BM25 prefers rare words of the query, and short sentences") {
  const auto scores =
      bm25_scores({"a lamp", "a lamp and a boat and a bell", "a boat", "a"}, {"lamp"});
  CHECK(scores[0] > scores[1]);
  CHECK(scores[1] > 0);
  CHECK(scores[2] == 0);
  CHECK(bm25_scores({}, {"lamp"}).empty());
  CHECK(bm25_scores({"", "?"}, {"lamp"}) == std::vector<double>{0, 0});
}

TEST_CASE("baselines: a sentence longer than the budget is cut, so that something is kept") {
  const std::string page = "one two three four five six seven eight nine ten eleven twelve";
  CHECK(page.starts_with(kept(Baseline::sentences, 4, page)));
  CHECK_FALSE(kept(Baseline::sentences, 4, page).empty());
}

TEST_CASE("baselines: dropping keeps the rare words of the whole text, in their order") {
  std::string text = kPage;
  for (int i = 0; i < 20; ++i) text += "The keeper lit the lamp in the harbour tower. ";
  const std::string few = kept_by(Baseline::dropping, kPage, 12, TokenFrequencies(text));
  CHECK(few.find("88213") != std::string::npos);
  CHECK(few.find("keeper") == std::string::npos);
  CHECK(few.find("Invoice") < few.find("Tromso"));
}

TEST_CASE("baselines: any bytes are a page") {
  const std::string page =
      "\xFF\xFE" + std::string(300, '\0') + "。。\u0301é" + std::string(400, 'x');
  for (const Baseline baseline : kBaselines)
    CHECK(count_text_tokens(kept(baseline, 20, page)) <= 20);
}
