#include "bench/kernels/paired.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "memory/measure/median.h"

namespace fovea::bench {
namespace {

/// What one timing lasts at least: short ones are all noise.
constexpr double kAtLeast = 0.002;

double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// One side of a pair, which goes round the weights.
class Side {
 public:
  Side(const std::function<void(int)>& call, int weights) : call_(call), weights_(weights) {}

  /// Seconds a call.
  double time(int calls) {
    const double start = now();
    for (int i = 0; i < calls; ++i) {
      call_(next_);
      next_ = (next_ + 1) % weights_;
    }
    return (now() - start) / calls;
  }

 private:
  const std::function<void(int)>& call_;
  int weights_, next_ = 0;
};

}  // namespace

void print_header() {
  std::printf("%-22s %-30s %-22s %11s %11s %8s\n", "kernel", "shape", "beside", "ours us",
              "other us", "times as fast");
}

void compare(const Pair& pair, int rounds) {
  Side ours(pair.ours, pair.weights), theirs(pair.theirs, pair.weights);
  ours.time(2), theirs.time(2);
  const double longer = std::max(ours.time(3), theirs.time(3));
  const int calls = std::max(1, static_cast<int>(kAtLeast / longer));
  std::vector<double> our_times, their_times, ratios;
  for (int round = 0; round < rounds; ++round) {
    double a = 0, b = 0;
    if (round % 2) b = theirs.time(calls);
    a = ours.time(calls);
    if (round % 2 == 0) b = theirs.time(calls);
    our_times.push_back(a * 1e6);
    their_times.push_back(b * 1e6);
    ratios.push_back(b / a);
  }
  std::printf("%-22s %-30s %-22s %11.1f %11.1f %8.2f\n", pair.kernel.c_str(), pair.shape.c_str(),
              pair.other.c_str(), median(our_times), median(their_times), median(ratios));
  std::fflush(stdout);
}

}  // namespace fovea::bench
