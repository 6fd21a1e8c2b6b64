#include <algorithm>

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/shown.h"
#include "fovea/policy.h"

namespace fovea::python {
namespace {

std::string repr_of_step(const Step& step) {
  return "Step(id=" + std::to_string(step.id) + ", " + std::string(name_of(step.from)) + " -> " +
         (step.to ? std::string(name_of(*step.to)) : "gone") +
         ", tokens_saved=" + std::to_string(step.tokens_saved) + ")";
}

std::string repr_of_state(const PageState& self) {
  return "PageState(id=" + std::to_string(self.id) + ", level=" + std::string(name_of(self.level)) +
         ", time=" + std::to_string(self.time) + (self.pinned ? ", pinned)" : ")");
}

std::string repr_of_band(const AgeBand& self) {
  return "AgeBand(older_than=" + std::to_string(self.older_than) +
         (self.floor   ? ", floor=" + rounded(*self.floor)
          : self.level ? ", level=" + std::string(name_of(*self.level))
                       : ", gone") +
         ")";
}

std::vector<Level> sorted(const std::optional<std::vector<LevelName>>& names) {
  if (!names) return {kLevels.begin(), kLevels.end()};
  std::vector<Level> levels;
  for (const LevelName& name : *names) levels.push_back(value_of(name));
  std::sort(levels.begin(), levels.end());
  return levels;
}

void bind_plan(nb::module_& module) {
  nb::class_<PageState>(module, "PageState",
                        "What a plan needs to know of a page; times in "
                        "seconds since 1970.")
      .def(
          "__init__",
          [](PageState* self, std::int64_t id, const LevelName& level, Time time,
             Time last_recalled, bool pinned, std::int64_t order, std::size_t characters,
             bool measurable, std::map<Level, double> fidelity,
             std::map<Level, double> fidelity_error, const LevelName& legible_to,
             bool has_archive) {
            new (self) PageState{.id = id,
                                 .order = order,
                                 .level = value_of(level),
                                 .time = time,
                                 .last_recalled = last_recalled,
                                 .pinned = pinned,
                                 .characters = characters,
                                 .measurable = measurable,
                                 .fidelity = std::move(fidelity),
                                 .fidelity_error = std::move(fidelity_error),
                                 .legible_to = value_of(legible_to),
                                 .has_archive = has_archive};
          },
          nb::arg("id"), nb::arg("level"), nb::arg("time"), nb::kw_only(),
          nb::arg("last_recalled") = 0, nb::arg("pinned") = false, nb::arg("order") = 0,
          nb::arg("characters") = 0, nb::arg("measurable") = false,
          nb::arg("fidelity") = std::map<Level, double>(),
          nb::arg("fidelity_error") = std::map<Level, double>(), nb::arg("legible_to") = "trace",
          nb::arg("has_archive") = false)
      .def_ro("id", &PageState::id)
      .def_ro("level", &PageState::level)
      .def_ro("time", &PageState::time, "Of its last message.")
      .def_ro("last_recalled", &PageState::last_recalled, "0: never.")
      .def_ro("pinned", &PageState::pinned)
      .def_ro("order", &PageState::order, "1, 2, 3 ... in the scope; decides its batch.")
      .def_ro("characters", &PageState::characters)
      .def_ro("measurable", &PageState::measurable, "Its exact text is known.")
      .def_ro("fidelity", &PageState::fidelity, "As measured, by level.")
      .def_ro("fidelity_error", &PageState::fidelity_error,
              "How far off these may be, either way, by level; without one: not at all.")
      .def_ro("legible_to", &PageState::legible_to,
              "The coarsest level at which it can be read at all: what a document's type allows.")
      .def_ro("has_archive", &PageState::has_archive)
      .def("__repr__", &repr_of_state);

  nb::class_<Step>(module, "Step", "One page's move.")
      .def_ro("id", &Step::id)
      .def_ro("from_level", &Step::from)
      .def_ro("to", &Step::to, "None: gone.")
      .def_ro("tokens_saved", &Step::tokens_saved)
      .def_ro("fidelity", &Step::fidelity,
              "1 - edit distance / length at the new level; None: not measured.")
      .def_ro("fidelity_error", &Step::fidelity_error,
              "How far off `fidelity` may be, either way; 0: the whole page was read.")
      .def_ro("reason", &Step::reason, "\"by age\", \"by fidelity\", \"for the budget\" ...")
      .def("__repr__", &repr_of_step);

  nb::class_<Measurement>(module, "Measurement", "A page and the level at which to read it back.")
      .def_ro("id", &Measurement::id)
      .def_ro("level", &Measurement::level)
      .def_ro("floor", &Measurement::floor,
              "It is enough to know whether the page holds this; None: how well it is read.")
      .def("__repr__", [](const Measurement& self) {
        return "Measurement(id=" + std::to_string(self.id) + ", " +
               std::string(name_of(self.level)) + ")";
      });

  nb::class_<ForgettingPlan>(module, "ForgettingPlan", "What a policy asks for.")
      .def_ro("steps", &ForgettingPlan::steps, "Whole once `measurements` is empty.")
      .def_ro("refused", &ForgettingPlan::refused,
              "Pages that are below their floor at the next level, or cannot be read there.")
      .def_ro("archives", &ForgettingPlan::archives,
              "Pages that lose their exact text, after their step.")
      .def_ro(
          "measurements", &ForgettingPlan::measurements,
          "What must be measured before the plan is complete: enter some results into the states "
          "and\n"
          "plan again.")
      .def_ro("vision_tokens", &ForgettingPlan::vision_tokens, "Of all pages after the steps.")
      .def("__repr__", [](const ForgettingPlan& self) {
        return "ForgettingPlan(" + grouped(self.steps.size()) + " steps, " +
               grouped(self.refused.size()) + " refused, " + grouped(self.measurements.size()) +
               " measurements wanted)";
      });

  module.def(
      "plan",
      [](const Policy& policy, const std::vector<PageState>& pages, Time now,
         const std::optional<std::vector<LevelName>>& levels) {
        return plan(policy, pages, now, sorted(levels));
      },
      nb::arg("policy"), nb::arg("pages"), nb::arg("now"), nb::arg("levels") = nb::none(),
      "What `policy` asks for at `now` (seconds since 1970). A pure function: no store, no clock.\n"
      "Pinned pages stay; no page gets sharper.\n\n"
      "levels: those that can be read back; None: all.");
  module.def(
      "expected_level", &expected_level, nb::arg("floor"),
      "The coarsest level at which most pages are read back at least as well as `floor`, 0..1.");
  module.def("expected_fidelity",
             [](const LevelName& level) { return expected_fidelity(value_of(level)); },
             nb::arg("level"), "How well most pages are read back at `level`, 0..1.");
}

}  // namespace

void bind_policy(nb::module_& module) {
  nb::class_<AgeBand>(
      module, "AgeBand",
      "What happens to pages at least this old. With `floor` they go to the coarsest level that "
      "is\n"
      "read back at least that well, with `level` to that level, with neither they are erased.")
      .def_ro("older_than", &AgeBand::older_than, "Seconds.")
      .def_ro("level", &AgeBand::level)
      .def_ro("floor", &AgeBand::floor, "1 - edit distance / length.")
      .def("__repr__", &repr_of_band);

  nb::class_<TextBudget>(module, "TextBudget",
                         "How much text is kept beside a page's vision tokens.")
      .def_ro("bytes", &TextBudget::bytes, "A page, before compression; 0: none is kept.")
      .def_ro("down_to", &TextBudget::down_to, "A coarser page keeps none.")
      .def("__repr__", [](const TextBudget& self) {
        return "TextBudget(bytes=" + std::to_string(self.bytes) +
               ", down_to=" + std::string(name_of(self.down_to)) + ")";
      });

  nb::class_<Policy>(module, "Policy",
                     "How memory fades; converts from and to JSON (doc/policies.md).")
      .def_static("standard", &Policy::standard, "What is used where no policy is given.")
      .def_static(
          "from_json", [](const std::string& json) { return Policy::from_json(json); },
          nb::arg("json"),
          "Reads `{\"bands\": [{\"older_than\": \"1d\", \"floor\": 0.995}]}`. Raises "
          "ValueError naming the key.")
      .def_static(
          "preset", [](const std::string& name) { return Policy::preset(name); }, nb::arg("name"),
          "\"careful\", \"balanced\" or \"lean\". Raises ValueError for another name.")
      .def_static(
          "preset_names",
          [] {
            std::vector<std::string> names;
            for (const std::string_view name : Policy::preset_names()) names.emplace_back(name);
            return names;
          },
          "Names of the presets.")
      .def("to_json", &Policy::to_json, "The policy with every key, as from_json reads it.")
      .def_ro("bands", &Policy::bands)
      .def_ro("budget", &Policy::budget, "Vision tokens of a scope; None: no limit.")
      .def_ro("batch", &Policy::batch, "Pages that fade together.")
      .def_ro("archive_for", &Policy::archive_for,
              "Seconds that a page's exact text is kept after its last message or recall; None: as "
              "long as\n"
              "the page.")
      .def_ro("anchors", &Policy::anchors,
              "Exact strings: ids, hashes, paths, URLs, numbers, names.")
      .def_ro("corrections", &Policy::corrections,
              "For reading errors; only for pages whose exact text is not kept.")
      .def_ro("anchors_without_archive", &Policy::anchors_without_archive,
              "Keep anchors also for pages whose exact text is not kept.")
      .def("__repr__", [](const Policy& self) { return "Policy(" + self.to_json() + ")"; });
  bind_plan(module);
}

}  // namespace fovea::python
