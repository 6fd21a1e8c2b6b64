#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/callbacks.h"
#include "bindings/core/memory_object.h"

namespace fovea::python {
namespace {

AgeResult age(MemoryObject& self, bool dry_run, const nb::object& now,
              const std::optional<LevelName>& to, const std::optional<Policy>& policy,
              const nb::object& progress) {
  Watch watch(progress, "pages");
  AgeOptions options{.policy = policy ? policy : self.options.policy,
                     .now = {},
                     .to = value_of(to),
                     .dry_run = dry_run,
                     .progress = watch.progress()};
  if (!now.is_none()) options.now = seconds_of(now);
  AgeResult result = self.memory.run([&](Memory& memory) { return memory.age(options); });
  watch.raise();
  return result;
}

constexpr const char* kPlanSignature =
    "def plan(self, *, now: datetime.datetime | float | None = None, "
    "to: Level | str | None = None, policy: Policy | None = None, " FOVEA_PROGRESS ") -> AgeResult";
constexpr const char* kAgeSignature =
    "def age(self, *, now: datetime.datetime | float | None = None, "
    "to: Level | str | None = None, policy: Policy | None = None, " FOVEA_PROGRESS ") -> AgeResult";

}  // namespace

void bind_forgetting(MemoryClass& memory) {
  memory
      .def("plan",
           [](MemoryObject& self, const nb::object& now, const std::optional<LevelName>& to,
              const std::optional<Policy>& policy, const nb::object& progress) {
             return age(self, true, now, to, policy, progress);
           },
           nb::kw_only(), nb::arg("now") = nb::none(), nb::arg("to") = nb::none(),
           nb::arg("policy") = nb::none(), nb::arg("progress") = nb::none(),
           nb::sig(kPlanSignature),
           "What age() would do and lose; keeps nothing but what it measured. Pages are encoded\n"
           "and read back.")
      .def("age",
           [](MemoryObject& self, const nb::object& now, const std::optional<LevelName>& to,
              const std::optional<Policy>& policy, const nb::object& progress) {
             return age(self, false, now, to, policy, progress);
           },
           nb::kw_only(), nb::arg("now") = nb::none(), nb::arg("to") = nb::none(),
           nb::arg("policy") = nb::none(), nb::arg("progress") = nb::none(),
           nb::sig(kAgeSignature),
           "One round of forgetting, a transaction a page.\n\n"
           "now: a datetime or seconds since 1970; None: the clock. to: takes every unpinned page\n"
           "to this level, whatever its age. policy: for this round; None: the scope's.")
      .def("policy",
           [](MemoryObject& self) {
             return self.memory.run([](Memory& memory) { return memory.policy(); });
           },
           "How the scope's pages fade: as the store has it, otherwise Policy.standard().")
      .def("promote",
           [](MemoryObject& self, std::int64_t id, const std::optional<LevelName>& to) {
             return self.memory.run(
                 [&](Memory& memory) { return memory.promote(id, value_of(to)); });
           },
           nb::arg("id"), nb::arg("to") = nb::none(),
           "Takes a page back to a sharper level (None: the one before its last step down).\n\n"
           "Raises KeyError where its exact text is not kept, ValueError where nothing is to undo.")
      .def("pin",
           [](MemoryObject& self, std::int64_t id, bool pinned) {
             self.memory.run([&](Memory& memory) { memory.pin(id, pinned); });
           },
           nb::arg("id"), nb::arg("pinned") = true,
           "A pinned page stays as sharp as it is. Raises KeyError for a page that does not exist.")
      .def("erase",
           [](MemoryObject& self, const std::vector<std::int64_t>& ids) {
             return self.memory.run([&](Memory& memory) { return memory.erase(ids); });
           },
           nb::arg("ids"),
           "Removes pages for good: text, vision tokens, index entries.\n\n"
           "Raises KeyError naming a page that does not exist; then nothing is removed.")
      .def("erase_scope",
           [](MemoryObject& self) {
             return self.memory.run([](Memory& memory) { return memory.erase_scope(); });
           },
           "Removes everything of the scope for good.");
}

}  // namespace fovea::python
