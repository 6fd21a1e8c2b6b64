#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "fovea/policy.h"

namespace fovea::python {
namespace {

std::string repr_of_step(const Step& step) {
  return "Step(id=" + std::to_string(step.id) + ", " + std::string(name_of(step.from)) + " -> " +
         (step.to ? std::string(name_of(*step.to)) : "gone") +
         ", tokens_saved=" + std::to_string(step.tokens_saved) + ")";
}

void bind_plan(nb::module_& module) {
  nb::class_<PageState>(module, "PageState", "What a plan needs to know of a page; times in "
                                             "seconds since 1970.")
      .def("__init__",
           [](PageState* self, std::int64_t id, const LevelName& level, Time time,
              Time last_recalled, bool pinned) {
             new (self) PageState{.id = id,
                                  .level = value_of(level),
                                  .time = time,
                                  .last_recalled = last_recalled,
                                  .pinned = pinned};
           },
           nb::arg("id"), nb::arg("level"), nb::arg("time"), nb::kw_only(),
           nb::arg("last_recalled") = 0, nb::arg("pinned") = false)
      .def_ro("id", &PageState::id)
      .def_ro("level", &PageState::level)
      .def_ro("time", &PageState::time, "Of its last message.")
      .def_ro("last_recalled", &PageState::last_recalled, "0: never.")
      .def_ro("pinned", &PageState::pinned);

  nb::class_<Step>(module, "Step", "One page's move.")
      .def_ro("id", &Step::id)
      .def_ro("from_level", &Step::from)
      .def_ro("to", &Step::to, "None: gone.")
      .def_ro("tokens_saved", &Step::tokens_saved)
      .def_ro("fidelity", &Step::fidelity,
              "1 - edit distance / length at the new level; None where it was not measured.")
      .def("__repr__", &repr_of_step);

  module.def("plan", &plan, nb::arg("policy"), nb::arg("pages"), nb::arg("now"),
             "The steps that `policy` asks for at `now` (seconds since 1970): pure, no store, no "
             "clock. Pinned pages stay.");
}

}  // namespace

void bind_policy(nb::module_& module) {
  nb::class_<AgeBand>(module, "AgeBand", "Pages at least this old belong at `level`.")
      .def_ro("older_than", &AgeBand::older_than, "Seconds.")
      .def_ro("level", &AgeBand::level, "None: they are erased.");

  nb::class_<Policy>(module, "Policy", "How memory fades. Data: JSON in, JSON out (doc/store.md).")
      .def_static("standard", &Policy::standard, "What is used where no policy is given.")
      .def_static("from_json", [](const std::string& json) { return Policy::from_json(json); },
                  nb::arg("json"),
                  "Reads `{\"kind\": \"by-age\", \"bands\": [{\"older_than\": \"1d\", \"level\": "
                  "\"small\"}]}`. Raises ValueError naming the key.")
      .def("to_json", &Policy::to_json)
      .def_ro("bands", &Policy::bands)
      .def("__repr__", [](const Policy& self) { return "Policy(" + self.to_json() + ")"; });
  bind_plan(module);
}

}  // namespace fovea::python
