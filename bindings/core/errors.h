#pragma once

#include <string>

#include <nanobind/nanobind.h>

#include "fovea/error.h"

namespace fovea::python {

/// Sets the Python exception that `error` is, of a class of fovea.errors.
void set_error(const Error& error);

[[noreturn]] void raise_type_error(const std::string& message);
/// The name of an object's type.
std::string name_of_type(const nanobind::handle& object);

}  // namespace fovea::python
