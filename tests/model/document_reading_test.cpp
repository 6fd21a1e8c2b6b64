// Weights and expected ids: tests/golden/mini_a, see the README there. Its tiny case asks what a
// page is asked: "Free OCR.".
#include <doctest/doctest.h>

#include "fovea/codec.h"
#include "fovea/error.h"
#include "fovea/renderer.h"
#include "tests/model/mini_checkpoint.h"

namespace {

using namespace fovea;

/// 84 tokens of prompt and picture, and 24 of the answer.
MiniFiles short_context() {
  return MiniFiles({{"language_config", {{"max_position_embeddings", 108}}}}, "document_reading");
}

Page golden_page() {
  Page page = read_page_png(kMini + "images/page_tiny_512.png", Density::d106);
  page.document.emplace();
  return page;
}

TEST_CASE("codec: a checkpoint of documents reads a page as the official code does") {
  const MiniFiles files = short_context();
  const Codec codec(files.folder(), {.precision = Precision::fp32});
  CHECK(codec.layout() == Layout::document);
  CHECK(codec.densities().empty());
  const auto tokens = codec.encode(std::vector{golden_page()});
  CHECK(tokens[0].layout == Layout::document);
  CHECK(tokens[0].row_lengths.empty());
  const ReadPage page = codec.decode(tokens).front();
  // Vision tokens of 8 bits lead random weights another way after a dozen tokens.
  CHECK(page.text.starts_with(golden_answer("tiny").substr(0, 16)));
  CHECK_FALSE(page.complete);  // random weights come to no end
  CHECK(page.rows.empty());
  CHECK(page.confidence > 0);
  CHECK(page.confidence < 1);
}

TEST_CASE("codec: documents have no quick look, and are embedded by their text") {
  const MiniFiles files = short_context();
  const Codec codec(files.folder(), {.precision = Precision::fp32});
  const auto tokens = codec.encode(std::vector{golden_page()});
  CHECK_THROWS_WITH_AS(codec.glance(tokens), doctest::Contains("decode the page"), Error);
  CHECK_THROWS_AS(codec.embed(tokens[0]), Error);
  CHECK(codec.embed("a text").size() == 64);
}

TEST_CASE("codec: without a tokenizer a document cannot be read back") {
  const Codec codec(kMini, {.precision = Precision::fp32});
  const auto tokens = codec.encode(std::vector{golden_page()});
  CHECK_THROWS_WITH_AS(codec.decode(tokens), doctest::Contains("tokenizer.json does not exist"),
                       Error);
}

}  // namespace
