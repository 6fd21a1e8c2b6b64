#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "memctl/experiment/baselines.h"
#include "memctl/experiment/page_record.h"
#include "memctl/experiment/trained_control.h"
#include "memctl/measurement/intervals.h"

namespace fovea::memctl {

/// The pages of one text at one level and density, as they are or shuffled.
struct Curve {
  Density density;
  std::string domain;
  Shuffle shuffle = Shuffle::none;
  Level level;
  std::vector<const PageRecord*> pages;  ///< of the journal, in order, one at least
  Share accuracy = {}, exact_strings = {};

  std::size_t sum(std::size_t PageRecord::*field) const;
  double sum(double PageRecord::*field) const;
  double mean(double PageRecord::*field) const { return sum(field) / double(pages.size()); }

  double compression() const;  ///< text tokens a vision token
  double characters_per_token() const;
  /// Text tokens of all pages, and how many a vision token, by the tokenizer's name.
  struct Counted {
    std::size_t tokens = 0;
    double compression = 0;
  };
  std::map<std::string, Counted> tokens_by() const;
  std::map<std::string, Tally> exact_strings_by_kind() const;
  /// Mean square of what is said of a row minus 1 where it is exact, 0 where it is not.
  double brier() const;
  Confusions confusions() const;
};

/// What a baseline gives back within the budget of a curve.
struct BaselineCurve {
  const Curve* curve;
  Baseline baseline;
  std::size_t tokens = 0, zstd_bytes = 0;  ///< of what is kept of all pages
  double word_recall = 0;
  Share accuracy = {}, exact_strings = {};

  /// Text tokens a token kept; nothing where none is.
  std::optional<double> compression() const;
};

/// What a trained control reads back of a curve's text at its level and density, of other pages.
struct TrainedCurve {
  const Curve* curve;
  const TrainedControl* control;
  std::size_t pages = 0, characters = 0, token_bytes = 0;
  Share accuracy = {};

  std::size_t vision_tokens() const;
  double compression() const;  ///< with as many text tokens a character as the curve's pages have
};

/// Of the rows said to be right with a probability from..to: how many there are, what was said of
/// them on average, and how many were right.
struct Bin {
  double from, to;
  std::size_t rows = 0, exact = 0;
  double said = 0;
};

struct Calibration {
  std::vector<Bin> bins;  ///< those with rows
  std::size_t rows = 0;
  double brier = 0;       ///< of all rows
  double base_brier = 0;  ///< the same if every row were said to be as sure as rows are exact
};

/// What an experiment found, summed up from its pages.
class Findings {
 public:
  /// The orders are those of the results. `records` must outlive this.
  Findings(const std::map<PageKey, PageRecord>& records, const std::vector<Density>& densities,
           const std::vector<std::string>& domains, const std::vector<Level>& levels,
           std::uint64_t seed, std::vector<TrainedControl> controls = {});
  Findings(const Findings&) = delete;
  Findings& operator=(const Findings&) = delete;

  const std::vector<Curve>& curves() const { return curves_; }      ///< not shuffled
  const std::vector<Curve>& controls() const { return controls_; }  ///< shuffled
  const std::vector<BaselineCurve>& baselines() const { return baselines_; }
  const std::vector<TrainedCurve>& trained() const { return trained_; }
  const Calibration& calibration() const { return calibration_; }

 private:
  void add_trained(const TrainedControl& control);
  void add_shares(Curve& curve) const;
  BaselineCurve baseline_curve(const Curve& curve, Baseline baseline) const;

  std::uint64_t seed_;
  std::vector<Curve> curves_, controls_;
  std::vector<BaselineCurve> baselines_;  // of the curves
  std::vector<TrainedControl> trained_controls_;
  std::vector<TrainedCurve> trained_;  // of the curves
  Calibration calibration_;
};

}  // namespace fovea::memctl
