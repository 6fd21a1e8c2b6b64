#pragma once

namespace fovea {

/// From now on this process's OpenMP threads, libtorch's among them, sleep when they have nothing to
/// do. By itself GCC's OpenMP lets them look for work at full speed for milliseconds first, which
/// takes the cores from whatever else runs: from another program, and from the very threads that are
/// waited for. Does nothing where the user chose, by OMP_WAIT_POLICY or GOMP_SPINCOUNT, or with
/// another OpenMP than GCC's. `threads`: of the smallest loop that matters. Thread-safe.
void let_idle_threads_sleep(int threads);

}  // namespace fovea
