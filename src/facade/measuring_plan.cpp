#include "facade/measuring_plan.h"

#include <algorithm>
#include <bit>

namespace fovea {

bool MeasuringPlan::next() { return is_chosen(index_++); }

bool MeasuringPlan::is_chosen(std::size_t index) const {
  if (wanted_ <= 0) return wanted_ < 0;
  const auto wanted = static_cast<std::size_t>(wanted_);
  if (expected_ > 0) return index % std::max<std::size_t>(1, (expected_ + wanted - 1) / wanted) == 0;
  return index < (wanted + 1) / 2 || std::has_single_bit(index);
}

}  // namespace fovea
