#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace fovea {

/// Made-up texts and embeddings, the same for the same calls.
class MadeUp {
 public:
  explicit MadeUp(unsigned seed) : random_(seed) {}

  /// Words as often as language has them: of 60,000 the n-th with a chance of about 1 / n.
  std::string text(std::size_t words);
  /// Such as people ask: three words that are neither the commonest nor unheard of.
  std::string question();
  /// Unit vectors in all directions, [count, dim].
  std::vector<float> vectors(std::size_t count, int dim);
  /// Unit vectors in clusters of about 500, as texts of a subject are, [count, dim].
  std::vector<float> clustered(std::size_t count, int dim);

 private:
  std::mt19937 random_;
};

}  // namespace fovea
