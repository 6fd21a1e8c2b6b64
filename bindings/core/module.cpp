#include "bindings/core/module.h"

NB_MODULE(_core, module) {
  using namespace fovea::python;
  module.doc() = "The C++ library. Import `fovea`, which loads this at the first need of it.";
  bind_errors(module);
  bind_ending(module);
  bind_levels(module);
  bind_pages(module);
  bind_documents(module);
  bind_codec(module);
  bind_pictures(module);
  bind_ocr(module);
  bind_policy(module);
  bind_results(module);
  bind_written(module);
  bind_found(module);
  bind_listed(module);
  bind_events(module);
  bind_keys(module);
  bind_embedders(module);
  bind_context(module);
  bind_memory(module);
}
