#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/callbacks.h"
#include "bindings/core/memory_object.h"
#include "bindings/core/numbers.h"
#include "fovea/error.h"

namespace fovea::python {
namespace {

AgeResult age(MemoryObject& self, bool dry_run, const nb::object& now,
              const std::optional<LevelName>& to, const std::optional<Policy>& policy,
              const nb::object& progress) {
  Watch watch(progress, "pages");
  AgeOptions options{.policy = policy ? policy : self.options.policy,
                     .now = {},
                     .to = value_of(to),
                     .keep_words = self.options.keep_words,
                     .progress = watch.progress()};
  if (!now.is_none()) options.now = seconds_of(now, "now");
  AgeResult result = self.memory.run(
      [&](Memory& memory) { return dry_run ? memory.plan(options) : memory.age(options); });
  watch.raise();
  return result;
}

EraseReceipt erase(MemoryObject& self, const std::optional<std::vector<nb::int_>>& ids,
                   const std::vector<std::string>& where, const std::string& query,
                   const std::vector<std::string>& source_ids,
                   const std::optional<std::tuple<std::int64_t, std::size_t, std::size_t>>& span,
                   bool dry_run) {
  EraseOptions options{.pages = page_numbers(ids.value_or(std::vector<nb::int_>())),
                       .where = conditions_of(where),
                       .sources = source_ids,
                       .query = query,
                       .span = {},
                       .dry_run = dry_run};
  if (span) {
    const auto [page, begin, end] = *span;
    if (end <= begin)
      throw Error(ErrorCode::invalid_argument, "span: expected (page, begin, end) with begin < end");
    options.span = {page, begin, end - begin};
  }
  const bool nothing = ids && ids->empty() && where.empty() && query.empty() && source_ids.empty() && !span;
  if (nothing) return {};
  return self.memory.run([&](Memory& memory) { return memory.erase(options); });
}

constexpr const char* kEraseSignature =
    "def erase(self, ids: collections.abc.Sequence[int] | None = None, *, "
    "where: collections.abc.Sequence[str] = (), query: str = '', "
    "source_ids: collections.abc.Sequence[str] = (), span: tuple[int, int, int] | None = None, "
    "dry_run: bool = False) -> EraseReceipt";

constexpr const char* kPlanSignature =
    "def plan(self, *, " FOVEA_NOW
    "to: Level | str | None = None, policy: Policy | None = None, " FOVEA_PROGRESS ") -> AgeResult";
constexpr const char* kAgeSignature =
    "def age(self, *, dry_run: bool = False, " FOVEA_NOW
    "to: Level | str | None = None, policy: Policy | None = None, " FOVEA_PROGRESS ") -> AgeResult";

}  // namespace

void bind_forgetting(MemoryClass& memory) {
  memory
      .def(
          "plan",
          [](MemoryObject& self, const nb::object& now, const std::optional<LevelName>& to,
             const std::optional<Policy>& policy,
             const nb::object& progress) { return age(self, true, now, to, policy, progress); },
          nb::kw_only(), nb::arg("now") = nb::none(), nb::arg("to") = nb::none(),
          nb::arg("policy") = nb::none(), nb::arg("progress") = nb::none(), nb::sig(kPlanSignature),
          "What age() would do, and which words that would lose. Stores only its measurements; "
          "pages\n"
          "are encoded and read back.")
      .def("age", &age, nb::kw_only(), nb::arg("dry_run") = false, nb::arg("now") = nb::none(),
           nb::arg("to") = nb::none(), nb::arg("policy") = nb::none(),
           nb::arg("progress") = nb::none(), nb::sig(kAgeSignature),
           "One round of forgetting, with a transaction per page.\n\n"
           "dry_run: reports what would happen and be lost, as plan() does, without doing it.\n"
           "now: a datetime or seconds since 1970; None: the current time.\n"
           "to: takes every unpinned page to this level, whatever its age.\n"
           "policy: for this round; None: the scope's.")
      .def(
          "policy",
          [](MemoryObject& self) {
            return self.memory.run([](Memory& memory) { return memory.policy(); });
          },
          "How the scope's pages fade: the policy saved in the store, else Policy.standard().")
      .def(
          "promote",
          [](MemoryObject& self, const nb::int_& number, const std::optional<LevelName>& to) {
            const std::int64_t id = page_number(number);
            return self.memory.run(
                [&](Memory& memory) { return memory.promote(id, value_of(to)); });
          },
          nb::arg("id"), nb::arg("to") = nb::none(),
          "Takes a page to a sharper level; None: the one before its last step down.\n\n"
          "Raises KeyError if its exact text is not kept, ValueError if there is no step to undo.")
      .def(
          "pin",
          [](MemoryObject& self, const nb::int_& number, bool pinned) {
            const std::int64_t id = page_number(number);
            self.memory.run([&](Memory& memory) { memory.pin(id, pinned); });
          },
          nb::arg("id"), nb::arg("pinned") = true,
          "A pinned page keeps its level. Raises KeyError for a page that does not exist.")
      .def("erase", &erase, nb::arg("ids") = nb::none(), nb::kw_only(),
           nb::arg("where") = nb::make_tuple(), nb::arg("query") = "",
           nb::arg("source_ids") = nb::make_tuple(), nb::arg("span") = nb::none(),
           nb::arg("dry_run") = false, nb::sig(kEraseSignature),
           "Erases pages, messages or a part of a page for good, with vision tokens and index "
           "entries.\n\n"
           "ids: pages, with everything on them; 0 is the text that is not on a page yet.\n"
           "where, query, source_ids: erase the messages that meet all that is given: conditions "
           "on\n"
           "role, source and time; all these words; one of these sources. What remains of a page "
           "is\n"
           "drawn anew at its level.\n"
           "span: (page, begin, end) in characters of a page's exact text.\n"
           "dry_run: changes nothing; the receipt says what would be erased.\n"
           "Erased messages that have a source stay out when they are added again (see add_many).\n"
           "Raises KeyError naming a page that does not exist; then nothing is erased.")
      .def(
          "erase_scope",
          [](MemoryObject& self) {
            return self.memory.run([](Memory& memory) { return memory.erase_scope(); });
          },
          "Erases all that the scope has, for good.");
}

}  // namespace fovea::python
