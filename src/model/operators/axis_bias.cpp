#include "model/operators/axis_bias.h"

namespace fovea {

BiasValues values_of(const AxisBias& bias, std::int64_t head, std::int64_t query) {
  if (!bias.is_there()) return {};
  auto at = (head * bias.rows.size(1) + query) * bias.side();
  return {bias.rows.data_ptr<float>() + at, bias.columns.data_ptr<float>() + at, bias.side()};
}

}  // namespace fovea
