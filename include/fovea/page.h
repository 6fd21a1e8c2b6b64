#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/level.h"

namespace fovea {

/// A unit of a page and its place: a grapheme cluster, a code point, or a byte that is not UTF-8.
struct Cell {
  std::uint32_t begin;   ///< first byte in Page::text
  std::uint32_t length;  ///< bytes
  std::uint16_t row;
  std::uint16_t column;  ///< of its left half
  std::uint8_t width;    ///< columns taken: 1 or 2
};

/// What on a page a reader may not get back.
struct PageReport {
  int outside_atlas = 0;  ///< cells: clusters drawn by Pango, or as their base without its U+FE0F
  int no_glyph = 0;       ///< clusters that no font has, drawn as a code-point box
  int invalid_bytes = 0;  ///< bytes that are not UTF-8, drawn as a box each, in documents as \xNN
  bool clipped = false;   ///< document: the text does not fit, even in small type
  std::vector<int> rows = {};  ///< of cells, ascending: the rows with any of these
};

/// How a page of layout document is typeset.
struct DocumentSetting {
  Level legible_at = Level::tiny;  ///< the coarsest level at which its type can be read
  /// The Markdown blocks that were open where the previous page ended: a code fence, the head of a
  /// table, a tool's output. Contains none of the text.
  std::string opening;
  bool operator==(const DocumentSetting&) const = default;
};

/// A page of text and its picture at one level.
struct Page {
  std::optional<DocumentSetting> document = {};  ///< present: layout document, without cells
  Density density = Density::d106;               ///< for layout cells
  Level level = Level::large;
  std::string text;                  ///< the exact bytes on the page
  std::vector<Cell> cells;           ///< in reading order
  std::string leaves_open = {};      ///< `opening` of the document page that continues this one
  bool full = false;                 ///< the text continues and what comes next did not fit
  std::vector<std::uint8_t> pixels;  ///< [side, side] 8-bit gray, 0 = black; empty until drawn
  PageReport report;
};

/// Cells used on each row, [rows], empty for a document: all that a reader needs to know of the
/// layout. A full row has one cell less than the columns if a wide character moved to the next row.
std::vector<int> row_lengths(const Page& page);

/// The text on each row of a page of cells, [rows].
std::vector<std::string> rows_of(const Page& page);

/// The page's text, joined from its cells. Equals `page.text` for every page of cells that the
/// renderer made.
std::string text_of(const Page& page);

}  // namespace fovea
