#include "model/idle_threads.h"

#include <cstdlib>
#include <mutex>
#include <semaphore>
#include <system_error>
#include <thread>

#include <omp.h>

namespace fovea {
namespace {

// OMP_WAIT_POLICY is read when OpenMP is loaded, before anything here runs, and no function changes
// it later. But OpenMP's manual (GOMP_SPINCOUNT) says: as long as a process has more OpenMP threads
// than CPUs, a waiting one looks 100 times, about a microsecond, and sleeps. So the process gets as
// many threads as that takes; they never do anything.

/// Ends when there are `threads` more, which sleep until the process ends.
void add_sleeping_threads(int threads) {
  std::binary_semaphore counted(0);
  std::thread([&counted, threads] {
    std::binary_semaphore never(0);
#pragma omp parallel num_threads(threads + 1)
    {
#pragma omp barrier  // or compilers leave the threads out
    }
    counted.release();
    never.acquire();
  }).detach();
  counted.acquire();
}

}  // namespace

void let_idle_threads_sleep(int threads) {
  static std::mutex mutex;
  static int added = 0;
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT") || threads < 2) return;
  const std::lock_guard lock(mutex);
  const int wanted = omp_get_num_procs() - threads + 1;
  if (wanted <= added) return;
  try {
    add_sleeping_threads(wanted - added);
    added = wanted;
  } catch (const std::system_error&) {
    // No thread can be had: waiting stays as OpenMP has it.
  }
}

}  // namespace fovea
