// Pages of tests/golden/pages/page.txt, which the training side draws too (tests/python/
// test_golden_pages.py): both must give these pixels. FOVEA_WRITE_GOLDEN=1 makes the pictures anew.

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "fovea/renderer.h"
#include "tests/renderer/fixture.h"

using namespace fovea;

TEST_CASE("golden pages: the renderer's pixels are those that training draws") {
  const std::string folder = FOVEA_SOURCE_DIR "/tests/golden/pages/";
  std::ifstream file(folder + "page.txt", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  struct Picture {
    Density density;
    Level level;
    const char* name;
  };
  for (const Picture& picture : {Picture{Density::d64, Level::small, "64_small.png"},
                                 Picture{Density::d80, Level::trace, "80_trace.png"},
                                 Picture{Density::d106, Level::tiny, "106_tiny.png"},
                                 Picture{Density::d128, Level::base, "128_base.png"},
                                 Picture{Density::d160, Level::faint, "160_faint.png"}}) {
    const Page page = shared_renderer().render(text, picture.density, picture.level).front();
    CHECK(page.report.outside_atlas + page.report.no_glyph == 0);
    if (std::getenv("FOVEA_WRITE_GOLDEN")) {
      const int side = side_of(picture.level);
      write_png(folder + picture.name, page.pixels, side, side);
    }
    CHECK((page.pixels == read_page_png(folder + picture.name, picture.density).pixels));
  }
}
