// What verbs answer, as JSON and in lines: compact, ocr, and what the report's page is given.
#include <doctest/doctest.h>

#include "memctl/compact_report.h"
#include "memctl/ocr_answer.h"
#include "memctl/report/documents.h"
#include "tests/memory/store_fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::contains;
using fovea::test::error_of;

namespace {

CompactResult a_result() {
  CompactResult result;
  result.pages = 3;
  result.characters = 16854;
  result.text_tokens = 4000;
  result.vision_tokens = 320;
  result.text_bytes = 17000;
  result.token_bytes = 12345;
  result.levels = {{Level::base, {1, 256, 0.9987}}, {Level::tiny, {2, 64, std::nullopt}}};
  result.verbatim_characters = 1;
  return result;
}

std::string range_error(const std::string& range, int count) {
  const auto error = error_of([&] { pages_of(range, count, "scan.pdf"); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::invalid_argument);
  return error->what();
}

const std::string kPrompt = "<image>\n<|grounding|>Convert the document to markdown.";
const Picture kPicture{.width = 1000, .height = 500, .rgb = {}};
const std::string kAnswer =
    "<|ref|>title<|/ref|><|det|>[[0, 0, 999, 99]]<|/det|>\n# Lamps\n\n"
    "<|ref|>image<|/ref|><|det|>[[100, 100, 500, 500]]<|/det|>\n\nbelow";

}  // namespace

TEST_CASE("compact: the result for people has what was saved, by level") {
  CHECK(compact_text(a_result(), 12.34) ==
        "3 pages from 16,854 characters in 12.3 s\n"
        "  as text   4,000 tokens (estimated)\n"
        "  as pages  320 vision tokens, 12.5 times fewer\n"
        "  on disk   12,345 bytes of vision tokens for 17,000 bytes of text\n"
        "  base: 1 page, 256 vision tokens, read back 99.87 %\n"
        "  tiny: 2 pages, 64 vision tokens\n"
        "  1 character not on a page yet, kept as text\n");
}

TEST_CASE("compact: where no page was filled nothing is compared") {
  CompactResult result;
  result.verbatim_characters = 1200;
  CHECK(compact_text(result, 0) ==
        "0 pages from 0 characters in 0.0 s\n"
        "  1,200 characters not on a page yet, kept as text\n");
  const Json document = compact_document(result, {}, 0);
  CHECK(document["compression"] == 0);
  CHECK(document["levels"] == Json::object());
}

TEST_CASE("compact: what is known, erased, secret or unreadable is said, each with its reason") {
  CompactResult result = a_result();
  result.skipped_messages = 5;
  result.erased_messages = 2;
  result.kept_exact = 1;
  result.secrets = {{"GitHub token", 2}, {"private key", 1}};
  const std::string text = compact_text(result, 1);
  CHECK(contains(text,
                 "  1 page with text that cannot be read back; it is kept beside the tokens\n"));
  CHECK(contains(text, "  not kept: 2 GitHub token, 1 private key (--keep-secrets keeps them)\n"));
  CHECK(contains(text, "  3 messages already known\n"));
  CHECK(
      contains(text, "  2 messages kept out as erased before (--restore adds what was erased)\n"));
  result.skipped_messages = 2;
  CHECK_FALSE(contains(compact_text(result, 1), "already known"));
}

TEST_CASE("compact: the result for programs has all of it, unmeasured fidelity as null") {
  CompactResult result = a_result();
  result.outside_alphabet = {{"Hangul", 3}};
  result.stopped = true;
  const Json document = compact_document(
      result, {.messages = 9, .broken = 2, .formats = {{"openai", 1}}, .left_out = {}}, 1.5);
  CHECK(document["compression"] == 12.5);
  CHECK(document["levels"]["base"]["fidelity"] == 0.9987);
  CHECK(document["levels"]["tiny"]["fidelity"].is_null());
  CHECK(document["levels"]["tiny"]["pages"] == 2);
  CHECK(document["outside_alphabet"]["Hangul"] == 3);
  CHECK(document["messages"] == 9);
  CHECK(document["broken_lines"] == 2);
  CHECK(document["formats"]["openai"] == 1);
  CHECK(document["seconds"] == 1.5);
  CHECK(document["stopped"] == true);
}

TEST_CASE("ocr pages: single ones, ranges and open ends, in order and each once") {
  using Pages = std::vector<int>;
  CHECK(pages_of("2", 5, "scan.pdf") == Pages{2});
  CHECK(pages_of("1-3", 5, "scan.pdf") == Pages{1, 2, 3});
  CHECK(pages_of("4-", 5, "scan.pdf") == Pages{4, 5});
  CHECK(pages_of("5-", 5, "scan.pdf") == Pages{5});
  CHECK(pages_of("3,1-2,2", 5, "scan.pdf") == Pages{1, 2, 3});
}

TEST_CASE("ocr pages: what is no range is shown, and a page beyond the last one is named") {
  for (const char* wrong : {"", ",", "0", "-3", "3-1", "1,", "a", "1-b", "1--2", " 1", "1 - 2",
                            "1.5", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK(range_error(wrong, 5) ==
          "--pages " + std::string(wrong) + ": expected pages such as 2, 1-3, 4- or 1-3,7");
  }
  CHECK(range_error("6", 5) == "scan.pdf has no page 6; its last is page 5");
  CHECK(range_error("2-2000000000", 5) == "scan.pdf has no page 2000000000; its last is page 5");
  CHECK(range_error("6-", 5) == "scan.pdf has no page 6; its last is page 5");
}

TEST_CASE("ocr: pages of a PDF are named by number, files with boxes one by one") {
  CHECK(page_name({"photo.jpg", 1, false}) == "photo.jpg");
  CHECK(page_name({"scan.pdf", 2, true}) == "scan.pdf page 2");
  CHECK(boxes_file("boxes.png", 0, 1) == "boxes.png");
  CHECK(boxes_file("boxes.png", 6, 9) == "boxes-7.png");
  CHECK(boxes_file("out.d/boxes", 0, 2) == "out.d/boxes-1");
  CHECK(boxes_file("/tmp/a.b.png", 1, 2) == "/tmp/a.b-2.png");
}

TEST_CASE("ocr: an answer has its text, its regions in pixels, and links to its pictures") {
  const OcrPage answer{.answer = kAnswer,
                       .end = OcrEnd::by_model,
                       .columns = 2,
                       .rows = 3,
                       .vision_tokens = 273,
                       .tokens = 40};
  const Json document = document_of(answer, kPrompt, kPicture, {"my scan(1).pdf", 2, true});
  CHECK(document["width"] == 1000);
  CHECK(document["tiles"] == Json({2, 3}));
  CHECK(document["complete"] == true);
  CHECK(document["answer"] == kAnswer);
  REQUIRE(document["regions"].size() == 2);
  CHECK(document["regions"][0]["label"] == "title");
  CHECK(document["regions"][0]["text"] == "# Lamps");
  CHECK(document["regions"][0]["boxes"] == Json::parse("[[0, 0, 1000, 49]]"));
  CHECK_FALSE(contains(document["text"], "![]"));
  CHECK(contains(document["markdown"], "![](<my scan(1).pdf#page=2&xywh=100,50,400,200>)"));
  const Json photo = document_of(answer, kPrompt, kPicture, {"a.jpg"});
  CHECK(contains(photo["markdown"], "![](a.jpg#xywh=100,50,400,200)"));
}

TEST_CASE("report: pages, messages and events are what the page's script asks for") {
  PageInfo page{.id = 7, .level = Level::tiny, .pinned = true, .fidelity = 0.5, .messages = 2};
  const Json shown = report_document(page, "The keeper");
  CHECK(shown["id"] == 7);
  CHECK(shown["level"] == "tiny");
  CHECK(shown["layout"] == "cells");
  CHECK(shown["pinned"] == true);
  CHECK(shown["fidelity"] == 0.5);
  CHECK(shown["begins"] == "The keeper");
  page.fidelity.reset();
  CHECK(report_document(page, "")["fidelity"].is_null());
  const Json said = report_document(
      MessageInfo{.role = "user", .time = 5, .source_id = "m1", .pages = {1, 2}, .begins = "x"});
  CHECK(said == Json::parse(R"({"role": "user", "time": 5, "source": "m1", "pages": [1, 2],
                                "begins": "x"})"));
  const Json happened = report_document(HistoryEntry{
      .time = 9, .event = HistoryEvent::fade, .page = 7, .from = Level::base, .reason = "by age"});
  CHECK(happened["event"] == "fade");
  CHECK(happened["from"] == "base");
  CHECK(happened["to"].is_null());  // gone
  CHECK(happened["fidelity"].is_null());
}

TEST_CASE("report: figures have their levels in order, kept bytes are anchors and corrections") {
  Stats stats;
  stats.pages = 3;
  stats.anchor_bytes = 10;
  stats.correction_bytes = 5;
  stats.levels = {{Level::tiny, {2, 128, 0.75}}, {Level::large, {1, 400, std::nullopt}}};
  const Json shown = report_document(stats);
  CHECK(shown["kept_bytes"] == 15);
  REQUIRE(shown["levels"].size() == 2);
  CHECK(shown["levels"][0]["level"] == "large");
  CHECK(shown["levels"][0]["fidelity"].is_null());
  CHECK(shown["levels"][1]["vision_tokens"] == 128);
}

TEST_CASE("report: a plan names each step with the words it would lose, and what would expire") {
  AgeResult plan;
  plan.steps = {{.id = 1,
                 .from = Level::base,
                 .to = Level::tiny,
                 .tokens_saved = 192,
                 .fidelity = 0.99,
                 .reason = "by age"},
                {.id = 2, .from = Level::trace, .to = std::nullopt, .tokens_saved = 16}};
  plan.lost_words[1] = {"keeper", "<b>"};
  plan.refused = {{3, "pinned"}};
  plan.archives = {1};
  plan.vision_tokens = 64;
  Json shown = report_document(plan);
  CHECK(shown["steps"][0]["lost_words"] == Json({"keeper", "<b>"}));
  CHECK(shown["steps"][0]["fidelity"] == 0.99);
  CHECK(shown["steps"][1]["to"].is_null());
  CHECK(shown["steps"][1]["lost_words"] == Json::array());
  CHECK(shown["refused"][0]["reason"] == "pinned");
  CHECK(shown["archives"] == Json({1}));
  CHECK(shown["expired_pages"] == Json::array());
  CHECK(shown["expired_messages"] == 0);
  plan.expired.emplace();
  plan.expired->pages = {4};
  plan.expired->messages = 6;
  shown = report_document(plan);
  CHECK(shown["expired_pages"] == Json({4}));
  CHECK(shown["expired_messages"] == 6);
}

TEST_CASE("report: a recalled text comes in its stretches, which together are the text") {
  Recalled item;
  item.source = RecalledFrom::corrected;
  item.text = "the 1amp";
  item.complete = false;
  item.spans = {{0, 4, Origin::decoded, 0.25F}, {4, 4, Origin::anchor, 1}};
  const Json shown = report_document(item);
  CHECK(shown["source"] == name_of(RecalledFrom::corrected));
  CHECK(shown["complete"] == false);
  CHECK(shown["parts"] == Json::parse(R"([["the ", "decoded", 0.25], ["1amp", "anchor", 1.0]])"));
  item.spans.clear();
  CHECK(report_document(item)["parts"] == Json::array());
}
