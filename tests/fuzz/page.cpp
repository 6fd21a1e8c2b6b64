// Text of any bytes: the pages that it is drawn on hold all of it, in order.
#include "fovea/renderer.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Renderer renderer(FOVEA_SOURCE_DIR "/tests/golden/atlas");
  if (size < 1) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const Density density = kDensities[data[0] % kDensities.size()];
  std::string held;
  while (held.size() < text.size()) {
    Page page = renderer.lay_out(text.substr(held.size()), density);
    fuzz::expect(!page.text.empty(), "a page holds some of the text");
    std::size_t end = 0;
    for (const Cell& cell : page.cells) {
      fuzz::expect(cell.begin == end, "cells follow one another");
      end = cell.begin + cell.length;
    }
    fuzz::expect(end == page.text.size(), "all of a page's text stands in its cells");
    if (held.empty()) renderer.draw(page);
    held += page.text;
  }
  fuzz::expect(held == text, "pages hold all of the text");
  return 0;
}
