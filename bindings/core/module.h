#pragma once

#include <nanobind/nanobind.h>

/// fovea._core: the C++ library as Python sees it, one function for each subject. What Python adds
/// (async, loading, message formats of frameworks) stands in bindings/fovea.
namespace fovea::python {

namespace nb = nanobind;

void bind_errors(nb::module_& module);
void bind_ending(nb::module_& module);
void bind_levels(nb::module_& module);
void bind_pages(nb::module_& module);
void bind_codec(nb::module_& module);
void bind_documents(nb::module_& module);
void bind_ocr(nb::module_& module);
void bind_pictures(nb::module_& module);
void bind_policy(nb::module_& module);
void bind_results(nb::module_& module);
void bind_written(nb::module_& module);
void bind_found(nb::module_& module);
void bind_listed(nb::module_& module);
void bind_events(nb::module_& module);
void bind_keys(nb::module_& module);
void bind_embedders(nb::module_& module);
void bind_context(nb::module_& module);
void bind_memory(nb::module_& module);

}  // namespace fovea::python
