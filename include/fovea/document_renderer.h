#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/page.h"

namespace fovea {

/// Sets text as the pages of a printed document: Markdown becomes headings, paragraphs, lists,
/// tables and code in proportional type, right-to-left text starts at the right, tools' output is
/// kept as it is. Pango shapes it with the system's fonts, so pages may differ between machines.
/// Thread-safe.
class DocumentRenderer {
 public:
  DocumentRenderer();
  ~DocumentRenderer();
  DocumentRenderer(DocumentRenderer&&) noexcept;
  DocumentRenderer& operator=(DocumentRenderer&&) noexcept;

  /// Lays out the first page of `text`: `page.text` is the prefix of `text` that it holds; the page
  /// that goes on after it begins with `page.leaves_open`. No pixels yet. Any byte string is
  /// accepted. `more_follows`: text goes on after `text`; then, unless the page is full before it,
  /// what may still change (the last line, a heading alone) is left for the next call.
  /// Throws Error(invalid_argument) for a level that no document page has.
  Page lay_out(std::string_view text, const DocumentSetting& setting,
               bool more_follows = false) const;
  /// Draws all of the page's text at 1280 (level large) and fills its report. Type is made smaller
  /// where the text does not fit, as with other fonts than it was laid out with.
  void draw(Page& page) const;

  /// Size of a page's running type at 1280, in px an em.
  static double type_size(const DocumentSetting& setting);
  /// The lines that can be read on a page of this text, of tables the rows: Markdown's marks left
  /// out, white space as one space, none of them empty.
  static std::vector<std::string> visible_lines(std::string_view text,
                                                std::string_view opening = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
