#pragma once

#include <memory>
#include <utility>

#include "fovea/page.h"

namespace fovea::python {

/// A page as Python has it: never changed, so that arrays may look at its pixels.
struct PageObject {
  explicit PageObject(Page page) : page(std::move(page)) {}
  const Page page;
};

}  // namespace fovea::python
