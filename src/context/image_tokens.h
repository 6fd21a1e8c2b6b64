#pragma once

#include "context/targets.h"

namespace fovea {

/// What a model makes of a picture.
struct SeenImage {
  int tokens = 0;
  double scale = 1;  ///< of its sides: below 1 where the provider shrinks it first
};

/// A picture of `width` x `height` px by the provider's rule. Tokens are rounded up. Throws
/// Error(invalid_argument) for a side below 1, and for a rule of kind none.
SeenImage see_image(const CountRule& rule, int width, int height);

}  // namespace fovea
