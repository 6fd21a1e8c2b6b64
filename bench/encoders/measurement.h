#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/encoders/designs.h"
#include "bench/encoders/towers.h"

namespace fovea::bench {

struct Measured {
  double seconds;                         ///< of processors, all threads together
  double elapsed;                         ///< seconds, for whoever has the machine alone
  std::optional<double> peak_bytes = {};  ///< absent after a run too long to repeat
};

/// Runs designs on a CPU, as far as they fit into its memory and the time that a run may take.
class Measurement {
 public:
  /// `runs`: of which the fastest counts, if they are short. `limit`: processor seconds of one.
  Measurement(const EncoderSizes& sizes, int runs, double limit);

  /// Nothing if the run would not fit, by what smaller pictures took. The same work, whatever the
  /// picture's side, is measured once.
  std::optional<Measured> measure(const Design& design, const Plan& plan);

  const EncoderSizes& sizes() const { return sizes_; }
  bool bf16() const { return placement_.compute == at::kBFloat16; }

 private:
  using Work = std::vector<std::array<int, 4>>;
  static Work work_of(const Plan& plan);
  bool fits(const Plan& plan) const;

  EncoderSizes sizes_;
  int runs_;
  double limit_;
  Placement placement_;
  Towers towers_;
  std::map<Work, Measured> measured_;
  std::map<std::string, double> rates_;  // design -> operations a second, at its last picture
  double slowest_ = 1e12;
};

}  // namespace fovea::bench
