#include "renderer/atlas_marks.h"

#include <initializer_list>
#include <utility>

#include "renderer/atlas_layout.h"
#include "renderer/text_raster.h"

namespace fovea {
namespace {

void line(cairo_t* cairo, std::initializer_list<std::pair<double, double>> points) {
  for (const auto& [x, y] : points) cairo_line_to(cairo, x, y);
}

/// A heavy hooked arrow with a solid head.
void newline(cairo_t* cairo) {
  line(cairo, {{15.5, 9}, {15.5, 23}, {8, 23}});
  cairo_stroke(cairo);
  line(cairo, {{1, 23}, {9.5, 15.5}, {9.5, 30.5}});
  cairo_fill(cairo);
}

/// A heavy arrow with a solid head against a bar.
void tab(cairo_t* cairo) {
  line(cairo, {{1, 20}, {8, 20}});
  cairo_stroke(cairo);
  line(cairo, {{15.5, 20}, {7, 12.5}, {7, 27.5}});
  cairo_fill(cairo);
  line(cairo, {{17.5, 11}, {17.5, 29}});
  cairo_stroke(cairo);
}

/// The mark of tab turned round.
void carriage_return(cairo_t* cairo) {
  line(cairo, {{19, 20}, {12, 20}});
  cairo_stroke(cairo);
  line(cairo, {{4.5, 20}, {13, 12.5}, {13, 27.5}});
  cairo_fill(cairo);
  line(cairo, {{2.5, 11}, {2.5, 29}});
  cairo_stroke(cairo);
}

/// A solid box with a chevron left open, as many a terminal sequence starts with it.
void escape(cairo_t* cairo) {
  cairo_rectangle(cairo, 2, 9, 16, 22);
  cairo_fill(cairo);
  cairo_set_source_rgb(cairo, 1, 1, 1);
  line(cairo, {{6, 13}, {13, 20}, {6, 27}});
  cairo_stroke(cairo);
}

/// The lower part of a box from `left` to `right`.
void open_box(cairo_t* cairo, double left, double right, double height) {
  line(cairo, {{left, 34 - height}, {left, 34}, {right, 34}, {right, 34 - height}});
  cairo_stroke(cairo);
}

void soft_hyphen(cairo_t* cairo) {
  line(cairo, {{5, 21}, {15, 21}});
  cairo_stroke(cairo);
  line(cairo, {{10, 26}, {10, 31}});
  cairo_stroke(cairo);
}

/// A low upright between two short bars.
void zero_width_space(cairo_t* cairo) {
  line(cairo, {{10, 24}, {10, 35}});
  cairo_stroke(cairo);
  cairo_rectangle(cairo, 5, 22.5, 10, 2);
  cairo_rectangle(cairo, 5, 34.5, 10, 2);
  cairo_fill(cairo);
}

void word_joiner(cairo_t* cairo) {
  cairo_arc(cairo, 10, 29, 5, 0, 6.283185307179586);
  cairo_stroke(cairo);
  cairo_rectangle(cairo, 9, 28, 2, 2);
  cairo_fill(cairo);
}

void byte_order_mark(cairo_t* cairo) {
  line(cairo, {{10, 20}, {16, 28}, {10, 36}, {4, 28}});
  cairo_close_path(cairo);
  cairo_stroke(cairo);
  line(cairo, {{10, 20}, {10, 36}});
  cairo_stroke(cairo);
}

/// Dashes, which DejaVu Sans Mono draws all alike.
void dash(cairo_t* cairo, double left, double right) {
  line(cairo, {{left, 21}, {right, 21}});
  cairo_stroke(cairo);
}

void no_break_hyphen(cairo_t* cairo) {
  dash(cairo, 5, 15);
  line(cairo, {{5, 16}, {5, 26}});
  cairo_stroke(cairo);
  line(cairo, {{15, 16}, {15, 26}});
  cairo_stroke(cairo);
}

bool draw_sign(cairo_t* cairo, char32_t character) {
  const bool heavy = character == U'\n' || character == U'\t' || character == U'\r' ||
                     character == U'\x1B';
  cairo_set_line_width(cairo, heavy || character == U'\u2014' ? 3.5 : 2);
  switch (character) {
    case U'\n':
      newline(cairo);
      return true;
    case U'\t':
      tab(cairo);
      return true;
    case U'\r':
      carriage_return(cairo);
      return true;
    case U'\x1B':
      escape(cairo);
      return true;
    case U'\u00A0':
      open_box(cairo, 4, 16, 5);
      return true;
    case U'\u202F':
      open_box(cairo, 7, 13, 5);
      return true;
    case U'\u3000':
      open_box(cairo, 6, 34, 8);
      return true;
    case U'\u00AD':
      soft_hyphen(cairo);
      return true;
    case U'\u2011':
      no_break_hyphen(cairo);
      return true;
    case U'\u2013':
      dash(cairo, 3, 17);
      return true;
    case U'\u2014':
      dash(cairo, 0, 20);
      return true;
    case U'\u200B':
      zero_width_space(cairo);
      return true;
    case U'\u2060':
      word_joiner(cairo);
      return true;
    case U'\uFEFF':
      byte_order_mark(cairo);
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<std::vector<std::uint8_t>> draw_mark(char32_t character, int width) {
  WhiteCanvas canvas(width, kAtlasCellHeight);
  if (!draw_sign(canvas.cairo(), character)) return std::nullopt;
  return canvas.gray();
}

std::vector<std::uint8_t> draw_number(char32_t character, int width) {
  WhiteCanvas canvas(width, kAtlasCellHeight);
  const double block = width / 5.0, left = width / 10.0, top = 7, height = 8;
  cairo_rectangle(canvas.cairo(), 0, 1, width, 2.5);
  for (int bit = 0; bit < 16; ++bit) {
    if ((character >> (15 - bit) & 1) == 0) continue;
    cairo_rectangle(canvas.cairo(), left + bit % 4 * block, top + bit / 4 * height, block, height);
  }
  cairo_fill(canvas.cairo());
  return canvas.gray();
}

void add_bar(std::vector<std::uint8_t>& bitmap, int width, int number) {
  struct Bar {
    double x, y, width, height;  // shares of the cell
  };
  constexpr double kThick = 3.0 / kAtlasCellHeight;
  constexpr Bar kBars[] = {{0, 1 - kThick, 1, kThick},   {0, 0, 1, kThick},
                           {0, 0.55, 2 * kThick, 0.45},  {1 - 2 * kThick, 0.55, 2 * kThick, 0.45},
                           {0, 0, 2 * kThick, 0.45},     {1 - 2 * kThick, 0, 2 * kThick, 0.45},
                           {0, 1 - kThick, 0.5, kThick}, {0, 0, 0.5, kThick}};
  const Bar& bar = kBars[number % 8];
  const auto px = [](double share, int side) { return static_cast<int>(share * side + 0.5); };
  for (int y = px(bar.y, kAtlasCellHeight); y < px(bar.y + bar.height, kAtlasCellHeight); ++y)
    for (int x = px(bar.x, width); x < px(bar.x + bar.width, width); ++x) bitmap[y * width + x] = 0;
}

}  // namespace fovea
