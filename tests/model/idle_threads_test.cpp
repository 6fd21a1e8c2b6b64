#include "tests/model/torch_and_doctest.h"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <thread>

#include <ATen/Parallel.h>

#include "model/placement.h"

namespace {

/// Of all threads of this process.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

TEST_CASE("idle threads: after a loop they cost no processor time, however many it had") {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;  // the user's choice
  const int before = at::get_num_threads();
  for (const int threads : {2, 3}) {
    fovea::placement_of({.device = "cpu", .threads = threads});
    at::parallel_for(0, threads, 1, [](std::int64_t, std::int64_t) {});
    const double begin = processor_seconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(processor_seconds() - begin < 1.5e-3);  // a thread that looks for work takes 3 ms and more
  }
  fovea::placement_of({.device = "cpu", .threads = before});
}
