#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fovea/codec.h"
#include "fovea/level.h"

namespace fovea::memctl {

/// What one stage does in a second, beside what the machine could do at most.
struct Stage {
  std::string name;
  std::optional<Level> level;
  std::string unit;           ///< what is counted, such as "pages"
  double rate = 0;            ///< units a second
  std::string ceiling;        ///< what the rate is compared with
  double ceiling_rate = 0;    ///< units a second, were the stage nothing but that
  std::optional<double> gflops;  ///< of the matrix products alone, where there are some

  double share() const { return ceiling_rate > 0 ? rate / ceiling_rate : 0; }
};

/// Calls a second of `work`, called for at least `least` seconds; slow work is called fewer than
/// three times. The first call is not counted.
double rate_of(const std::function<void()>& work, double least = 0.5);

/// Text of an agent's day, made up: prose, code, paths, numbers. The same for the same arguments.
std::string bench_text(std::size_t bytes, unsigned seed = 1);

/// Bytes a second of a plain copy of blocks of that size.
double copy_rate(std::size_t bytes);

struct BenchSetup {
  std::string checkpoint;
  CodecOptions codec;
  std::string folder;  ///< where a store may be made for a moment
  std::vector<Level> levels;
};

std::vector<Stage> bench_drawing(const BenchSetup& setup);
std::vector<Stage> bench_codec(const BenchSetup& setup);
/// At a size that takes a moment.
std::vector<Stage> bench_store(const BenchSetup& setup);

}  // namespace fovea::memctl
