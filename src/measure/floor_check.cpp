#include "measure/floor_check.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "measure/accuracy.h"

namespace fovea {
namespace {

constexpr std::size_t kRowsAtOnce = 8;

/// Errors that a row has for each character where the glance has none.
constexpr double kUnseen = 0.001;

// What is taken to be known of the spread of a row's errors for each one expected, before any was
// seen: so much, as if so many rows had shown it. Eight rows may by chance all be alike.
constexpr double kUsualSpread = 0.7;
constexpr double kRowsBefore = 4;

/// How many standard deviations an estimate is off, either way, once in 10,000 times: Student's
/// distribution by the expansion of its quantile from the normal one's, 3.8906.
double most_deviations(double degrees) {
  constexpr double z = 3.8906, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
  return z + (z3 + z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees * degrees * degrees);
}

double share(std::size_t part, std::size_t of) {
  return of == 0 ? 1 : static_cast<double>(part) / static_cast<double>(of);
}

ReadPage joined(const PartRead& part) {
  ReadPage page;
  for (const std::optional<ReadRow>& row : part.rows) {
    page.rows.push_back(row.value_or(ReadRow{}));
    page.text += page.rows.back().text;
  }
  return page;
}

}  // namespace

struct FloorCheck::Sums {
  std::size_t rows = 0, exact_rows = 0;  ///< that were read
  double errors = 0;                     ///< in them
  double expected = 0;                   ///< in them, and in the others
  double expected_elsewhere = 0;
  std::string exact, read;  ///< their texts, a line each
  double spread = 0;        ///< square of what a row's errors are off by, for each one expected
};

FloorCheck::FloorCheck(const Page& exact, double floor) : exact_(exact), floor_(floor) {
  const auto rows = rows_of(exact);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].empty()) continue;
    rows_.push_back({.number = static_cast<int>(i), .exact = characters_of(rows[i])});
    characters_ += rows_.back().exact.size();
  }
}

std::vector<int> FloorCheck::next(const PartRead& so_far) {
  const bool begins = std::ranges::none_of(rows_, &Row::is_chosen);
  if (begins)
    look(so_far);
  else if (is_decided(so_far))
    return {};
  if (rows_.empty()) read_whole(so_far);
  std::vector<int> numbers;
  for (const int place : some_rows()) {
    rows_[static_cast<std::size_t>(place)].is_chosen = true;
    numbers.push_back(rows_[static_cast<std::size_t>(place)].number);
  }
  return numbers;
}

void FloorCheck::look(const PartRead& page) {
  for (Row& row : rows_) {
    const auto seen = characters_of(page.glance.at(static_cast<std::size_t>(row.number)));
    row.expected = static_cast<double>(edit_distance(row.exact, seen)) +
                   kUnseen * static_cast<double>(row.exact.size());
  }
  std::ranges::stable_sort(rows_, std::ranges::greater{}, &Row::expected);
}

/// Of the rows left, half are those of the most errors, which matter most, and half are spread
/// evenly over the others, since few errors may be right in other shares than many.
std::vector<int> FloorCheck::some_rows() const {
  std::vector<int> left, some;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (!rows_[i].is_chosen) left.push_back(static_cast<int>(i));
  if (left.size() <= kRowsAtOnce) return left;
  constexpr std::size_t kSpread = kRowsAtOnce / 2;
  some.assign(left.begin(), left.begin() + (kRowsAtOnce - kSpread));
  const std::size_t rest = left.size() - some.size(), first = some.size();
  for (std::size_t i = 0; i < kSpread; ++i)
    some.push_back(left[first + (2 * i + 1) * rest / (2 * kSpread)]);
  return some;
}

FloorCheck::Sums FloorCheck::sums(const PartRead& page) const {
  Sums sums;
  const std::vector<std::string> exact = rows_of(exact_);
  std::vector<std::pair<double, double>> rows;  // errors, expected
  for (const Row& row : rows_) {
    const auto& read = page.rows.at(static_cast<std::size_t>(row.number));
    if (!read) {
      sums.expected_elsewhere += row.expected;
      continue;
    }
    const std::size_t errors = edit_distance(row.exact, characters_of(read->text));
    rows.emplace_back(static_cast<double>(errors), row.expected);
    sums.errors += rows.back().first;
    sums.expected += row.expected;
    sums.exact_rows += errors == 0;
    sums.exact += exact[static_cast<std::size_t>(row.number)] + '\n';
    sums.read += read->text + '\n';
  }
  sums.rows = rows.size();
  const double ratio = sums.errors / sums.expected;
  double squares = kRowsBefore * kUsualSpread;
  for (const auto& [errors, expected] : rows)
    squares += (errors - ratio * expected) * (errors - ratio * expected) / expected;
  sums.spread = squares / (static_cast<double>(rows.size()) - 1 + kRowsBefore);
  return sums;
}

bool FloorCheck::is_decided(const PartRead& page) {
  const Sums known = sums(page);
  if (known.expected_elsewhere == 0) {
    read_whole(page);
    return true;
  }
  const double all = static_cast<double>(characters_);
  const double errors = known.errors + known.errors / known.expected * known.expected_elsewhere;
  const double variance =
      known.spread * known.expected_elsewhere * (1 + known.expected_elsewhere / known.expected);
  const double off =
      most_deviations(static_cast<double>(known.rows) - 1 + kRowsBefore) * std::sqrt(variance);
  fidelity_ = {.accuracy = std::max(0.0, 1 - errors / all),
               .exact_rows = share(known.exact_rows, known.rows),
               .word_precision = word_precision(known.exact, known.read),
               .error = off / all};
  return fidelity_.accuracy - fidelity_.error >= floor_ ||
         fidelity_.accuracy + fidelity_.error < floor_;
}

void FloorCheck::read_whole(const PartRead& page) { fidelity_ = fidelity_of(exact_, joined(page)); }

}  // namespace fovea
