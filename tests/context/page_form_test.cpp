#include "context/page_form.h"

#include <doctest/doctest.h>

#include "context/image_tokens.h"

using namespace fovea;

namespace {

PageForm form(const char* target, const PageMeasure& page) {
  static const Targets targets = Targets::read(FOVEA_SOURCE_DIR "/models/targets.json");
  return choose_form(*targets.find(target), page);
}

const PageMeasure kProse = {Density::d106, Level::small, 5618, 1250};
const PageMeasure kDense = {Density::d106, Level::tiny, 5618, 3000};

}  // namespace

TEST_CASE("page form: our own codec gets the page as it is remembered") {
  const PageForm page = form("fovea", kProse);
  CHECK_FALSE(page.as_text);
  CHECK(page.level == Level::small);
  CHECK(page.density == Density::d106);
  CHECK(page.tokens == 100);
}

TEST_CASE("page form: a picture that is no cheaper than its text is sent as text") {
  CHECK(form("fovea", {Density::d106, Level::base, 800, 256}).as_text);
  CHECK_FALSE(form("fovea", {Density::d106, Level::base, 800, 257}).as_text);
  CHECK(form("gpt-4o-mini", kDense).as_text);
  CHECK(form("anthropic", kProse).as_text);
  CHECK(form("text", kDense).as_text);
  CHECK(form("gemini-3-low", kDense).as_text);
}

TEST_CASE("page form: cells are large enough for a stock model, after what its provider shrinks") {
  // 1280 px are seen as 1092 px: 12 px cells as 10.2 px.
  const PageForm claude = form("anthropic", kDense);
  CHECK_FALSE(claude.as_text);
  CHECK(claude.density == Density::d106);
  CHECK(claude.level == Level::large);
  CHECK(claude.tokens == 39 * 39);
  // 640 px with 64 columns: cells of 10 x 20 px, one tile.
  const PageForm gemini = form("gemini-2", kProse);
  CHECK(gemini.density == Density::d64);
  CHECK(gemini.level == Level::small);
  CHECK(gemini.images == 3);
  CHECK(gemini.tokens == 3 * 258);
}

TEST_CASE("page form: no target that draws anew gets cells below its least, or a side too long") {
  const Targets targets = Targets::read(FOVEA_SOURCE_DIR "/models/targets.json");
  for (const char* name : {"deepseek-ocr", "gpt-4o", "gpt-5", "o3", "gpt-4.1-mini", "gpt-5.4",
                           "anthropic", "anthropic-high", "gemini-2", "gemini-3", "qwen2.5-vl",
                           "qwen3-vl", "grok"}) {
    const Target& target = *targets.find(name);
    for (const Density density : kDensities) {
      const PageForm page = choose_form(target, {density, Level::trace, 5000, 6000});
      if (page.as_text) continue;
      const int side = side_of(page.level);
      const double scale = see_image(target.count, side, side).scale * side / kCanvasSide;
      CAPTURE(name);
      CHECK(grid_of(page.density).cell_width * scale >= 10);
      CHECK(grid_of(page.density).cell_height * scale >= 16);
      CHECK(side <= target.limits.side);
      CHECK(page.tokens < 6000);
    }
  }
}

TEST_CASE("page form: a document stays one picture, as large as its letters need") {
  const PageForm page = form("deepseek-ocr", {Density::d106, Level::tiny, 3000, 700, 25});
  CHECK_FALSE(page.as_text);
  CHECK(page.level == Level::base);  // letters of 12 x 24 px; at 640 px they would be 7.5 wide
  CHECK(page.images == 1);
  CHECK(page.tokens == 273);
  CHECK(form("anthropic", {Density::d106, Level::tiny, 3000, 700, 25}).as_text);
  CHECK(form("deepseek-ocr", {Density::d106, Level::large, 11000, 2500, 14}).as_text);
}
