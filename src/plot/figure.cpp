#include "plot/figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <new>
#include <string_view>

#include <cairo-svg.h>

#include "fovea/error.h"
#include "plot/panels.h"

namespace fovea::plot {
namespace {

constexpr double kEdge = 16;               // around the figure
constexpr double kLeastWidth = 480;        // of title, legend and notes
constexpr double kSample = 34, kRow = 19;  // of the legend
constexpr double kLargestSide = 16000;     // px; a cairo surface has 32,767 pixels at most

std::size_t cells(int columns, int rows) {
  return static_cast<std::size_t>(std::max(columns, 0)) *
         static_cast<std::size_t>(std::max(rows, 0));
}

void require_whole(const Panel& panel) {
  const auto* map = std::get_if<HeatMap>(&panel);
  const auto* image = std::get_if<Image>(&panel);
  if ((map && map->values.size() != cells(map->columns, map->rows)) ||
      (image && image->gray.size() != cells(image->width, image->height)))
    throw Error(ErrorCode::invalid_argument,
                "a figure's picture has another number of values than its sides say");
}

const std::string& title_of(const Panel& panel) {
  return std::visit([](const auto& one) -> const std::string& { return one.title; }, panel);
}

class Layout {
 public:
  Layout(Pen& pen, const Figure& figure)
      : pen_(pen), figure_(figure), columns_(std::max(1, figure.columns)) {
    for (const Panel& panel : figure.panels) {
      require_whole(panel);
      const Margins& one = std::holds_alternative<Chart>(panel) ? kChartMargins : kPictureMargins;
      margins_ = {std::max(margins_.left, one.left), std::max(margins_.right, one.right),
                  std::max(margins_.top, one.top), std::max(margins_.bottom, one.bottom)};
      has_heat_ = has_heat_ || std::holds_alternative<HeatMap>(panel);
      collect_legend(panel);
    }
    columns_ = std::min(columns_, std::max<int>(1, static_cast<int>(figure.panels.size())));
    width_ = 2 * kEdge + std::max(kLeastWidth, columns_ * panel_width());
    place_parts();
  }

  double width() const { return width_; }
  double height() const { return height_; }

  void draw() {
    pen_.set_gray(1);
    cairo_paint(pen_.cairo());
    pen_.set_gray(0);
    pen_.text(figure_.title, kEdge, kEdge, kTitleSize + 1, inner_width(), true);
    for (std::size_t i = 0; i < figure_.panels.size(); ++i) draw_panel(i);
    draw_legend();
    if (has_heat_) draw_heat_scale(pen_, figure_.heat_label, {kEdge + 6, heat_top_, 0, 12});
    double top = notes_top_;
    pen_.set_gray(0.15);
    for (const std::string& note : figure_.notes) {
      pen_.text(note, kEdge, top, kSmallSize, inner_width());
      top += pen_.size_of(note, kSmallSize, inner_width()).height + 3;
    }
  }

 private:
  double panel_width() const { return figure_.panel_width + margins_.left + margins_.right; }
  double panel_height() const { return figure_.panel_height + margins_.top + margins_.bottom; }
  double inner_width() const { return width_ - 2 * kEdge; }

  void collect_legend(const Panel& panel) {
    const auto* chart = std::get_if<Chart>(&panel);
    if (!chart) return;
    for (const Series& series : chart->series) {
      const bool known =
          std::ranges::any_of(legend_, [&](const Series* one) { return one->name == series.name; });
      if (!series.name.empty() && !known) legend_.push_back(&series);
    }
  }

  /// From above: title, panels, legend, the scale of heat maps, notes.
  void place_parts() {
    const double title = pen_.size_of(figure_.title, kTitleSize + 1, inner_width(), true).height;
    panels_top_ = kEdge + (figure_.title.empty() ? 0 : title + 8);
    const auto rows = (figure_.panels.size() + std::size_t(columns_) - 1) / std::size_t(columns_);
    legend_top_ = panels_top_ + double(rows) * panel_height() + 4;
    double entry = 0;
    for (const Series* series : legend_)
      entry = std::max(entry, pen_.size_of(series->name, kTextSize).width + kSample + 24);
    legend_columns_ = entry > 0 ? std::max(1, static_cast<int>(inner_width() / entry)) : 1;
    entry_width_ = entry;
    const auto across = std::size_t(legend_columns_);
    heat_top_ = legend_top_ + double((legend_.size() + across - 1) / across) * kRow + 6;
    notes_top_ = heat_top_ + (has_heat_ ? 36 : 0) + 6;
    height_ = notes_top_ + kEdge;
    for (const std::string& note : figure_.notes)
      height_ += pen_.size_of(note, kSmallSize, inner_width()).height + 3;
  }

  void draw_panel(std::size_t i) {
    const auto column = double(i % std::size_t(columns_)), row = double(i / std::size_t(columns_));
    const Box box{kEdge + column * panel_width() + margins_.left,
                  panels_top_ + row * panel_height() + margins_.top, figure_.panel_width,
                  figure_.panel_height};
    const Panel& panel = figure_.panels[i];
    pen_.set_gray(0);
    pen_.text(title_of(panel), box.x, box.y - 19, kTitleSize, 0, true);
    std::visit([&](const auto& one) { plot::draw(pen_, one, box); }, panel);
  }

  /// Column by column.
  void draw_legend() {
    const auto across = std::size_t(legend_columns_);
    const std::size_t rows = (legend_.size() + across - 1) / across;
    for (std::size_t i = 0; i < legend_.size(); ++i) {
      const double x = kEdge + 6 + double(i / rows) * entry_width_;
      const double y = legend_top_ + double(i % rows) * kRow + kRow / 2;
      draw_sample(pen_, legend_[i]->style, x, y, kSample);
      pen_.set_gray(0);
      const Size size = pen_.size_of(legend_[i]->name, kTextSize);
      pen_.text(legend_[i]->name, x + kSample + 8, y - size.height / 2, kTextSize);
    }
  }

  Pen& pen_;
  const Figure& figure_;
  int columns_;
  Margins margins_;
  std::vector<const Series*> legend_;
  bool has_heat_ = false;
  int legend_columns_ = 1;
  double entry_width_ = 0, width_ = 0, height_ = 0;
  double panels_top_ = 0, legend_top_ = 0, heat_top_ = 0, notes_top_ = 0;
};

/// The figure's size, found without drawing it.
Size size_of(const Figure& figure) {
  const CairoSurface nothing(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  Pen pen(nothing.get());
  const Layout layout(pen, figure);
  const Size size{std::ceil(layout.width()), std::ceil(layout.height())};
  if (std::max(size.width, size.height) <= kLargestSide) return size;
  throw Error(ErrorCode::invalid_argument,
              "a figure is " + std::to_string(static_cast<long>(size.width)) + " x " +
                  std::to_string(static_cast<long>(size.height)) +
                  " px, too large to be drawn; give it fewer panels");
}

cairo_status_t append(void* bytes, const unsigned char* data, unsigned length) try {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
} catch (const std::bad_alloc&) {
  return CAIRO_STATUS_NO_MEMORY;
}

void require_drawn(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
  throw Error(ErrorCode::unsupported,
              std::string("a figure cannot be drawn: ") + cairo_status_to_string(status));
}

/// cairo numbers the surfaces of a process, and the SVG has the numbers: by their order within it,
/// the same drawing is the same file.
std::string with_own_numbers(const std::string& svg) {
  constexpr std::array<std::string_view, 4> kBefore = {"\"image", "\"surface", "\"#image",
                                                       "\"#surface"};
  std::map<std::string, std::string> names;
  std::string text;
  for (std::size_t at = 0; at < svg.size();) {
    const std::string_view rest = std::string_view(svg).substr(at);
    const auto before =
        std::ranges::find_if(kBefore, [&](auto one) { return rest.starts_with(one); });
    const std::size_t begin = before == kBefore.end() ? 1 : before->size();
    text += rest.substr(0, begin);
    at += begin;
    if (before == kBefore.end()) continue;
    const std::size_t end = std::min(svg.find_first_not_of("0123456789", at), svg.size());
    if (end > at)
      text += names.emplace(svg.substr(at, end - at), std::to_string(names.size())).first->second;
    at = end;
  }
  return text;
}

void draw_on(cairo_surface_t* surface, const Figure& figure, double scale) {
  require_drawn(cairo_surface_status(surface));
  Pen pen(surface);
  cairo_scale(pen.cairo(), scale, scale);
  Layout(pen, figure).draw();
  require_drawn(cairo_status(pen.cairo()));
}

}  // namespace

std::string to_png(const Figure& figure) {
  const Size size = size_of(figure);
  const CairoSurface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                                        static_cast<int>(size.width * kPixels),
                                                        static_cast<int>(size.height * kPixels)));
  draw_on(surface.get(), figure, kPixels);
  std::string bytes;
  require_drawn(cairo_surface_write_to_png_stream(surface.get(), append, &bytes));
  return bytes;
}

std::string to_svg(const Figure& figure) {
  const Size size = size_of(figure);
  std::string bytes;
  const CairoSurface surface(
      cairo_svg_surface_create_for_stream(append, &bytes, size.width, size.height));
  cairo_svg_surface_set_document_unit(surface.get(), CAIRO_SVG_UNIT_PX);
  draw_on(surface.get(), figure, 1);
  cairo_surface_finish(surface.get());
  require_drawn(cairo_surface_status(surface.get()));
  return with_own_numbers(bytes);
}

}  // namespace fovea::plot
