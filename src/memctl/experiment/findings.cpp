#include "memctl/experiment/findings.h"

#include <algorithm>
#include <iterator>

namespace fovea::memctl {
namespace {

double squared(double x) { return x * x; }

Calibration calibration_of(const std::vector<Curve>& curves) {
  constexpr double kEdges[] = {0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.0};
  Calibration found;
  for (std::size_t i = 0; i + 1 < std::size(kEdges); ++i)
    found.bins.push_back({kEdges[i], kEdges[i + 1]});
  std::size_t exact = 0;
  for (const Curve& curve : curves) {
    for (const PageRecord* page : curve.pages) {
      for (const RowRecord& row : page->rows) {
        const auto bin = std::ranges::find_if(found.bins, [&](const Bin& one) {
          return row.confidence < one.to || &one == &found.bins.back();
        });
        ++bin->rows;
        bin->exact += row.exact;
        bin->said += row.confidence;
        ++found.rows;
        exact += row.exact;
        found.brier += squared(row.confidence - double(row.exact));
      }
    }
  }
  std::erase_if(found.bins, [](const Bin& bin) { return bin.rows == 0; });
  for (Bin& bin : found.bins) bin.said /= double(bin.rows);
  if (found.rows == 0) return found;
  found.brier /= double(found.rows);
  const double rate = double(exact) / double(found.rows);
  found.base_brier = rate * (1 - rate);
  return found;
}

}  // namespace

std::size_t Curve::sum(std::size_t PageRecord::*field) const {
  std::size_t sum = 0;
  for (const PageRecord* page : pages) sum += page->*field;
  return sum;
}

double Curve::sum(double PageRecord::*field) const {
  double sum = 0;
  for (const PageRecord* page : pages) sum += page->*field;
  return sum;
}

double Curve::compression() const {
  return double(sum(&PageRecord::text_tokens)) / double(sum(&PageRecord::vision_tokens));
}

double Curve::characters_per_token() const {
  return double(sum(&PageRecord::characters)) / double(sum(&PageRecord::vision_tokens));
}

std::map<std::string, Curve::Counted> Curve::tokens_by() const {
  std::map<std::string, Counted> by;
  for (const PageRecord* page : pages)
    for (const auto& [name, tokens] : page->tokens_by) by[name].tokens += tokens;
  const auto vision_tokens = double(sum(&PageRecord::vision_tokens));
  for (auto& [name, counted] : by) counted.compression = double(counted.tokens) / vision_tokens;
  return by;
}

std::map<std::string, Tally> Curve::exact_strings_by_kind() const {
  std::map<std::string, Tally> sum;
  for (const PageRecord* page : pages)
    for (const auto& [kind, tally] : page->exact_strings) sum[kind] += tally;
  return sum;
}

double Curve::brier() const {
  double sum = 0;
  std::size_t rows = 0;
  for (const PageRecord* page : pages) {
    for (const RowRecord& row : page->rows) sum += squared(row.confidence - double(row.exact));
    rows += page->rows.size();
  }
  return rows == 0 ? 0 : sum / double(rows);
}

Confusions Curve::confusions() const {
  Confusions sum;
  for (const PageRecord* page : pages)
    for (const auto& [pair, count] : page->confusions) sum[pair] += count;
  return sum;
}

std::optional<double> BaselineCurve::compression() const {
  if (tokens == 0) return std::nullopt;
  return double(curve->sum(&PageRecord::text_tokens)) / double(tokens);
}

std::size_t TrainedCurve::vision_tokens() const {
  return pages * static_cast<std::size_t>(token_count(curve->level));
}

double TrainedCurve::compression() const {
  const double text_tokens = double(curve->sum(&PageRecord::text_tokens)) /
                             double(curve->sum(&PageRecord::characters)) * double(characters);
  return text_tokens / double(vision_tokens());
}

Findings::Findings(const std::map<PageKey, PageRecord>& records,
                   const std::vector<Density>& densities, const std::vector<std::string>& domains,
                   const std::vector<Level>& levels, std::uint64_t seed,
                   std::vector<TrainedControl> controls)
    : seed_(seed), trained_controls_(std::move(controls)) {
  std::map<PageKey, std::vector<const PageRecord*>> by_curve;  // keys of page 0
  for (const auto& [key, record] : records) {
    PageKey curve = key;
    curve.page = 0;
    by_curve[curve].push_back(&record);
  }
  for (const Density density : densities) {
    for (const std::string& domain : domains) {
      for (const Shuffle shuffle : kShuffles) {
        for (const Level level : levels) {
          const auto found = by_curve.find({density, domain, shuffle, 0, level});
          if (found == by_curve.end()) continue;
          auto& list = shuffle == Shuffle::none ? curves_ : controls_;
          list.push_back({density, domain, shuffle, level, found->second});
          add_shares(list.back());
        }
      }
    }
  }
  for (const Curve& curve : curves_) {
    if (curve.pages.front()->baselines.empty()) continue;
    for (const Baseline baseline : kBaselines)
      baselines_.push_back(baseline_curve(curve, baseline));
  }
  for (const TrainedControl& control : trained_controls_) add_trained(control);
  calibration_ = calibration_of(curves_);
}

void Findings::add_trained(const TrainedControl& control) {
  for (const Curve& curve : curves_) {
    for (const TrainedFigures& figures : control.figures) {
      if (figures.domain != curve.domain || figures.density != curve.density ||
          figures.level != curve.level || figures.right.empty())
        continue;
      TrainedCurve found{.curve = &curve,
                         .control = &control,
                         .pages = figures.right.size(),
                         .token_bytes = figures.token_bytes,
                         .accuracy = share_of(figures.right, seed_)};
      for (const PageShare& page : figures.right)
        found.characters += static_cast<std::size_t>(page.whole);
      trained_.push_back(found);
    }
  }
}

void Findings::add_shares(Curve& curve) const {
  std::vector<PageShare> right, strings;
  for (const PageRecord* page : curve.pages) {
    const auto characters = double(page->characters);
    right.push_back({characters - page->errors, characters});
    const Tally tally = sum_of(page->exact_strings);
    strings.push_back({double(tally.given_back), double(tally.all)});
  }
  curve.accuracy = share_of(right, seed_);
  curve.exact_strings = share_of(strings, seed_);
}

BaselineCurve Findings::baseline_curve(const Curve& curve, Baseline baseline) const {
  BaselineCurve found{.curve = &curve, .baseline = baseline};
  const std::string name(name_of(baseline));
  std::vector<PageShare> right, strings;
  for (const PageRecord* page : curve.pages) {
    const BaselineRecord& kept = page->baselines.at(name);
    found.tokens += kept.tokens;
    found.zstd_bytes += kept.zstd_bytes;
    found.word_recall += kept.word_recall / double(curve.pages.size());
    const auto characters = double(page->characters);
    right.push_back({characters - kept.errors, characters});
    strings.push_back({double(kept.exact_strings), double(sum_of(page->exact_strings).all)});
  }
  found.accuracy = share_of(right, seed_);
  found.exact_strings = share_of(strings, seed_);
  return found;
}

}  // namespace fovea::memctl
