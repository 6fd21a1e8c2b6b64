#include "renderer/document_layout.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {
namespace {

// In em of running text.
constexpr double kParagraphSpace = 0.5, kTightSpace = 0.1;
constexpr double kItemIndent = 1.7, kQuoteIndent = 1.2, kBoxPadding = 0.45;
constexpr double kToolIndent = 0.7, kThinLine = 0.08, kCellPadding = 0.4;
constexpr std::array kHeadingSizes = {1.6, 1.35, 1.18, 1.08, 1.0, 1.0};

constexpr double kBoxGray = 0.93, kLineGray = 0.55;

PangoAlignment pango_align(ColumnAlign align) {
  if (align == ColumnAlign::center) return PANGO_ALIGN_CENTER;
  return align == ColumnAlign::right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT;
}

}  // namespace

DocumentLayout::DocumentLayout(PangoContext* context, const DocumentType& type,
                               const std::vector<DocumentBlock>& blocks)
    : context_(context), type_(type) {
  double below = 0;
  for (const DocumentBlock& block : blocks) {
    add(block, below);
    below = look_of(block).below;
  }
}

DocumentLayout::Look DocumentLayout::look_of(const DocumentBlock& block) const {
  const double em = type_.em, space = kParagraphSpace * em;
  switch (block.kind) {
    case BlockKind::heading: {
      const double size = kHeadingSizes.at(static_cast<std::size_t>(block.heading - 1)) * em;
      return {{size, kBold}, 0.5 * size, 0.3 * size};
    }
    case BlockKind::role: return {{0.92 * em, kBold}, 1.3 * space, 0.2 * em};
    case BlockKind::code: return {{kCodeSize * em, kMono}, space, space};
    case BlockKind::tool: return {{kCodeSize * em, kMono}, 0, space};
    case BlockKind::paragraph:
      if (block.tight) return {{em, kPlain}, kTightSpace * em, kTightSpace * em};
      return {{em, kPlain}, space, space};
    default: return {{em, kPlain}, space, space};
  }
}

void DocumentLayout::add(const DocumentBlock& block, double space_below_last) {
  const Look look = look_of(block);
  if (!keeps_next_) add_break(block.begin, y_, "");
  if (y_ > 0) y_ += std::max(space_below_last, look.above);
  if (block.kind == BlockKind::rule) {
    add_rule();
  } else if (block.kind == BlockKind::table) {
    add_table(block);
  } else {
    add_text(block, look);
  }
  keeps_next_ = block.kind == BlockKind::heading || block.kind == BlockKind::role;
}

void DocumentLayout::add_text(const DocumentBlock& block, const Look& look) {
  const bool boxed = block.kind == BlockKind::code, tool = block.kind == BlockKind::tool;
  const double padding = boxed ? kBoxPadding * type_.em : 0;
  const double quotes = block.quotes * kQuoteIndent * type_.em;
  const double indent = block.items * kItemIndent * type_.em + (tool ? kToolIndent * type_.em : 0);
  const double width = std::max(8 * look.face.size, type_.width - quotes - indent - 2 * padding);
  PangoLayoutHandle layout = shape(block.text, look.face, width);
  const bool from_right = !boxed && !tool && is_right_to_left(layout.get());
  const double x = quotes + (from_right ? 0 : indent) + padding;
  const double top = y_ + padding, height = height_of(layout.get());
  const double outer = height + 2 * padding;
  if (boxed) boxes_.push_back({x - padding, y_, width + 2 * padding, outer, kBoxGray});
  const double line = kThinLine * type_.em;
  if (tool) boxes_.push_back({0, y_, line, height, kLineGray});
  for (int i = 0; i < block.quotes; ++i)
    boxes_.push_back({i * kQuoteIndent * type_.em, y_, 2 * line, outer, kLineGray});
  if (!block.mark.empty())
    add_mark(block, look, from_right ? quotes + width : x - padding, from_right);
  add_breaks(block, layout.get(), top);
  keep(std::move(layout), x, top);
  y_ = top + height + padding;
}

/// `x`: the edge of the item's text that the mark stands beside.
void DocumentLayout::add_mark(const DocumentBlock& block, const Look& look, double x,
                              bool from_right) {
  DocumentText mark;
  mark.append_made(block.mark);
  PangoLayoutHandle layout = shape(mark, {std::min(look.face.size, type_.em), kPlain}, -1);
  const double gap = 0.45 * type_.em, width = width_of(layout.get());
  keep(std::move(layout), from_right ? x + gap : std::max(0.0, x - gap - width), y_);
}

void DocumentLayout::add_rule() {
  boxes_.push_back({0, y_, type_.width, kThinLine * type_.em, kLineGray});
  y_ += kThinLine * type_.em;
}

std::vector<double> DocumentLayout::column_widths(const DocumentBlock& block) const {
  std::vector<double> natural(block.columns.size(), 0);
  for (const auto& row : block.rows) {
    for (std::size_t i = 0; i < std::min(natural.size(), row.cells.size()); ++i) {
      const double text = std::ceil(width_of(shape(row.cells[i], {type_.em, kPlain}, -1).get()));
      natural[i] = std::max(natural[i], text + 2 * kCellPadding * type_.em);
    }
  }
  return share_width(natural, type_.width);
}

/// A table that cannot be set in columns: its rows one after the other.
DocumentBlock DocumentLayout::as_lines(const DocumentBlock& table) {
  DocumentBlock lines = table;
  for (const auto& row : table.rows) {
    if (row.is_blank()) continue;
    if (!lines.text.empty()) lines.text.append_made("\n");
    for (const DocumentText& cell : row.cells) {
      if (&cell != &row.cells.front()) lines.text.append_made(" | ");
      lines.text.append(cell);
    }
  }
  return lines;
}

void DocumentLayout::add_table(const DocumentBlock& block) {
  const std::vector<double> widths = column_widths(block);
  if (!fits_columns(block, widths)) return add_text(as_lines(block), look_of(block));
  double width = 0;
  for (const double column : widths) width += column;
  const double top = y_, line = kThinLine * type_.em;
  const auto add_line = [&] { boxes_.push_back({0, y_, width, line, kLineGray}); };
  add_line();
  for (std::size_t i = 0; i < block.rows.size(); ++i) {
    if (i == 0 && block.rows[i].is_blank()) continue;  // the head stands on an earlier page
    if (i > 1) add_break(block.rows[i].begin, y_, block.opening);
    y_ = add_row(block, i, widths, y_);
    add_line();
  }
  double x = 0;
  boxes_.push_back({x, top, line, y_ - top, kLineGray});
  for (const double column : widths) {
    x += column;
    boxes_.push_back({x, top, line, y_ - top + line, kLineGray});
  }
  y_ += line;
}

/// False where columns are so narrow that a row would be higher than a third of the page.
bool DocumentLayout::fits_columns(const DocumentBlock& block,
                                  const std::vector<double>& widths) const {
  const double padding = kCellPadding * type_.em;
  for (const auto& row : block.rows) {
    for (std::size_t i = 0; i < std::min(row.cells.size(), widths.size()); ++i) {
      const double width = widths[i] - 2 * padding;
      if (width < type_.em) return false;
      if (height_of(shape(row.cells[i], {type_.em, kPlain}, width).get()) > type_.width / 3)
        return false;
    }
  }
  return true;
}

/// Returns where the row ends.
double DocumentLayout::add_row(const DocumentBlock& block, std::size_t row,
                               const std::vector<double>& widths, double top) {
  const double padding = kCellPadding * type_.em;
  double x = 0, bottom = top + type_.em;
  const auto& cells = block.rows[row].cells;
  for (std::size_t i = 0; i < std::min(cells.size(), widths.size()); ++i) {
    PangoLayoutHandle layout = shape(cells[i], {type_.em, kPlain}, widths[i] - 2 * padding);
    pango_layout_set_alignment(layout.get(), pango_align(block.columns[i]));
    bottom = std::max(bottom, top + height_of(layout.get()) + 1.2 * padding);
    keep(std::move(layout), x + padding, top + 0.6 * padding);
    x += widths[i];
  }
  return bottom;
}

/// A break before every line but the first.
void DocumentLayout::add_breaks(const DocumentBlock& block, PangoLayout* layout, double top) {
  struct Free {
    void operator()(PangoLayoutIter* iter) const { pango_layout_iter_free(iter); }
  };
  const std::unique_ptr<PangoLayoutIter, Free> iter{pango_layout_get_iter(layout)};
  while (pango_layout_iter_next_line(iter.get())) {
    int begin = 0, end = 0;
    pango_layout_iter_get_line_yrange(iter.get(), &begin, &end);
    const auto first = pango_layout_iter_get_line_readonly(iter.get())->start_index;
    add_break(block.text.source_of(static_cast<std::size_t>(first)), top + px(begin),
              block.opening);
  }
}

void DocumentLayout::add_break(std::size_t source, double bottom, const std::string& opening) {
  if (source == kNowhere || source == 0) return;
  breaks_.push_back({source, bottom, opening});
}

void DocumentLayout::keep(PangoLayoutHandle layout, double x, double y) {
  unknown_glyphs_ += pango_layout_get_unknown_glyphs_count(layout.get());
  texts_.push_back({std::move(layout), x, y});
}

void DocumentLayout::draw(cairo_t* cairo) const {
  for (const Box& box : boxes_) {
    cairo_set_source_rgb(cairo, box.gray, box.gray, box.gray);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_fill(cairo);
  }
  cairo_set_source_rgb(cairo, 0, 0, 0);
  for (const Text& text : texts_) {
    cairo_move_to(cairo, text.x, text.y);
    pango_cairo_show_layout(cairo, text.layout.get());
  }
}

}  // namespace fovea
