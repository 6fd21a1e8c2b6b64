#include <doctest/doctest.h>

#include "fovea/error.h"
#include "fovea/grounding.h"
#include "fovea/ocr.h"

namespace {

using namespace fovea;

TEST_CASE("ocr prompt: names stand for the prompts that the model's authors publish") {
  CHECK(ocr_prompt("document") == "<image>\n<|grounding|>Convert the document to markdown.");
  CHECK(ocr_prompt("ocr") == "<image>\n<|grounding|>OCR this image.");
  CHECK(ocr_prompt("free") == "<image>\nFree OCR.");
  CHECK(ocr_prompt("figure") == "<image>\nParse the figure.");
  CHECK(ocr_prompt("describe") == "<image>\nDescribe this image in detail.");
  CHECK(ocr_prompt("locate: the total") ==
        "<image>\nLocate <|ref|>the total<|/ref|> in the image.");
}

TEST_CASE("ocr prompt: other texts come after the picture") {
  CHECK(ocr_prompt(" What is this? ") == "<image>\nWhat is this?");
  CHECK(ocr_prompt("Page one: <image>\nParse it.") == "Page one: <image>\nParse it.");
  CHECK(ocr_prompt(ocr_prompt("free")) == ocr_prompt("free"));
}

TEST_CASE("ocr prompt: a misspelt name is not asked of the model") {
  CHECK_THROWS_WITH_AS(ocr_prompt("documnet"), doctest::Contains("expected document, ocr"), Error);
  CHECK_THROWS_AS(ocr_prompt(""), Error);
  CHECK_THROWS_AS(ocr_prompt("locate:  "), Error);
  CHECK_THROWS_AS(ocr_prompt("<image> and <image>"), Error);
}

TEST_CASE("ocr prompt: it tells what the answer's labels are") {
  CHECK(labels_of(ocr_prompt("document")) == Labels::kinds);
  CHECK(labels_of(ocr_prompt("ocr")) == Labels::words);
  CHECK(labels_of(ocr_prompt("locate: x")) == Labels::places);
}

TEST_CASE("ocr mode: names there and back") {
  for (const OcrMode mode : {OcrMode::tiny, OcrMode::small, OcrMode::base, OcrMode::large,
                             OcrMode::gundam})
    CHECK(ocr_mode_from_name(name_of(mode)) == mode);
  CHECK_THROWS_WITH_AS(ocr_mode_from_name("gundam-m"), doctest::Contains("expected tiny"), Error);
}

}  // namespace
