#pragma once

#include <cstddef>
#include <string>

#include "memory/store.h"

namespace fovea::bench {

inline const Scope kScope{"bench", "bench", "bench"};

/// Adds made-up pages to the scope of an existing store until it has that many: the rows that a
/// search reads, written in large transactions. Vision tokens are left out.
void fill(const std::string& file, std::size_t pages);

}  // namespace fovea::bench
