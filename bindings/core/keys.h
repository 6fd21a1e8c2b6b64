#pragma once

#include <nanobind/nanobind.h>

#include "fovea/key.h"

namespace fovea::python {

/// What a caller may give as a store's key: 32 bytes, a function that returns them, or None.
struct GivenKey {
  nanobind::object given;
};

/// Asks a function at once, so that what it raises reaches the caller. Empty for None. Throws
/// TypeError for another type, Error(invalid_argument) for another length; neither shows the key.
KeySource key_source_of(const GivenKey& key);

}  // namespace fovea::python

namespace nanobind::detail {

template <>
struct type_caster<fovea::python::GivenKey> {
  NB_TYPE_CASTER(fovea::python::GivenKey,
                 const_name("bytes | collections.abc.Callable[[], bytes] | None"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    value.given = borrow(source);
    return true;
  }
};

}  // namespace nanobind::detail
