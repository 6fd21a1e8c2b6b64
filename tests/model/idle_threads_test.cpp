#include "tests/model/torch_and_doctest.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <thread>

#include <ATen/Parallel.h>

#include "model/operators/in_pieces.h"
#include "model/placement.h"

namespace {

/// Of all threads of this process.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// What the 50 ms after a parallel loop cost: the median of several times, as the threads of other
/// libraries, which at::set_num_threads starts, look for work too at first.
double cost_of_waiting() {
  std::array<double, 15> costs;
  for (double& cost : costs) {
    fovea::in_pieces(8, 1, [](std::int64_t, std::int64_t) {});
    const double begin = processor_seconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cost = processor_seconds() - begin;
  }
  std::ranges::sort(costs);
  return costs[costs.size() / 2];
}

}  // namespace

TEST_CASE("idle threads: after a loop they cost no processor time, however many it had") {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;  // the user's choice
  const int before = at::get_num_threads();
  for (const int threads : {2, 3}) {
    CAPTURE(threads);
    fovea::placement_of({.device = "cpu", .threads = threads});
    CHECK(cost_of_waiting() < 1e-3);  // a thread that looks for work takes 3 ms and more
  }
  fovea::placement_of({.device = "cpu", .threads = before});
}
