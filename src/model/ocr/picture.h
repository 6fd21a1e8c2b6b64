#pragma once

#include <vector>

#include "fovea/picture.h"

namespace fovea {

/// Scales without regard to the aspect. Bicubic (a = -0.5), support widened when shrinking, two
/// passes in 22-bit fixed point with an 8-bit result each, horizontal first: bit for bit what
/// Pillow 10 to 12 gives.
Picture resize_bicubic(const Picture& picture, int width, int height);

/// Where `pad_to_square` puts the scaled picture.
struct PadBox {
  int x, y;           ///< left, top
  int width, height;  ///< content after scaling
};
PadBox pad_box(int width, int height, int side);

/// Scales to fit into side x side keeping the aspect, centred on gray 127.
Picture pad_to_square(const Picture& picture, int side);

struct TileGrid {
  int columns = 1;
  int rows = 1;
};

/// Side of a tile, and of the largest picture that is not cut into tiles.
inline constexpr int kTileSide = 640;

/// How dynamic tiling ("Gundam") cuts a picture: the grid of 2 to `max_tiles` tiles whose aspect is
/// nearest; of two as near the larger one, if the picture has more than half its pixels.
/// 1 x 1 means no tiles: neither side is longer than `kTileSide`.
/// `max_tiles`: 9 in DeepSeek-OCR's own script, 6 in its server.
TileGrid choose_tiles(int width, int height, int max_tiles = 9);

/// Scales to the grid (the aspect is not kept) and cuts it into [kTileSide, kTileSide] tiles,
/// row-major. Empty for a 1 x 1 grid.
std::vector<Picture> cut_tiles(const Picture& picture, TileGrid grid);

/// Of a padded square view's `tokens` those that show the picture, not its padding, as the official
/// script counts them: the aspect's share, rounded down.
int valid_tokens(int width, int height, int tokens);

}  // namespace fovea
