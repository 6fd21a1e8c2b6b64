#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/shown.h"

namespace fovea::python {
namespace {

void bind_page_info(nb::module_& module) {
  nb::class_<PageInfo>(module, "PageInfo", "A page as the store lists it.")
      .def_ro("id", &PageInfo::id)
      .def_ro("scope", &PageInfo::scope)
      .def_ro("level", &PageInfo::level)
      .def_ro("layout", &PageInfo::layout)
      .def_ro("density", &PageInfo::density, "Of layout cells.")
      .def_ro("first_time", &PageInfo::first_time,
              "Of its first message that has one, seconds since 1970; 0: not known.")
      .def_ro("time", &PageInfo::time, "Of its last message, seconds since 1970.")
      .def_ro("last_recalled", &PageInfo::last_recalled, "0: never.")
      .def_ro("expires", &PageInfo::expires, "0: never.")
      .def_ro("pinned", &PageInfo::pinned)
      .def_ro("has_archive", &PageInfo::has_archive)
      .def_ro("keeps_text", &PageInfo::keeps_text,
              "No archive, but text that its tokens do not give back.")
      .def_ro("characters", &PageInfo::characters)
      .def_ro("text_bytes", &PageInfo::text_bytes)
      .def_ro("text_tokens", &PageInfo::text_tokens, "What it would cost as text (estimate).")
      .def_ro("vision_tokens", &PageInfo::vision_tokens)
      .def_ro("token_bytes", &PageInfo::token_bytes, "Of its vision tokens, as stored.")
      .def_ro("fidelity", &PageInfo::fidelity,
              "1 - edit distance / length at its level; None: not measured.")
      .def_ro("fidelity_error", &PageInfo::fidelity_error,
              "How far off `fidelity` may be, either way; 0: the whole page was read.")
      .def_ro("messages", &PageInfo::messages, "How many have a part on it.")
      .def_ro("sources", &PageInfo::sources, "Source ids of these, each once.")
      .def("__repr__", [](const PageInfo& self) {
        return "PageInfo(id=" + std::to_string(self.id) +
               ", level=" + std::string(name_of(self.level)) +
               ", characters=" + grouped(self.characters) + (self.pinned ? ", pinned)" : ")");
      });
}

void bind_message(nb::module_& module) {
  nb::class_<MessageInfo>(module, "MessageInfo", "A message as the store lists it.")
      .def_ro("id", &MessageInfo::id)
      .def_ro("scope", &MessageInfo::scope)
      .def_ro("role", &MessageInfo::role)
      .def_ro("time", &MessageInfo::time, "Seconds since 1970; 0: not known.")
      .def_ro("expires", &MessageInfo::expires, "0: never.")
      .def_ro("source_id", &MessageInfo::source_id, "Empty: none.")
      .def_ro("pages", &MessageInfo::pages,
              "That it is on, in order; none: it is not on a page yet.")
      .def_ro("level", &MessageInfo::level, "Of the first of these.")
      .def_ro("bytes", &MessageInfo::bytes)
      .def_ro("tokens", &MessageInfo::tokens, "As text (estimate); None: the text is not kept.")
      .def_ro("begins", &MessageInfo::begins,
              "Its first words, on one line; empty: the text is not kept.")
      .def("__repr__", [](const MessageInfo& self) {
        return "MessageInfo(id=" + std::to_string(self.id) + ", role=" + shown(self.role) +
               ", begins=" + shown(self.begins) + ")";
      });
}

void bind_scope(nb::module_& module) {
  nb::class_<ScopeInfo>(module, "ScopeInfo", "A scope and what the store holds of it.")
      .def_ro("scope", &ScopeInfo::scope)
      .def_ro("pages", &ScopeInfo::pages)
      .def_ro("messages", &ScopeInfo::messages)
      .def_ro("text_tokens", &ScopeInfo::text_tokens, "Of the pages, as text (estimate).")
      .def_ro("vision_tokens", &ScopeInfo::vision_tokens)
      .def_ro("verbatim_bytes", &ScopeInfo::verbatim_bytes, "Of text that fills no page yet.")
      .def_ro("first_time", &ScopeInfo::first_time,
              "Of its first message that has one, seconds since 1970; 0: not known.")
      .def_ro("time", &ScopeInfo::time, "Of its newest message.")
      .def("__repr__", [](const ScopeInfo& self) {
        return "ScopeInfo(" + shown(to_text(self.scope)) + ", pages=" + grouped(self.pages) +
               ", messages=" + grouped(self.messages) + ")";
      });
}

std::string repr_of_entry(const HistoryEntry& self) {
  const std::string event(name_of(self.event));
  const std::string to = self.to ? ", to " + std::string(name_of(*self.to)) : "";
  return "HistoryEntry(" + event + ", page=" + std::to_string(self.page) + to + ")";
}

void bind_history(nb::module_& module) {
  nb::class_<HistoryEntry>(module, "HistoryEntry", "Something that happened to a page or scope.")
      .def_ro("time", &HistoryEntry::time, "Seconds since 1970.")
      .def_prop_ro(
          "event", [](const HistoryEntry& self) { return std::string(name_of(self.event)); },
          "\"fade\", \"promote\", \"migrate\", \"pin\", \"unpin\", \"drop_archive\", \"erase\", "
          "\"erase_part\",\n\"gone\" (as old as the policy keeps pages) or \"expire\".")
      .def_ro("page", &HistoryEntry::page, "0: the whole scope. The page may be gone.")
      .def_ro("from_level", &HistoryEntry::from, "None: no level had to do with it.")
      .def_ro("to", &HistoryEntry::to, "None: no level had to do with it, or gone.")
      .def_ro("reason", &HistoryEntry::reason,
              "\"by fidelity\", \"for the budget\" ...; empty: none was noted.")
      .def_ro("tokens_saved", &HistoryEntry::tokens_saved,
              "Vision tokens; negative after a step to a sharper level.")
      .def_ro("accuracy", &HistoryEntry::accuracy,
              "1 - edit distance / length at `to`; None: not measured.")
      .def("__repr__", &repr_of_entry);
}

}  // namespace

void bind_listed(nb::module_& module) {
  bind_page_info(module);
  bind_message(module);
  bind_scope(module);
  bind_history(module);
}

}  // namespace fovea::python
