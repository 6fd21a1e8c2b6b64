#include "bench/encoders/measurement.h"

#include <malloc.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "core/process_memory.h"
#include "fovea/error.h"
#include "memctl/stopwatch.h"
#include "model/placement.h"

namespace fovea::bench {
namespace {

constexpr double kShortRun = 4;    // processor seconds; longer runs are not repeated
constexpr double kMemoryRun = 15;  // processor seconds; after a longer run there is none for memory
constexpr int kMappedFrom = 1 << 18;  // bytes, where a peak is measured

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

double free_bytes() {
  std::ifstream file("/proc/meminfo");
  for (std::string name, unit; file >> name;) {
    double kilobytes = 0;
    if (name == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
    std::getline(file, unit);
  }
  return 0;
}

Measured time_once(const Towers& towers, const Plan& plan) {
  const double before = processor_seconds();
  const memctl::Stopwatch watch;
  const at::Tensor tokens = towers.run(plan);
  const double elapsed = watch.seconds();
  const double seconds = processor_seconds() - before;
  if (tokens.size(0) != plan.tokens)
    throw Error(ErrorCode::unsupported, "the towers made " + std::to_string(tokens.size(0)) +
                                            " tokens where the formula has " +
                                            std::to_string(plan.tokens) + "; correct designs.cpp");
  return {seconds, elapsed};
}

/// What malloc keeps for later is quick to have again, but hides what a run needs.
void keep_freed_memory(bool keep) {
  mallopt(M_MMAP_THRESHOLD, keep ? 32 << 20 : kMappedFrom);
  mallopt(M_TRIM_THRESHOLD, keep ? 256 << 20 : kMappedFrom);
}

/// What the process grows by in a run, at its largest. The kernel's count: it has oneDNN's and the
/// panels of attention in it, beside tensors.
double peak_of(const Towers& towers, const Plan& plan) {
  keep_freed_memory(false);
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // VmHWM begins anew
  const double before = double(process_bytes("VmRSS"));
  towers.run(plan);
  const double peak = double(process_bytes("VmHWM")) - before;
  keep_freed_memory(true);
  return peak;
}

}  // namespace

Measurement::Measurement(const EncoderSizes& sizes, int runs, double limit)
    : sizes_(sizes),
      runs_(runs),
      limit_(limit),
      placement_(placement_of({.device = "cpu"})),
      towers_(sizes_, placement_) {
  for (const Design& design : encoder_designs())
    towers_.run(design.plan(448));  // touches all weights
  keep_freed_memory(true);
}

std::optional<Measured> Measurement::measure(const Design& design, const Plan& plan) {
  const auto known = measured_.find(work_of(plan));
  if (known != measured_.end()) return known->second;
  const double flops = flops_of(plan, sizes_);
  double& rate = rates_.try_emplace(design.name, slowest_).first->second;
  if (flops / rate > limit_ || !fits(plan)) return {};
  Measured best = time_once(towers_, plan);
  for (int i = 1; i < runs_ && best.seconds < kShortRun; ++i) {
    const Measured again = time_once(towers_, plan);
    best = {std::min(best.seconds, again.seconds), std::min(best.elapsed, again.elapsed)};
  }
  if (best.seconds < kMemoryRun) best.peak_bytes = peak_of(towers_, plan);
  rate = flops / best.seconds;
  slowest_ = std::min(slowest_, rate);
  measured_[work_of(plan)] = best;
  return best;
}

Measurement::Work Measurement::work_of(const Plan& plan) {
  Work work;
  for (const Pass& pass : plan.passes)
    work.push_back({int(pass.tower), pass.pictures, pass.grid, pass.patch});
  return work;
}

/// The towers keep up to three times the formula's hidden layer, in float32 some of it.
bool Measurement::fits(const Plan& plan) const {
  return 8 * activation_bytes(plan, sizes_) < free_bytes() / 2;
}

}  // namespace fovea::bench
