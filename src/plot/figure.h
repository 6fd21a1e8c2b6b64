#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// What a figure shows, as plain data; lengths are in px of the figure at its own size.
namespace fovea::plot {

enum class Scale { linear, logarithmic };

struct Tick {
  double at = 0;
  std::string text;
};

/// What is not given is chosen by the data. On a logarithmic axis zero stands on the edge.
struct Axis {
  std::string label;
  Scale scale = Scale::linear;
  std::optional<double> from = {}, to = {};
  std::vector<Tick> ticks = {};
};

/// Okabe and Ito's colours, which colour-blind readers can tell apart, without the yellow, which is
/// faint on white.
enum class Colour { black, gray, orange, sky, green, blue, vermilion, purple };

// Form tells series apart where colour does not.
enum class Marker {
  none,
  circle,
  square,
  diamond,
  triangle,
  inverted_triangle,
  plus,
  cross,
  asterisk,
  star,
  hexagon
};
enum class Dash { none, solid, dashed, dotted, dash_dotted };  ///< none: points without a line

struct Style {
  Colour colour = Colour::black;
  Marker marker = Marker::circle;
  Dash dash = Dash::solid;
  bool filled = true;   ///< the marker
  double width = 1.25;  ///< of the line
};

struct Point {
  double x = 0, y = 0;
  std::optional<double> low = {}, high = {};  ///< the interval of y
  std::string label = {};
};

struct Series {
  std::string name;  ///< in the legend, where one of several alike stands; empty: not there
  Style style;
  std::vector<Point> points;
};

/// A vertical line.
struct Rule {
  double x = 0;
  std::string label;
  Dash dash = Dash::dashed;
};

struct Chart {
  std::string title;
  Axis x, y;
  std::vector<Series> series = {};
  std::vector<Rule> rules = {};
};

/// Shares 0..1 over a rectangle: nothing is white, all is black.
struct HeatMap {
  std::string title;
  int columns = 0, rows = 0;
  std::vector<double> values = {};  ///< [rows, columns]; not a number: there is nothing, light gray
};

/// A picture, enlarged or shrunk to its panel without smoothing.
struct Image {
  std::string title;
  int width = 0, height = 0;            ///< px of the picture
  std::vector<std::uint8_t> gray = {};  ///< [height, width], 0 = black
};

using Panel = std::variant<Chart, HeatMap, Image>;

/// Panels of one size in rows, with a title above and the legend and notes below them.
struct Figure {
  std::string title;
  int columns = 1;
  double panel_width = 460, panel_height = 300;  ///< without titles and labels of axes
  std::vector<Panel> panels = {};
  std::string heat_label = {};  ///< what the scale of heat maps says
  std::vector<std::string> notes = {};
};

/// The same drawing as the bytes of a file, a PNG with two pixels a px. They depend on the figure
/// and on the fonts that are installed. Throw Error(invalid_argument) for values of a wrong number, and
/// for a figure that is too large to be drawn.
std::string to_png(const Figure& figure);
std::string to_svg(const Figure& figure);

}  // namespace fovea::plot
