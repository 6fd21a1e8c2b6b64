#pragma once

#include <nanobind/nanobind.h>

#include "fovea/embedder.h"

namespace fovea::python {

/// The embedder that a caller gave: a callable of list[str], or an object with a method `embed`, that
/// gives an array [texts, dimensions]; its `name`, or else that of its function or class, is the
/// embedder's. It is called with the GIL in the thread whose call needs it; what it raises ends that
/// call. Borrows `given`, which must outlive it. Throws TypeError for another object.
Embedder embedder_of(const nanobind::object& given);

}  // namespace fovea::python
