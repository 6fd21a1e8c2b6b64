#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "renderer/document_blocks.h"
#include "renderer/document_type.h"

namespace fovea {

/// Sizes of a document's type; all in px at 1280.
struct DocumentType {
  double em;     ///< of running text
  double width;  ///< of the column of text
};

/// Where a document may go on on another page.
struct DocumentBreak {
  std::size_t source;   ///< what the other page begins with
  double bottom;        ///< height of all that stands before it
  std::string opening;  ///< of the other page
};

/// Blocks set one below the other, from (0, 0).
class DocumentLayout {
 public:
  /// `context`: of Pango, must outlive it.
  DocumentLayout(PangoContext* context, const DocumentType& type,
                 const std::vector<DocumentBlock>& blocks);

  double height() const { return y_; }
  const std::vector<DocumentBreak>& breaks() const { return breaks_; }
  void draw(cairo_t* cairo) const;
  int unknown_glyphs() const { return unknown_glyphs_; }

 private:
  struct Text {
    PangoLayoutHandle layout;
    double x, y;
  };
  struct Box {
    double x, y, width, height, gray;
  };
  struct Look {
    TypeFace face;
    double above, below;  ///< space around it
  };

  Look look_of(const DocumentBlock& block) const;
  void add(const DocumentBlock& block, double space_below_last);
  void add_text(const DocumentBlock& block, const Look& look);
  void add_mark(const DocumentBlock& block, const Look& look, double x, bool from_right);
  void add_rule();
  void add_table(const DocumentBlock& block);
  double add_row(const DocumentBlock& block, std::size_t row, const std::vector<double>& widths,
                 double top);
  static DocumentBlock as_lines(const DocumentBlock& table);
  bool fits_columns(const DocumentBlock& block, const std::vector<double>& widths) const;
  std::vector<double> column_widths(const DocumentBlock& block) const;
  PangoLayoutHandle shape(const DocumentText& text, const TypeFace& face, double width) const {
    return shape_text(context_, text, face, width);
  }
  void add_breaks(const DocumentBlock& block, PangoLayout* layout, double top);
  void add_break(std::size_t source, double bottom, const std::string& opening);
  void keep(PangoLayoutHandle layout, double x, double y);

  PangoContext* context_;
  DocumentType type_;
  std::vector<Text> texts_;
  std::vector<Box> boxes_;
  std::vector<DocumentBreak> breaks_;
  double y_ = 0;
  bool keeps_next_ = false;  ///< no break before the next block: a heading stays with its text
  int unknown_glyphs_ = 0;
};

}  // namespace fovea
