// fovea_atlas --out DIR: draws the glyph atlas and writes DIR/atlas.png and DIR/atlas.json, the
// "atlas" object of a checkpoint's config.json.

#include <utf8proc.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "fovea/error.h"
#include "fovea/renderer.h"
#include "renderer/atlas_layout.h"
#include "renderer/atlas_maker.h"

namespace {

std::string utf8(std::u32string_view characters) {
  std::string text;
  for (char32_t character : characters) {
    std::array<utf8proc_uint8_t, 4> bytes;
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes.data());
    text.append(bytes.begin(), bytes.begin() + size);
  }
  return text;
}

void write(const fovea::AtlasPicture& atlas, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  fovea::write_png(folder / "atlas.png", atlas.pixels, fovea::kAtlasWidth, atlas.height);
  nlohmann::ordered_json json = {{"font", atlas.font},
                                 {"cell", {fovea::kAtlasCellWidth, fovea::kAtlasCellHeight}},
                                 {"narrow", utf8(atlas.narrow)},
                                 {"wide", utf8(atlas.wide)},
                                 {"groups", atlas.groups}};
  std::ofstream(folder / "atlas.json") << json.dump(2) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--out") {
    std::fprintf(stderr, "usage: fovea_atlas --out DIR\n");
    return 2;
  }
  try {
    const fovea::AtlasPicture atlas = fovea::make_atlas();
    write(atlas, argv[2]);
    for (const auto& [first, second] : fovea::look_alikes(atlas)) {
      std::fprintf(stderr, "drawn alike: U+%04X %s and U+%04X %s\n", unsigned(first),
                   utf8({&first, 1}).c_str(), unsigned(second), utf8({&second, 1}).c_str());
    }
    std::fprintf(stderr, "%zu narrow and %zu wide characters\n", atlas.narrow.size(),
                 atlas.wide.size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fovea_atlas: %s\n", error.what());
    return 1;
  }
}
