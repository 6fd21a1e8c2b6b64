#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/level.h"

namespace fovea {

/// One unit of a page: a grapheme cluster (or a single byte that is not valid UTF-8) and its place.
struct Cell {
  std::uint32_t begin;   ///< first byte in Page::text
  std::uint32_t length;  ///< bytes
  std::uint16_t row;
  std::uint16_t column;  ///< of its left half
  std::uint8_t width;    ///< columns taken: 1 or 2
};

/// What the renderer met on a page that a reader may not get back.
struct PageReport {
  int outside_atlas = 0;  ///< clusters drawn by Pango, or as their base without its U+FE0F
  int no_glyph = 0;       ///< clusters that no font has, drawn as a code-point box
  int invalid_bytes = 0;  ///< bytes that are not UTF-8, drawn as a box each
};

/// A page of text: exact cells, and its picture at one level.
struct Page {
  Density density = Density::d106;
  Level level = Level::large;
  std::string text;                  ///< the exact bytes on the page
  std::vector<Cell> cells;           ///< in reading order
  bool full = false;                 ///< the text went on and its next cluster did not fit
  std::vector<std::uint8_t> pixels;  ///< [side, side] 8-bit gray, 0 = black; empty until drawn
  PageReport report;
};

/// Cells used on each row, [rows]: what a reader needs to know of the layout. A full row may have
/// one less than the columns, where a wide character moved to the next row.
std::vector<int> row_lengths(const Page& page);

/// The page's text, put together from its cells. Equals `page.text` for every page that the
/// renderer made.
std::string text_of(const Page& page);

}  // namespace fovea
