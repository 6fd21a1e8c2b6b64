#include "measure/floor_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace fovea;

namespace {

constexpr int kRows = 53, kColumns = 100;

/// A page of rows of `a`.
Page page_of(int rows = kRows) {
  Page page;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < kColumns; ++column)
      page.cells.push_back({.begin = static_cast<std::uint32_t>(row * kColumns + column),
                            .length = 1,
                            .row = static_cast<std::uint16_t>(row),
                            .column = static_cast<std::uint16_t>(column),
                            .width = 1});
    page.text += std::string(kColumns, 'a');
  }
  return page;
}

std::string with_errors(int errors) {
  return std::string(static_cast<std::size_t>(errors), 'x') +
         std::string(static_cast<std::size_t>(kColumns - errors), 'a');
}

struct Errors {
  std::vector<int> glance, reading;  ///< a row
};

/// Reads the rows that the check asks for. Returns how many these were.
std::size_t read(FloorCheck& check, const Errors& errors) {
  PartRead page;
  page.rows.resize(kRows);
  for (int row = 0; row < kRows; ++row) {
    const auto place = static_cast<std::size_t>(row);
    page.glance.push_back(place < errors.glance.size() ? with_errors(errors.glance[place]) : "");
  }
  std::size_t count = 0;
  for (auto rows = check.next(page); !rows.empty(); rows = check.next(page)) {
    for (const int row : rows) {
      const auto place = static_cast<std::size_t>(row);
      CHECK(!page.rows[place]);
      page.rows[place] = ReadRow{with_errors(errors.reading[place]), 1, {}};
      ++count;
    }
  }
  return count;
}

double accuracy_of(const Errors& errors) {
  int sum = 0;
  for (const int count : errors.reading) sum += count;
  return 1 - sum / double(errors.reading.size() * kColumns);
}

/// A decoder that mends so many of a hundred errors of the glance.
Errors made_up(double glance, double mended, std::mt19937& random) {
  Errors errors;
  for (int row = 0; row < kRows; ++row) {
    const int seen = std::min<int>(kColumns, std::poisson_distribution<int>(glance)(random));
    errors.glance.push_back(seen);
    errors.reading.push_back(std::binomial_distribution<int>(seen, 1 - mended)(random));
  }
  return errors;
}

}  // namespace

TEST_CASE("floor check: a page far from the floor is decided by eight of its rows") {
  const Page page = page_of();
  FloorCheck good(page, 0.9), bad(page, 0.999);
  const Errors errors{std::vector<int>(kRows, 4), std::vector<int>(kRows, 2)};
  CHECK(read(good, errors) == 8);
  CHECK(good.fidelity().accuracy == doctest::Approx(0.98));
  CHECK(good.fidelity().error > 0.002);
  CHECK(good.fidelity().error < 0.05);
  CHECK(good.fidelity().accuracy - good.fidelity().error >= 0.9);
  CHECK(read(bad, errors) == 16);  // nearer
  CHECK(bad.fidelity().accuracy + bad.fidelity().error < 0.999);
}

TEST_CASE("floor check: a page at the floor is read whole, and its figure is exact") {
  const Page page = page_of();
  const Errors errors{std::vector<int>(kRows, 4), std::vector<int>(kRows, 2)};
  for (const double floor : {0.98, 0.9801}) {
    FloorCheck check(page, floor);
    CHECK(read(check, errors) == kRows);
    CHECK(check.fidelity().accuracy == doctest::Approx(0.98).epsilon(1e-12));
    CHECK(check.fidelity().error == 0);
    CHECK(check.fidelity().exact_rows == 0);
  }
}

TEST_CASE("floor check: rows of the most doubt are among the first") {
  const Page page = page_of();
  Errors errors{std::vector<int>(kRows, 0), std::vector<int>(kRows, 0)};
  for (const int row : {5, 17, 30, 44}) errors.glance[row] = errors.reading[row] = 90;
  FloorCheck check(page, 0.99);
  CHECK(read(check, errors) < 20);
  CHECK(check.fidelity().accuracy < 0.95);  // 360 of 5,300 characters are wrong
}

TEST_CASE("floor check: pages of few rows, or of none, are read whole") {
  const Page five = page_of(5), none;
  FloorCheck check(five, 0.5);
  CHECK(read(check, {std::vector<int>(5, 10), std::vector<int>(5, 10)}) == 5);
  CHECK(check.fidelity().accuracy == doctest::Approx(0.9));
  CHECK(check.fidelity().error == 0);
  FloorCheck empty(none, 0.5);
  CHECK(read(empty, {}) == 0);
  CHECK(empty.fidelity().accuracy == 1);
}

TEST_CASE("floor check: thousands of pages are decided as if they were read whole") {
  const Page page = page_of();
  std::mt19937 random(7);
  int wrong = 0, outside = 0, pages = 0;
  std::size_t rows = 0;
  for (int i = 0; i < 400; ++i) {
    const double glance = std::uniform_real_distribution<double>(0.05, 20)(random);
    const Errors errors = made_up(glance, 0.3 + 0.6 * (i % 7) / 6.0, random);
    const double right = accuracy_of(errors);
    for (const double floor : {0.999, 0.995, 0.98, 0.9, 0.6}) {
      FloorCheck check(page, floor);
      rows += read(check, errors);
      const Fidelity& found = check.fidelity();
      wrong += (found.accuracy >= floor) != (right >= floor);
      outside += std::abs(found.accuracy - right) > found.error + 1e-9;
      ++pages;
    }
  }
  CHECK(wrong == 0);
  CHECK(outside <= 1);
  CHECK(rows < static_cast<std::size_t>(pages) * kRows * 2 / 5);
}
