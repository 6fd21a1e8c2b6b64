#include "memory/measure/made_up.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace fovea {
namespace {

constexpr double kVocabulary = 60'000;

std::string spelled(std::size_t number) {
  static constexpr const char* kSyllables[] = {"ba", "ke", "li", "mo", "nu", "ra", "se", "ti",
                                               "vo", "zu", "da", "fe", "gi", "ho", "pu", "ta"};
  std::string word;
  for (number += 16; number > 0; number /= 16) word += kSyllables[number % 16];
  return word;
}

void make_unit(std::span<float> vector) {
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * value;
  const auto scale = static_cast<float>(1 / std::sqrt(square));
  for (float& value : vector) value *= scale;
}

}  // namespace

std::string MadeUp::text(std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    const double u = std::uniform_real_distribution<>(0, 1)(random_);
    text += spelled(static_cast<std::size_t>(std::pow(kVocabulary, u)) - 1);
    text += i % 15 == 14 ? ".\n" : " ";
  }
  return text;
}

std::string MadeUp::question() {
  std::string text;
  for (int i = 0; i < 3; ++i) text += spelled(200 + random_() % 8000) + " ";
  return text;
}

std::vector<float> MadeUp::vectors(std::size_t count, int dim) {
  const auto size = static_cast<std::size_t>(dim);
  std::normal_distribution<float> normal;
  std::vector<float> values(count * size);
  for (float& value : values) value = normal(random_);
  for (std::size_t i = 0; i < count; ++i) make_unit(std::span(values).subspan(i * size, size));
  return values;
}

std::vector<float> MadeUp::clustered(std::size_t count, int dim) {
  const auto size = static_cast<std::size_t>(dim);
  const std::size_t clusters = std::max<std::size_t>(10, count / 500);
  const std::vector<float> centres = vectors(clusters, dim);
  std::vector<float> values = vectors(count, dim);
  for (std::size_t i = 0; i < count; ++i) {
    const auto vector = std::span(values).subspan(i * size, size);
    const std::size_t centre = random_() % clusters * size;
    for (std::size_t j = 0; j < size; ++j) vector[j] = 0.6f * vector[j] + 0.8f * centres[centre + j];
    make_unit(vector);
  }
  return values;
}

}  // namespace fovea
