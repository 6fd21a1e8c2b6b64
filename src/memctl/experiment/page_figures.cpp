#include <algorithm>

#include "memctl/experiment/figures.h"
#include "memctl/experiment/wrong_cells.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

// The piece of a page that is shown, px of a canvas of 1280.
constexpr int kPieceWidth = 480, kPieceHeight = 192;
constexpr int kEnlarged = 2;

/// The beginning of the page's text, from a picture of it at any level.
plot::Image piece_of(const Page& page, const std::string& title) {
  const Grid grid = grid_of(page.density);
  plot::Image piece{
      .title = title, .width = kPieceWidth * kEnlarged, .height = kPieceHeight * kEnlarged};
  const int side = side_of(page.level);
  const auto at = [&](int margin, int i) {
    return static_cast<std::size_t>((margin + (i + 0.5) / kEnlarged) * side / kCanvasSide);
  };
  for (int y = 0; y < piece.height; ++y)
    for (int x = 0; x < piece.width; ++x)
      piece.gray.push_back(page.pixels.at(at(grid.margin_y, y) * static_cast<std::size_t>(side) +
                                          at(grid.margin_x, x)));
  return piece;
}

/// White on black.
void invert(Page& page, std::size_t row, const std::string& signs) {
  const Grid grid = grid_of(page.density);
  const auto side = static_cast<std::size_t>(side_of(page.level));
  const auto width = static_cast<std::size_t>(grid.cell_width);
  const auto height = static_cast<std::size_t>(grid.cell_height);
  const std::size_t top = static_cast<std::size_t>(grid.margin_y) + row * height;
  for (std::size_t column = 0; column < signs.size(); ++column) {
    if (signs[column] != 'x') continue;
    const std::size_t left = static_cast<std::size_t>(grid.margin_x) + column * width;
    for (std::size_t y = top; y < top + height; ++y)
      for (std::size_t x = left; x < left + width; ++x) {
        std::uint8_t& pixel = page.pixels.at(y * side + x);
        pixel = static_cast<std::uint8_t>(255 - pixel);
      }
  }
}

/// What was read, drawn as a page of the same rows, with what is wrong white on black.
Page page_as_read(const Page& exact, const std::vector<std::string>& read_rows,
                  const Renderer& renderer) {
  Page page;
  page.density = exact.density;
  const auto exact_rows = rows_of(exact);
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < read_rows.size() && i < exact_rows.size(); ++i) {
    const Page row = renderer.lay_out(read_rows[i], exact.density);
    const auto first = cells_by_row(row).front();  // a row that was read too long is cut
    marks.push_back(wrong_cells_of(first, row.text, exact_rows[i]));
    for (Cell cell : first) {
      cell.begin += static_cast<std::uint32_t>(page.text.size());
      cell.row = static_cast<std::uint16_t>(i);
      page.cells.push_back(cell);
    }
    page.text += row.text;
  }
  renderer.draw(page);
  for (std::size_t i = 0; i < marks.size(); ++i) invert(page, i, marks[i]);
  return page;
}

plot::Figure page_figure(const Levels& levels, const Page& exact, const Renderer& renderer) {
  plot::Figure figure{
      .title = figure_title("a page at its levels, and what is read", *levels.front()),
      .columns = 2,
      .panel_width = kPieceWidth,
      .panel_height = kPieceHeight,
      .notes = {"The beginning of the text's first page that was read. Left: as the level has it. "
                "Right: what is read from the vision tokens alone, in the same type; white on "
                "black is wrong, or follows what was left out."}};
  for (const Curve* curve : levels) {
    const PageRecord& record = *curve->pages.front();
    const Level level = curve->level;
    const Page page = shrink(exact, level);
    figure.panels.emplace_back(piece_of(page, std::string(name_of(level)) + ": " +
                                                  std::to_string(side_of(level)) + " px a side, " +
                                                  counted(record.vision_tokens, "vision token")));
    figure.panels.emplace_back(
        piece_of(page_as_read(exact, record.read_rows, renderer),
                 "accuracy of the page: " + percent(1 - record.wrong_share())));
  }
  return figure;
}

}  // namespace

std::vector<NamedFigure> page_figures(const Findings& findings, const ExperimentPlan& plan,
                                      const Renderer& renderer) {
  std::vector<NamedFigure> figures;
  for (const Levels& levels : levels_of_texts(findings)) {
    const Curve& first = *levels.front();
    const auto source = std::ranges::find(plan.sources, first.domain, &PlannedText::name);
    const PageRecord& record = *first.pages.front();
    if (source == plan.sources.end() || record.read_rows.empty()) continue;
    Page exact =
        renderer.lay_out(std::string_view(source->text).substr(record.begin), first.density);
    renderer.draw(exact);
    figures.push_back({file_name_of("page", first), page_figure(levels, exact, renderer)});
  }
  return figures;
}

}  // namespace fovea::memctl
