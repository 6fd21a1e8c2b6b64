#pragma once

#include <array>
#include <string_view>

namespace fovea {

/// Side of the canvas that every page is drawn on, in pixels.
inline constexpr int kCanvasSide = 1280;

/// How sharp a page is remembered; a larger value is coarser.
enum class Level { large, base, small, tiny, faint, trace };

inline constexpr std::array kLevels = {Level::large, Level::base,  Level::small,
                                       Level::tiny,  Level::faint, Level::trace};

/// Pixels on a side: 1280, 1024, 640, 512, 384, 256.
int side_of(Level level);
/// Vision tokens on a side of the page (side / 64): 20, 16, 10, 8, 6, 4.
int token_grid(Level level);
/// Vision tokens of a page: 400, 256, 100, 64, 36, 16.
int token_count(Level level);
/// Positions that a page takes in the decoder: each row of tokens ends in a newline vector, the
/// view in a separator. 421, 273, 111, 73, 43, 21.
int sequence_length(Level level);
std::string_view name_of(Level level);
/// Throws Error(invalid_argument) naming the levels that exist.
Level level_from_name(std::string_view name);

/// How text is put onto a page.
enum class Layout {
  cells,     ///< packed into a grid of cells, as fovea-nano was trained on
  document,  ///< set as a printed document, as DeepSeek-OCR was trained on
};
std::string_view name_of(Layout layout);
/// Throws Error(invalid_argument) naming the layouts that exist.
Layout layout_from_name(std::string_view name);

/// Text tokens that a page of layout document holds at most if it is to be read at `level`: 2,500,
/// 1,500, 1,000, 700, as measured with DeepSeek-OCR. Throws Error(invalid_argument) for faint and
/// trace, which it does not read.
int text_capacity(Level level);

/// The grid of layout cells, in the middle of the canvas. The value is its column count.
enum class Density { d64 = 64, d80 = 80, d106 = 106, d128 = 128, d160 = 160 };

inline constexpr std::array kDensities = {Density::d64, Density::d80, Density::d106, Density::d128,
                                          Density::d160};

struct Grid {
  int columns;
  int rows;
  int cell_width;   ///< px at 1280
  int cell_height;  ///< px at 1280, twice the width
  int margin_x;     ///< px left of the first column at 1280
  int margin_y;     ///< px above the first row at 1280
};

Grid grid_of(Density density);
/// Throws Error(invalid_argument) naming the densities that exist.
Density density_from_columns(int columns);

}  // namespace fovea
