#pragma once

#include <omp.h>

namespace fovea {

/// The most threads that a parallel loop is sure to get when it asks for them. oneDNN cuts a product
/// up for as many as it asks for; where fewer come, parts of the sums are left out and nothing tells.
inline int most_sure_threads() {
  return omp_get_dynamic() ? 1 : omp_get_thread_limit();  // OMP_DYNAMIC, OMP_THREAD_LIMIT
}

}  // namespace fovea
