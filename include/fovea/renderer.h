#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/page.h"

namespace fovea {

class CodePoints;

/// Draws text as pages of cells. Text flows cell by cell; newline and tab are visible glyphs; a
/// wide character takes two cells and never straddles the end of a row. A grapheme cluster is one
/// unit, unless the atlas has its code points one by one, such as a letter and its mark: then each
/// is a unit. Characters of the atlas are copied from it, so their pixels are the same on every
/// machine. Others are shaped by Pango with the system's fonts. Thread-safe after construction.
class Renderer {
 public:
  /// `checkpoint`: folder with `atlas.png` and `config.json` (its "atlas" object).
  /// Throws Error(not_found | corruption) naming the file.
  explicit Renderer(const std::string& checkpoint);
  ~Renderer();
  Renderer(Renderer&&) noexcept;
  Renderer& operator=(Renderer&&) noexcept;

  /// Lays out the first page of `text`: `page.text` is the prefix of `text` that it holds, so
  /// `text.substr(page.text.size())` is what follows. No pixels yet. Any byte string is accepted.
  /// `more_follows`: text goes on after `text`, so a cluster at its end may still grow; then
  /// the last cluster is left for the next call unless the page is full before it.
  Page lay_out(std::string_view text, Density density, bool more_follows = false) const;
  /// Lays out the first page with every grapheme cluster as one unit, as for a checkpoint whose
  /// atlas has no marks: for text that filled a page under such a checkpoint and would not fit
  /// otherwise.
  Page lay_out_clusters(std::string_view text, Density density) const;
  /// True if no further cluster fits: no cell is left, or one, and a wide character comes next.
  static bool is_full(const Page& page);

  /// Draws the page's cells at 1280 (level large) and fills its report.
  /// Throws Error(invalid_argument) when a cell lies outside the grid or the text.
  void draw(Page& page) const;
  /// All of `text` as drawn pages at `level`; the last one may be part-filled.
  std::vector<Page> render(std::string_view text, Density density, Level level) const;

  /// The characters of the atlas: one cell wide (newline and tab first), then two cells wide.
  const std::u32string& narrow_characters() const;
  const std::u32string& wide_characters() const;

 private:
  const CodePoints& code_points() const;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Shrinks a page drawn at 1280 to `level` by exact area averaging (rational weights, rounded half
/// up). Throws Error(invalid_argument) unless `page` is drawn at level large.
Page shrink(const Page& page, Level level);

/// Writes an 8-bit gray PNG. Throws Error(io), and as png_of does.
void write_png(const std::string& path, const std::vector<std::uint8_t>& pixels, int width, int height);
/// Returns the bytes of an 8-bit gray PNG. Throws Error(invalid_argument) if the number of pixels
/// does not fit the sides.
std::vector<std::uint8_t> png_of(const std::vector<std::uint8_t>& pixels, int width, int height);
/// Reads a square PNG as a page without cells; colours become gray, transparency white. The level
/// follows from the side. Throws Error(not_found | io | corruption), Error(invalid_argument) for a
/// side that no level has.
Page read_page_png(const std::string& path, Density density);

}  // namespace fovea
