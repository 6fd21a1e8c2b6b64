#include "model/token_coder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "fovea/error.h"

namespace {

using fovea::Error;
using fovea::ErrorCode;
using fovea::TokenCoder;

/// Of `columns` columns with numbers -range .. range as a bell has them, the last ones wider.
std::vector<std::int32_t> bell_frequencies(int columns, int range) {
  std::vector<std::int32_t> all;
  for (int column = 0; column < columns; ++column) {
    const int symbols = 2 * range + 2;
    std::vector<std::int32_t> row;
    std::int32_t sum = 0;
    for (int i = 0; i < symbols; ++i) {
      const double x = (i - range) / (1.0 + column);
      row.push_back(1 + static_cast<std::int32_t>(2000 * std::exp(-x * x / 2) / (1 + column)));
      sum += row.back();
    }
    row[static_cast<std::size_t>(range)] += static_cast<std::int32_t>(TokenCoder::kTotal) - sum;
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

std::vector<std::int8_t> numbers(int rows, int columns, int spread) {
  std::mt19937 random(7);
  std::vector<std::int8_t> values;
  for (int i = 0; i < rows * columns; ++i) {
    int sum = 0;
    for (int j = 0; j < 4; ++j) sum += static_cast<int>(random() % static_cast<unsigned>(2 * spread + 1)) - spread;
    values.push_back(static_cast<std::int8_t>(std::clamp(sum / 2, -127, 127)));
  }
  return values;
}

ErrorCode code_of(const auto& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return ErrorCode::io;
}

TEST_CASE("token coder: numbers come back, those beyond the range too") {
  const TokenCoder coder(bell_frequencies(5, 3), 5, 3);
  for (const int spread : {0, 1, 3, 60}) {
    const auto values = numbers(64, 5, spread);
    CHECK(coder.unpack(coder.pack(values), 64) == values);
  }
  CHECK(coder.unpack(coder.pack({}), 0).empty());
}

TEST_CASE("token coder: the bytes are these on every machine") {
  const std::vector<std::int32_t> halves = {4096, 8192, 4080, 16};
  const TokenCoder coder(halves, 1, 1);
  const std::vector<std::int8_t> values = {0, 0, -1, 1, 0, 100, 0, -1};
  const std::vector<std::uint8_t> packed = coder.pack(values);
  CHECK(packed == std::vector<std::uint8_t>{0x08, 0x0B, 0x22, 0x0F, 0xF9, 0x10, 0x00});
  CHECK(coder.unpack(packed, 8) == values);
}

TEST_CASE("token coder: a number costs what its frequency says, within a byte or two a page") {
  std::vector<std::int32_t> quarters = {4096, 4096, 4096, 4096};
  const TokenCoder coder(quarters, 1, 1);
  const auto values = numbers(4000, 1, 1);
  double bits = 0;
  for (const std::int8_t value : values) bits += value >= -1 && value <= 1 ? 2 : 10;
  CHECK(coder.pack(values).size() == doctest::Approx(bits / 8 + 4).epsilon(0.002));
}

TEST_CASE("token coder: damaged bytes are corruption or numbers, never more") {
  const TokenCoder coder(bell_frequencies(8, 5), 8, 5);
  const auto values = numbers(32, 8, 4);
  const auto packed = coder.pack(values);
  int refused = 0;
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    auto bad = packed;
    bad[random() % bad.size()] = static_cast<std::uint8_t>(random());
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    try {
      const auto read = coder.unpack(bad, 32);
      CHECK(read.size() == values.size());
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::corruption);
      ++refused;
    }
  }
  CHECK(refused > 1500);
  CHECK(code_of([&] { coder.unpack({}, 32); }) == ErrorCode::corruption);
  CHECK(code_of([&] { coder.unpack(packed, 31); }) == ErrorCode::corruption);
  CHECK(code_of([&] { coder.unpack(packed, 33); }) == ErrorCode::corruption);
}

TEST_CASE("token coder: frequencies that are none are refused") {
  const std::vector<std::int32_t> good = {4096, 4096, 4096, 4096};
  const auto refused = [&](std::size_t at, std::int32_t value) {
    auto bad = good;
    bad[at] = value;
    return code_of([&] { TokenCoder(bad, 1, 1); });
  };
  CHECK(refused(0, 0) == ErrorCode::corruption);
  CHECK(refused(1, -5) == ErrorCode::corruption);
  CHECK(refused(2, 4097) == ErrorCode::corruption);
  CHECK(refused(3, 2'000'000'000) == ErrorCode::corruption);
  CHECK(code_of([&] { TokenCoder(good, 2, 1); }) == ErrorCode::corruption);
}

TEST_CASE("token coder: even frequencies serve any table") {
  const TokenCoder coder = TokenCoder::even(3, 31);
  const auto values = numbers(10, 3, 40);
  CHECK(coder.unpack(coder.pack(values), 10) == values);
}

}  // namespace
