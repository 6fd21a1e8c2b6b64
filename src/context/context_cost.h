#pragma once

#include <cstddef>

namespace fovea {

/// What pictures of a context take of what is limited.
struct ContextCost {
  std::size_t tokens = 0;
  std::size_t images = 0;
  std::size_t bytes = 0;  ///< of the request

  ContextCost operator+(const ContextCost& other) const {
    return {tokens + other.tokens, images + other.images, bytes + other.bytes};
  }
  bool fits(const ContextCost& limit) const {
    return tokens <= limit.tokens && images <= limit.images && bytes <= limit.bytes;
  }
};

}  // namespace fovea
