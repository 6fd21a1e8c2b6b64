// Embeddings as they are stored: 8 bits a value.
#include "memory/embedding_bytes.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace fovea;

namespace {

std::vector<float> unpacked(const std::vector<float>& vector) {
  return unpack_embedding(pack_embedding(vector));
}

float dot(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::vector<float> some_unit_vector(std::mt19937& random, std::size_t size) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(size);
  for (float& value : vector) value = normal(random);
  const float length = std::sqrt(dot(vector, vector));
  for (float& value : vector) value /= length;
  return vector;
}

}  // namespace

TEST_CASE("embeddings: a scale and a byte a value come back within half a step") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const auto vector = some_unit_vector(random, 1 + random() % 500);
    const auto back = unpacked(vector);
    REQUIRE(back.size() == vector.size());
    CHECK(pack_embedding(vector).size() == 4 + vector.size());
    float largest = 0;
    for (const float value : vector) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < vector.size(); ++i)
      CHECK(std::abs(back[i] - vector[i]) <= largest / 127 * 0.5001f);
    CHECK(pack_embedding(back) == pack_embedding(vector));  // packing again changes nothing
  }
}

TEST_CASE("embeddings: inner products stay what they are, to some ten-thousandths") {
  std::mt19937 random(2);
  for (int round = 0; round < 100; ++round) {
    const auto a = some_unit_vector(random, 384), b = some_unit_vector(random, 384);
    CHECK(std::abs(dot(a, unpacked(b)) - dot(a, b)) < 2e-3f);
    CHECK(std::abs(dot(a, unpacked(a)) - 1) < 2e-3f);
  }
}

TEST_CASE("embeddings: zeros, one value and numbers that are none do no harm") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK(unpacked({0, 0, 0}) == std::vector<float>{0, 0, 0});
  CHECK(unpacked({-5}) == std::vector<float>{-5});
  CHECK(unpacked({1e-45f}).size() == 1);
  CHECK(unpacked({NAN, 1, -1}) == std::vector<float>{0, 1, -1});
  for (const float value : unpacked({kInfinity, -kInfinity, 3e38f, NAN}))
    CHECK(std::isfinite(value));
}

TEST_CASE("embeddings: bytes that are too few are no vector") {
  CHECK(unpack_embedding("").empty());
  CHECK(unpack_embedding("abc").empty());
  CHECK(unpack_embedding("abcd").empty());
  CHECK(pack_embedding({}).size() == 4);
  CHECK(unpacked({}).empty());
}
