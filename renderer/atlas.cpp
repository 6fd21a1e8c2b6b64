#include "renderer/atlas.h"

#include <utf8proc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/read_json.h"
#include "fovea/error.h"
#include "renderer/area_shrink.h"
#include "renderer/atlas_layout.h"
#include "renderer/png_file.h"

namespace fovea {
namespace {

constexpr Size kFullCell{kAtlasCellWidth, kAtlasCellHeight};
constexpr std::size_t kMaxCharacters = 100000;  // all of Unicode in daily use, twice

std::u32string characters_in(const std::string& text) {
  std::u32string characters;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {  // the JSON parser has checked the UTF-8
    utf8proc_int32_t character;
    at += utf8proc_iterate(bytes + at, text.size() - at, &character);
    characters += static_cast<char32_t>(character);
  }
  return characters;
}

nlohmann::json parse_file(const std::string& file) {
  if (!std::filesystem::exists(file)) throw Error(ErrorCode::not_found, file + ": no such file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(ErrorCode::io, file + ": cannot be opened for reading");
  return read_json<nlohmann::json>(std::string{std::istreambuf_iterator<char>(stream), {}}, file);
}

/// Copies the cells of glyph slots out of the picture, one glyph after another.
class Cutter {
 public:
  Cutter(const GrayPicture& picture, std::vector<std::uint8_t>& out)
      : picture_(picture), out_(out) {}

  void cut(int slot, int columns) {
    const int top = slot / kAtlasColumns * kAtlasCellHeight;
    const int left = slot % kAtlasColumns * kAtlasCellWidth;
    for (int y = top; y < top + kAtlasCellHeight; ++y) {
      const auto row = picture_.pixels.begin() + std::size_t(y) * kAtlasWidth + left;
      out_.insert(out_.end(), row, row + columns * kAtlasCellWidth);
    }
  }

 private:
  const GrayPicture& picture_;
  std::vector<std::uint8_t>& out_;
};

}  // namespace

Atlas::Atlas(const std::string& folder) {
  const std::filesystem::path path(folder);
  read_characters((path / "config.json").string());
  cut_glyphs((path / "atlas.png").string());
}

const GlyphTable& Atlas::table(Density density) const {
  const std::size_t place =
      std::find(kDensities.begin(), kDensities.end(), density) - kDensities.begin();
  if (place != 0) std::call_once(made_.at(place), [&] { tables_[place] = shrunk(density); });
  return tables_[place];
}

void Atlas::read_characters(const std::string& file) {
  const auto fail = [&file](const std::string& fault) {
    throw Error(ErrorCode::corruption, file + ": \"atlas\": " + fault);
  };
  try {
    const nlohmann::json atlas = parse_file(file).at("atlas");
    if (atlas.at("cell") != nlohmann::json{kFullCell.width, kFullCell.height}) {
      fail("\"cell\" is not [20, 40]");
    }
    narrow_ = characters_in(atlas.at("narrow").get<std::string>());
    wide_ = characters_in(atlas.at("wide").get<std::string>());
  } catch (const nlohmann::json::exception& error) {
    fail(reason_of(error));
  }
  if (!narrow_.starts_with(U"\n\t")) fail("\"narrow\" does not start with newline and tab");
  const std::u32string all = narrow_ + wide_;
  if (all.size() > kMaxCharacters) fail(std::to_string(all.size()) + " characters");
  glyph_of_.assign(*std::max_element(all.begin(), all.end()) + 1, -1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const int width = utf8proc_charwidth(static_cast<utf8proc_int32_t>(all[i])) == 2 ? 2 : 1;
    if (all[i] == U' ' || glyph_of_[all[i]] != -1 || width != columns_of(static_cast<int>(i))) {
      fail("code point " + std::to_string(std::uint32_t(all[i])) +
           " is a space, occurs twice or has the other width");
    }
    glyph_of_[all[i]] = static_cast<std::int32_t>(i);
  }
  code_points_ = CodePoints(all + U' ');
}

void Atlas::cut_glyphs(const std::string& file) {
  const int narrow_count = static_cast<int>(narrow_.size()),
            wide_count = static_cast<int>(wide_.size());
  const int height = atlas_rows(narrow_count, wide_count) * kAtlasCellHeight;
  const GrayPicture picture = read_gray_png(file, [&](Size size) {
    if (size.width == kAtlasWidth && size.height == height) return;
    throw Error(ErrorCode::corruption,
                file + ": expected " + std::to_string(kAtlasWidth) + " x " +
                    std::to_string(height) + " px for the characters of config.json, got " +
                    std::to_string(size.width) + " x " + std::to_string(size.height));
  });
  GlyphTable table{.cell_width = kFullCell.width,
                   .cell_height = kFullCell.height,
                   .narrow_count = narrow_count,
                   .pixels = {}};
  table.pixels.reserve(std::size_t(narrow_count + 2 * wide_count) *  // 55 MB: growing takes longer
                       kAtlasCellWidth * kAtlasCellHeight);
  Cutter cutter(picture, table.pixels);
  for (int k = 0; k < narrow_count; ++k) cutter.cut(k, 1);
  for (int j = 0; j < wide_count; ++j) cutter.cut(wide_slot(narrow_count, j), 2);
  tables_.front() = std::move(table);
}

GlyphTable Atlas::shrunk(Density density) const {
  const Grid grid = grid_of(density);
  const int count = static_cast<int>(narrow_.size() + wide_.size());
  GlyphTable table{.cell_width = grid.cell_width,
                   .cell_height = grid.cell_height,
                   .narrow_count = static_cast<int>(narrow_.size()),
                   .pixels = {}};
  table.pixels.resize((narrow_.size() + 2 * wide_.size()) * grid.cell_width * grid.cell_height);
  for (int glyph = 0; glyph < count; ++glyph) {
    const int columns = columns_of(glyph);
    shrink_area(full_size(glyph), {columns * kFullCell.width, kFullCell.height},
                &table.pixels[table.offset(glyph)], {columns * grid.cell_width, grid.cell_height});
  }
  return table;
}

}  // namespace fovea
