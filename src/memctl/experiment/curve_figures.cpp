#include <algorithm>
#include <array>

#include "fovea/measure.h"
#include "memctl/experiment/figures.h"
#include "memctl/experiment/references.h"
#include "memctl/measurement/once.h"

namespace fovea::memctl {
namespace {

using plot::Colour;
using plot::Dash;
using plot::Marker;
using plot::Series;
using plot::Style;

constexpr std::size_t kMostPanels = 12;  // of a figure

/// Of the curve's densities, each its own line.
Style style_of_tokens(std::size_t density) {
  constexpr std::array kDashes = {Dash::solid, Dash::dashed, Dash::dotted, Dash::dash_dotted};
  return {.colour = Colour::blue,
          .marker = Marker::circle,
          .dash = kDashes.at(density % kDashes.size()),
          .filled = density == 0,
          .width = 2};
}

Style style_of(Shuffle shuffle) {
  if (shuffle == Shuffle::words)
    return {.colour = Colour::sky, .marker = Marker::square, .dash = Dash::dashed};
  if (shuffle == Shuffle::characters)
    return {.colour = Colour::purple, .marker = Marker::diamond, .dash = Dash::dotted};
  return {.colour = Colour::vermilion, .marker = Marker::triangle, .dash = Dash::dash_dotted};
}

Style style_of(Baseline baseline) {
  switch (baseline) {
    case Baseline::truncation: return {.colour = Colour::green, .marker = Marker::plus};
    case Baseline::newest:
      return {.colour = Colour::green, .marker = Marker::cross, .dash = Dash::dotted};
    case Baseline::sentences: return {.colour = Colour::orange, .marker = Marker::asterisk};
    case Baseline::bm25:
      return {.colour = Colour::orange,
              .marker = Marker::inverted_triangle,
              .dash = Dash::dashed,
              .filled = false};
    case Baseline::dropping: break;
  }
  return {.colour = Colour::gray, .marker = Marker::diamond, .filled = false};
}

/// Of the control of that number.
Style style_of_trained(std::size_t control) {
  constexpr std::array kMarkers = {Marker::square, Marker::triangle};
  return {.colour = Colour::black,
          .marker = kMarkers.at(control % kMarkers.size()),
          .dash = style_of_tokens(control / kMarkers.size()).dash,
          .filled = false};
}

std::string name_of_baseline(Baseline baseline) {
  switch (baseline) {
    case Baseline::sentences: return "baseline: sentences by TF-IDF";
    case Baseline::bm25: return "baseline: sentences by BM25";
    default: return "baseline: " + std::string(name_of(baseline));
  }
}

std::string name_of_control(const Curve& curve) {
  if (curve.domain == kRandomDomain) return "control: random strings";
  return "control: " + std::string(name_of(curve.shuffle)) + " shuffled";
}

/// What a figure draws of a curve, a baseline or a trained control; nothing where it has no place.
struct Places {
  std::optional<plot::Point> (*curve)(const Curve&);
  std::optional<plot::Point> (*baseline)(const BaselineCurve&);
  std::optional<plot::Point> (*trained)(const TrainedCurve&);
};

/// The series of one text's panel, what is measured drawn over what it is compared with.
class TextSeries {
 public:
  TextSeries(const Findings& findings, const std::string& domain, Places places) : places_(places) {
    for (const BaselineCurve& found : findings.baselines())
      if (found.curve->domain == domain) add(found, places_.baseline(found));
    for (Series& series : all_) std::ranges::sort(series.points, {}, &plot::Point::x);
    for (const Curve& curve : findings.curves())
      if (curve.domain == kRandomDomain) add_control(curve);
    for (const Curve& curve : findings.controls())
      if (curve.domain == domain) add_control(curve);
    for (const TrainedCurve& found : findings.trained())
      if (found.curve->domain == domain) add(found);
    for (const Curve& curve : findings.curves())
      if (curve.domain == domain) add_tokens(curve);
  }

  std::vector<Series> take() { return std::move(all_); }

 private:
  /// Of all densities together: a baseline knows no page.
  void add(const BaselineCurve& found, const std::optional<plot::Point>& point) {
    const std::string name = name_of_baseline(found.baseline);
    auto series = std::ranges::find(all_, name, &Series::name);
    if (series == all_.end())
      series = all_.insert(all_.end(), {name, style_of(found.baseline), {}});
    if (point) series->points.push_back(*point);
  }

  void add_control(const Curve& curve) {
    add_point(curve, name_of_control(curve), style_of(curve.shuffle), places_.curve(curve));
  }

  void add(const TrainedCurve& found) {
    add_once(trained_, found.control);
    add_point(*found.curve, "control: " + found.control->label(),
              style_of_trained(trained_.size() - 1), places_.trained(found));
  }

  void add_tokens(const Curve& curve) {
    add_once(densities_, curve.density);
    auto point = places_.curve(curve);
    if (point && densities_.size() == 1) point->label = name_of(curve.level);
    add_point(curve, "vision tokens, " + columns_of(curve.density) + " columns",
              style_of_tokens(densities_.size() - 1), point);
  }

  /// `curve`: that the point is of, or that stands beside it.
  void add_point(const Curve& curve, const std::string& name, const Style& style,
                 const std::optional<plot::Point>& point) {
    const bool goes_on = !all_.empty() && all_.back().name == name && density_ == curve.density;
    if (!goes_on) all_.push_back({name, style, {}});
    density_ = curve.density;
    if (point) all_.back().points.push_back(*point);
  }

  Places places_;
  std::vector<Density> densities_;              // of the text, in the findings' order
  std::vector<const TrainedControl*> trained_;  // of the text, in the order given
  Density density_ = Density::d106;
  std::vector<Series> all_;
};

std::vector<std::string> texts_of(const Findings& findings) {
  std::vector<std::string> texts;
  for (const Curve& curve : findings.curves())
    if (curve.domain != kRandomDomain) add_once(texts, curve.domain);
  return texts;
}

/// The panels in figures of a size that can be looked at.
std::vector<NamedFigure> figures_of(const std::string& name, const plot::Figure& empty,
                                    std::vector<plot::Panel> panels) {
  std::vector<NamedFigure> figures;
  for (std::size_t begin = 0; begin < panels.size(); begin += kMostPanels) {
    const std::size_t end = std::min(panels.size(), begin + kMostPanels);
    const std::string number = begin > 0 ? "-" + std::to_string(begin / kMostPanels + 1) : "";
    NamedFigure& one = figures.emplace_back(NamedFigure{name + number, empty});
    one.figure.panels.assign(panels.begin() + static_cast<std::ptrdiff_t>(begin),
                             panels.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return figures;
}

plot::Point wrong_at(double x, const Share& share) {
  plot::Point point = percent_at(x, share);
  point.y = 100 - point.y;
  if (point.low) point.low = 100 - *std::exchange(point.high, 100 - *point.low);
  return point;
}

std::optional<plot::Point> compressed(const Curve& curve) {
  return percent_at(curve.compression(), curve.accuracy);
}

std::optional<plot::Point> compressed(const BaselineCurve& found) {
  if (!found.compression()) return std::nullopt;
  return percent_at(*found.compression(), found.accuracy);
}

std::optional<plot::Point> compressed(const TrainedCurve& found) {
  return percent_at(found.compression(), found.accuracy);
}

std::optional<plot::Point> stored(const Curve& curve) {
  return wrong_at(
      double(curve.sum(&PageRecord::token_bytes)) / double(curve.sum(&PageRecord::characters)),
      curve.accuracy);
}

std::optional<plot::Point> stored(const BaselineCurve& found) {
  if (found.tokens == 0) return std::nullopt;
  return wrong_at(double(found.zstd_bytes) / double(found.curve->sum(&PageRecord::characters)),
                  found.accuracy);
}

std::optional<plot::Point> stored(const TrainedCurve& found) {
  return wrong_at(double(found.token_bytes) / double(found.characters), found.accuracy);
}

/// Markers without lines, so that nobody takes them for this experiment's.
std::vector<Series> published() {
  std::vector<Series> all;
  for (const Reference& one : references()) {
    Series& series = all.emplace_back();
    series.name = "another task: " + one.name;
    const bool few = one.points.size() < 3;
    series.style = {.colour = Colour::black,
                    .marker = few ? Marker::star : Marker::hexagon,
                    .dash = Dash::none,
                    .filled = few || all.size() > 1};
    for (const ReferencePoint& point : one.points)
      series.points.push_back({point.compression, 100 * point.share});
  }
  return all;
}

std::vector<plot::Rule> lossless(const Text& text) {
  const auto characters = double(count_characters(text.text));
  std::vector<plot::Rule> rules{{double(text.text.size()) / characters, "as it is", Dash::dotted}};
  if (text.zstd_bytes)
    rules.push_back({double(*text.zstd_bytes) / characters, "zstd -19, lossless", Dash::dashed});
  if (text.xz_bytes)
    rules.push_back({double(*text.xz_bytes) / characters, "xz, lossless", Dash::dash_dotted});
  return rules;
}

constexpr const char* kIntervals =
    "Bars: 95 % intervals by the bootstrap over pages, where there are two pages or more.";

void explain_trained(const Findings& findings, plot::Figure& figure) {
  if (!findings.trained().empty())
    figure.notes.push_back(
        "A control named with its encoder is another codec, read on other pages of the same text "
        "by `python -m fovea.training evaluate`.");
}

}  // namespace

std::vector<NamedFigure> accuracy_figures(const Findings& findings) {
  plot::Figure figure{.title = "Accuracy against compression",
                      .columns = 2,
                      .notes = {"Compression: text tokens, as estimated for DeepSeek's tokenizer, "
                                "per vision token; of a baseline, per text token that it keeps.",
                                kIntervals}};
  explain_trained(findings, figure);
  std::string names;
  for (std::size_t i = 0; i < references().size(); ++i) {
    const Reference& one = references()[i];
    names += (names.empty() ? "" : " and ") + one.name;
    if (i + 1 < references().size() && references()[i + 1].source == one.source) continue;
    figure.notes.push_back("Another task: " + names + ": " + one.measure + "; " + one.task + " (" +
                           one.source + ").");
    names.clear();
  }
  std::vector<plot::Panel> panels;
  for (const std::string& domain : texts_of(findings)) {
    plot::Chart chart{
        .title = domain,
        .x = {.label = "text tokens per vision token", .scale = plot::Scale::logarithmic},
        .y = {.label = "characters read back, %", .from = 0, .to = 103}};
    chart.series = published();
    for (Series& series : TextSeries(findings, domain, {compressed, compressed, compressed}).take())
      chart.series.push_back(std::move(series));
    panels.emplace_back(std::move(chart));
  }
  return figures_of("accuracy", figure, std::move(panels));
}

std::vector<NamedFigure> rate_figures(const Findings& findings, const std::vector<Text>& texts) {
  plot::Figure figure{
      .title = "Characters wrong against bytes stored",
      .columns = 2,
      .notes = {"Bytes: of vision tokens as they are stored; of a baseline, what it keeps with "
                "zstd -19; of lossless compressors, the whole text. On the lower edge no "
                "character is wrong.",
                kIntervals}};
  explain_trained(findings, figure);
  std::vector<plot::Panel> panels;
  for (const std::string& domain : texts_of(findings)) {
    plot::Chart chart{
        .title = domain,
        .x = {.label = "bytes per character", .scale = plot::Scale::logarithmic},
        .y = {.label = "characters wrong, %", .scale = plot::Scale::logarithmic, .to = 115},
        .series = TextSeries(findings, domain, {stored, stored, stored}).take()};
    const auto text = std::ranges::find(texts, domain, &Text::name);
    if (text != texts.end()) chart.rules = lossless(*text);
    panels.emplace_back(std::move(chart));
  }
  return figures_of("rate", figure, std::move(panels));
}

}  // namespace fovea::memctl
