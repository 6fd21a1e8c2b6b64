#include "plot/scale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace fovea::plot {
namespace {

constexpr double kSmallest = 1e-12;  // of a logarithmic axis
constexpr double kLargest = 1e15;    // beyond it 1 is too little to tell two ends apart
constexpr int kMostTicks = 6;

/// The largest of 1, 2 and 5 times a power of ten that is not above `value`.
double round_step(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double factor : {5.0, 2.0})
    if (factor * power <= value * (1 + 1e-9)) return factor * power;
  return power;
}

}  // namespace

std::string number_text(double value) {
  std::array<char, 64> buffer;
  int digits = 0;
  while (digits < 12 && std::abs(std::round(value * std::pow(10, digits)) / std::pow(10, digits) -
                                 value) > std::abs(value) * 1e-6)
    ++digits;
  std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  const std::string plain = buffer.data();
  const std::size_t point = std::min(plain.find('.'), plain.size());
  std::string text;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool after_digit = !text.empty() && text.back() != '-';
    if (i < point && after_digit && (point - i) % 3 == 0) text += ',';
    text += plain[i];
  }
  return text;
}

AxisScale::AxisScale(const Axis& axis, const std::vector<double>& values) : scale_(axis.scale) {
  find_range(axis, values);
  ticks_ = axis.ticks;
  if (!ticks_.empty()) return;
  if (scale_ == Scale::linear)
    add_linear_ticks();
  else
    add_decades();
  if (ticks_.size() < 2) {  // of a logarithmic axis between two of them
    ticks_.clear();
    add_linear_ticks();
  }
}

void AxisScale::find_range(const Axis& axis, const std::vector<double>& values) {
  const bool logarithmic = scale_ == Scale::logarithmic;
  std::vector<double> seen;
  const auto see = [&](double value) {
    if (std::isfinite(value) && (!logarithmic || value > kSmallest)) seen.push_back(value);
  };
  for (const double value : values) see(value);
  for (const Tick& tick : axis.ticks) see(tick.at);
  double low = logarithmic ? 0.1 : 0, high = 1;
  if (!seen.empty()) {
    low = *std::ranges::min_element(seen);
    high = *std::ranges::max_element(seen);
  }
  if (logarithmic) {  // room for markers
    const bool zero = std::ranges::any_of(values, [](double value) { return value <= 0; });
    from_ = axis.from.value_or(low / (zero ? 3 : 1.15));  // the edge stands apart if zero is there
    to_ = axis.to.value_or(high * 1.15);
    from_ = std::clamp(from_, kSmallest, kLargest);
    to_ = std::min(to_, kLargest);
    if (to_ <= from_) to_ = from_ * 10;
    return;
  }
  const double room = high > low ? (high - low) * 0.05 : std::max(std::abs(high) * 0.05, 0.5);
  from_ = std::clamp(axis.from.value_or(low - room), -kLargest, kLargest);
  to_ = std::clamp(axis.to.value_or(high + room), -kLargest, kLargest);
  if (to_ <= from_) to_ = from_ + 1;
}

void AxisScale::add_linear_ticks() {
  const double step = round_step((to_ - from_) / (kMostTicks - 2));
  for (double i = std::ceil(from_ / step - 1e-9); i * step <= to_ + step * 1e-9; ++i) {
    const double at = i * step + 0.0;  // which turns -0 into 0
    ticks_.push_back({at, number_text(at)});
  }
}

void AxisScale::add_decades() {
  const double decades = std::log10(to_ / from_);
  const int every = std::max(1, static_cast<int>(std::ceil(decades / (kMostTicks + 1))));
  const double first = std::floor(std::log10(from_)), last = std::ceil(std::log10(to_));
  for (double exponent = first; exponent <= last; ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, exponent);
      if (value < from_ * (1 - 1e-9) || value > to_ * (1 + 1e-9)) continue;
      const bool named =
          decades < 2.5 || (factor == 1 && std::fmod(std::abs(exponent), every) == 0);
      if (named) ticks_.push_back({value, number_text(value)});
    }
  }
}

double AxisScale::place(double value) const {
  const double within = std::clamp(std::isnan(value) ? from_ : value, from_, to_);
  if (scale_ == Scale::linear) return (within - from_) / (to_ - from_);
  return std::log(within / from_) / std::log(to_ / from_);
}

}  // namespace fovea::plot
