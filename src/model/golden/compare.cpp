#include "model/golden/compare.h"

#include <cstdio>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>

#include "model/checkpoint/checkpoint.h"

namespace fovea::golden {
namespace {

/// A pixel value that is one level off moves by this much when normalised.
constexpr double kOneLevel = 8e-3;
constexpr double kShareOff = 0.01;

std::string text(const char* format, double a, double b = 0) {
  char line[128];
  std::snprintf(line, sizeof line, format, a, b);
  return line;
}

double largest(const at::Tensor& difference) {
  return difference.numel() ? difference.max().item<double>() : 0;
}

void compare_pixels(Report& report, const std::string& name, const at::Tensor& difference,
                    double limit, double one_level) {
  auto most = largest(difference);
  auto share = (difference > limit).to(at::kDouble).mean().item<double>();
  report.check(most <= limit || (most <= one_level && share <= kShareOff), name,
               text("max|diff| %.2e, off %.4f of the values", most, share));
}

/// Rows may differ only where the last expert chosen and the first one left out are nearly as
/// probable, or where two chosen ones are and stand in the other order.
void compare_experts(Report& report, const std::string& name, double limit,
                     const at::Tensor& expected, const at::Tensor& actual,
                     const at::Tensor& probs) {
  auto k = actual.size(1);
  auto ranked = std::get<0>(probs.sort(-1, /*descending=*/true));  // [n, experts]
  int unclear = 0, wrong = 0;
  for (std::int64_t row = 0; row < actual.size(0); ++row) {
    if (at::equal(expected[row], actual[row])) continue;
    auto same_set = at::equal(std::get<0>(expected[row].sort()), std::get<0>(actual[row].sort()));
    auto last = std::min(same_set ? k : k + 1, ranked.size(1));
    auto gaps = ranked[row].narrow(0, 0, last - 1) - ranked[row].narrow(0, 1, last - 1);
    auto gap = same_set ? gaps.min().item<double>() : gaps[-1].item<double>();
    ++(gap <= limit ? unclear : wrong);
  }
  report.check(wrong == 0, name, text("rows off %.0f, nearly tied %.0f", wrong, unclear));
}

}  // namespace

void compare(Report& report, const std::string& name, const Tolerance& tolerance,
             const at::Tensor& expected, const at::Tensor& actual,
             const std::function<at::Tensor()>& router_probs) {
  if (expected.sizes() != actual.sizes()) {
    report.fail(name, "expected " + to_string(expected.sizes().vec()) + ", found " +
                          to_string(actual.sizes().vec()));
    return;
  }
  auto difference = (expected.to(at::kDouble) - actual.to(at::kDouble)).abs();
  auto most = largest(difference);
  switch (tolerance.rule) {
    case Rule::exact:
      report.check(most == 0, name, most == 0 ? "equal" : text("max|diff| %.0f", most));
      break;
    case Rule::absolute:
      report.check(most <= tolerance.limit, name,
                   text("max|diff| %.2e, limit %.0e", most, tolerance.limit));
      break;
    case Rule::pixels: compare_pixels(report, name, difference, 0, 1); break;
    case Rule::normals: compare_pixels(report, name, difference, tolerance.limit, kOneLevel); break;
    case Rule::experts:
      compare_experts(report, name, tolerance.limit, expected.to(at::kLong), actual.to(at::kLong),
                      router_probs());
      break;
  }
}

}  // namespace fovea::golden
