#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "fovea/error.h"
#include "fovea/renderer.h"
#include "renderer/png_file.h"
#include "tests/renderer/fixture.h"

using namespace fovea;

namespace {

/// A checkpoint folder whose config.json was changed by `spoil`.
struct SpoiltFolder : TemporaryFolder {
  explicit SpoiltFolder(const std::function<void(nlohmann::json&)>& spoil) {
    std::filesystem::copy(kAtlasFolder + "/atlas.png", path);
    nlohmann::json config = nlohmann::json::parse(std::ifstream(kAtlasFolder + "/config.json"));
    spoil(config);
    std::ofstream(path / "config.json") << config;
  }
};

ErrorCode code_of_loading(const std::string& folder, const std::string& named_file) {
  try {
    Renderer renderer(folder);
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find(named_file) != std::string::npos);
    return error.code();
  }
  return ErrorCode::unsupported;
}

}  // namespace

TEST_CASE("atlas: its characters are narrow and wide ones, newline and tab first") {
  const Renderer& renderer = shared_renderer();
  CHECK(renderer.narrow_characters().size() == 1022);
  CHECK(renderer.narrow_characters().starts_with(U"\n\t!\"#$%&'()"));
  CHECK(renderer.wide_characters().size() == 138);
  CHECK(renderer.narrow_characters().find(U' ') == std::u32string::npos);
}

TEST_CASE("atlas: no two characters look alike") {
  const std::u32string& narrow = shared_renderer().narrow_characters();
  const GrayPicture picture = read_gray_png(kAtlasFolder + "/atlas.png", [](Size) {});
  std::set<std::string> bitmaps;
  for (std::size_t k = 0; k < narrow.size(); ++k) {
    std::string bitmap;
    for (std::size_t y = k / 64 * 40; y < k / 64 * 40 + 40; ++y) {
      const auto row = picture.pixels.begin() + std::ptrdiff_t(y * 1280 + k % 64 * 20);
      bitmap.append(row, row + 20);
    }
    bitmaps.insert(bitmap);
  }
  CHECK(bitmaps.size() == narrow.size());
}

TEST_CASE("atlas: a page shows the bitmaps of atlas.png") {
  const std::u32string& narrow = shared_renderer().narrow_characters();
  REQUIRE(narrow.substr(2, 62) ==
          U"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^");
  std::string first_row;
  for (char32_t character : narrow.substr(0, 64)) first_row += static_cast<char>(character);
  const Page page = shared_renderer().render(first_row, Density::d64, Level::large).front();
  const GrayPicture picture = read_gray_png(kAtlasFolder + "/atlas.png", [](Size) {});
  CHECK(std::equal(page.pixels.begin(), page.pixels.begin() + 40 * 1280, picture.pixels.begin()));
}

TEST_CASE("atlas: a checkpoint without it, or with a damaged one, is refused by file name") {
  CHECK(code_of_loading("/nonexistent", "/nonexistent/config.json") == ErrorCode::not_found);
  {
    SpoiltFolder folder([](auto& config) { config.erase("atlas"); });
    CHECK(code_of_loading(folder.path, "config.json") == ErrorCode::corruption);
  }
  {
    SpoiltFolder folder([](auto& config) { config["atlas"]["narrow"] = "abc"; });
    CHECK(code_of_loading(folder.path, "config.json") == ErrorCode::corruption);
  }
  {
    SpoiltFolder folder([](auto& config) { config["atlas"]["wide"] = "✅✅"; });
    CHECK(code_of_loading(folder.path, "config.json") == ErrorCode::corruption);
  }
  {
    SpoiltFolder folder([](auto& config) { config["atlas"]["wide"] = "x"; });
    CHECK(code_of_loading(folder.path, "config.json") == ErrorCode::corruption);
  }
  {
    SpoiltFolder folder([](auto& config) { config["atlas"]["cell"] = {10, 20}; });
    CHECK(code_of_loading(folder.path, "config.json") == ErrorCode::corruption);
  }
  {
    SpoiltFolder folder([](auto& config) { config["atlas"]["wide"] = "✅"; });
    CHECK(code_of_loading(folder.path, "atlas.png") == ErrorCode::corruption);
  }
  {
    SpoiltFolder folder([](auto&) {});
    std::filesystem::remove(folder.path / "atlas.png");
    CHECK(code_of_loading(folder.path, "atlas.png") == ErrorCode::not_found);
  }
}

TEST_CASE("atlas: a letter and a mark that it has are laid out a cell each, as the shipped one's are not") {
  const SpoiltFolder folder([](nlohmann::json& config) {
    std::string narrow = config["atlas"]["narrow"];
    const std::size_t at = narrow.find("Ⅴ");
    config["atlas"]["narrow"] = narrow.replace(at, std::string("Ⅴ").size(), "\u0301");
  });
  const Renderer renderer(folder.path.string());
  const std::string text = "cafe\u0301 e\u0302";
  Page page = renderer.lay_out(text, Density::d64);
  CHECK(page.cells.size() == 7);  // the circumflex is not of the atlas
  CHECK(text_of(page) == text);
  renderer.draw(page);
  CHECK(page.report.outside_atlas + page.report.no_glyph == 1);
  CHECK(shared_renderer().lay_out(text, Density::d64).cells.size() == 6);
  CHECK(renderer.lay_out_clusters(text, Density::d64).cells.size() == 6);
}

TEST_CASE("atlas: text that filled a page of clusters does so again, with marks in the atlas or not") {
  const SpoiltFolder folder([](nlohmann::json& config) {
    std::string narrow = config["atlas"]["narrow"];
    const std::size_t at = narrow.find("Ⅴ");
    config["atlas"]["narrow"] = narrow.replace(at, std::string("Ⅴ").size(), "\u0301");
  });
  const Renderer renderer(folder.path.string());
  std::string text;
  for (int i = 0; i < 64 * 32; ++i) text += "e\u0301";
  CHECK(renderer.lay_out(text, Density::d64).text.size() < text.size());
  Page page = renderer.lay_out_clusters(text, Density::d64);
  CHECK(page.text == text);
  renderer.draw(page);
  CHECK(page.report.outside_atlas + page.report.no_glyph == 64 * 32);
}
