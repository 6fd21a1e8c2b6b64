#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/callbacks.h"
#include "bindings/core/memory_object.h"
#include "bindings/core/numbers.h"
#include "bindings/core/page_object.h"

namespace fovea::python {
namespace {

int few_pages(const nb::int_& k, const char* what, int least) {
  return static_cast<int>(whole_number(k, what, least, kMostPages));
}

SearchResult search(MemoryObject& self, const std::string& query, const nb::int_& k,
                    const std::vector<std::string>& where, double recency) {
  const SearchOptions options{
      .k = few_pages(k, "k", 1), .where = conditions_of(where), .recency = recency};
  return self.memory.run([&](Memory& memory) { return memory.search(query, options); });
}

std::vector<Recalled> recall(MemoryObject& self, const std::vector<nb::int_>& numbers,
                             const SourceName& source) {
  const Source from = value_of(source);
  const std::vector<std::int64_t> ids = page_numbers(numbers);
  return self.memory.run([&](Memory& memory) { return memory.recall(ids, from); });
}

std::vector<Recalled> recall_matches(MemoryObject& self, const std::string& query,
                                     const SourceName& source, const nb::int_& k,
                                     const std::vector<std::string>& where) {
  const Source from = value_of(source);
  const SearchOptions options{.k = few_pages(k, "k", 1), .where = conditions_of(where)};
  return self.memory.run([&](Memory& memory) {
    std::vector<std::int64_t> ids;
    for (const Hit& hit : memory.search(query, options).hits) ids.push_back(hit.id);
    return ids.empty() ? std::vector<Recalled>() : memory.recall(ids, from);
  });
}

std::vector<RecalledPiece> recall_pieces(MemoryObject& self, const std::string& query,
                                         const nb::int_& k, const std::vector<std::string>& where) {
  const int pieces = few_pages(k, "k", 1);
  const auto conditions = conditions_of(where);
  return self.memory.run(
      [&](Memory& memory) { return memory.recall_pieces(query, pieces, conditions); });
}

std::vector<Recalled> recall_all(MemoryObject& self, const SourceName& source,
                                 const nb::object& each) {
  const Source from = value_of(source);
  Watch watch(nb::none(), "pages");
  std::vector<Recalled> items;
  self.memory.run([&](Memory& memory) {
    memory.recall_all(from, [&](const Recalled& item) {
      bool goes_on = true;
      const bool clean = watch.with_python([&] {
        if (each.is_none()) {
          items.push_back(item);
        } else {
          goes_on = each(item).ptr() != Py_False;
        }
      });
      return clean && goes_on;
    });
  });
  watch.raise();
  return items;
}

Context context(MemoryObject& self, const nb::int_& budget, std::string query,
                std::optional<double> recent, std::optional<std::string> target,
                const FormatName& format,
                const std::optional<std::filesystem::path>& images_folder,
                const std::optional<std::filesystem::path>& targets_file, bool turns) {
  const ContextOptions options{.budget = static_cast<std::size_t>(
                                   whole_number(budget, "budget", 1, kMostTokens)),
                               .query = std::move(query),
                               .recent = recent,
                               .target = std::move(target),
                               .targets_file = targets_file ? targets_file->string() : "",
                               .format = value_of(format),
                               .turns = turns,
                               .images_folder = images_folder ? images_folder->string() : ""};
  Context made = self.memory.run([&](Memory& memory) { return memory.context(options); });
  for (const std::string& note : made.notes) {
    if (PyErr_WarnEx(PyExc_UserWarning, note.c_str(), 1) != 0) throw nb::python_error();
  }
  return made;
}

PageObject picture(MemoryObject& self, const nb::int_& number, const std::optional<LevelName>& level) {
  const auto at = value_of(level);
  const std::int64_t id = page_number(number);
  return PageObject(self.memory.run([&](Memory& memory) { return memory.picture(id, at); }));
}

}  // namespace

void bind_reading(MemoryClass& memory) {
  memory
      .def("search", &search, nb::arg("query"), nb::arg("k") = 10, nb::kw_only(),
           nb::arg("where") = std::vector<std::string>(), nb::arg("recency") = 0.0,
           "Pages that match, best first: by their words, and with an embedder by their meaning.\n"
           "Without one a query that shares no word with them finds nothing. The result's `note`\n"
           "says why there are none, a hit's places why it stands where it does.\n\n"
           "k: pages at most.\n"
           "where: conditions that must all hold, such as \"role = user\",\n"
           "\"time >= 2026-05-15\", \"level in small, tiny\"; fields: agent, session, run,\n"
           "role, source, time, level.\n"
           "recency: how much a page's place by age counts beside its place by words, which\n"
           "counts 1; 0: nothing.\n"
           "Raises ValueError for an empty query and for a condition that cannot be read.")
      .def("recall",
           [](MemoryObject& self, const nb::int_& id, const SourceName& source) {
             return recall(self, {id}, source).at(0);
           },
           nb::arg("id"), nb::arg("source") = "automatic",
           "A page's text. It fades later for being recalled.\n\n"
           "source: \"tokens\" decodes the vision tokens and nothing else; \"automatic\" gives\n"
           "the exact text while it is kept; \"archive\" nothing but that.\n"
           "Raises KeyError for a page that does not exist or whose text was not kept.")
      .def("recall", &recall, nb::arg("ids"), nb::arg("source") = "automatic",
           "Several pages, in their order.")
      .def("recall", &recall_matches, nb::arg("query"), nb::arg("source") = "automatic",
           nb::arg("k") = 3, nb::kw_only(), nb::arg("where") = std::vector<std::string>(),
           "The k pages that match best, in their order; `where` as of `search`.")
      .def("recall_pieces", &recall_pieces, nb::arg("query"), nb::arg("k") = 3, nb::kw_only(),
           nb::arg("where") = std::vector<std::string>(),
           "The k pieces of messages that answer best, with what is around each.\n\n"
           "where: conditions on role, source and time that their messages must all meet.")
      .def("recall_all", &recall_all, nb::arg("source") = "automatic",
           nb::arg("each") = nb::none(),
           nb::sig("def recall_all(self, source: Source | str = 'automatic', each: "
                   "collections.abc.Callable[[Recalled], object] | None = None) -> list[Recalled]"),
           "All pages in order, then the text that fills no page yet; no page fades later.\n\n"
           "each: gets every item as soon as it is read, instead of the list; False ends it.")
      .def("context", &context, nb::arg("budget") = 20'000, nb::kw_only(), nb::arg("query") = "",
           nb::arg("recent") = nb::none(), nb::arg("target") = nb::none(),
           nb::arg("format") = "parts", nb::arg("images_folder") = nb::none(),
           nb::arg("targets_file") = nb::none(), nb::arg("turns") = true,
           "What to put into the next prompt; never over the budget, changes nothing.\n\n"
           "budget: tokens as the target counts them. query: what the prompt is about; the pieces of\n"
           "history that answer it come first, and a larger budget holds all that a smaller one\n"
           "does. recent: share of the budget, 0 to 1, for the newest messages; None: with a query\n"
           "none, without one a quarter, for text that is on no page yet. target: a model such as\n"
           "\"gpt-5\", or a target of models/targets.json; None: what the format is for, for parts\n"
           "Fovea's codec. A model that is not known gets text, and a UserWarning says so.\n"
           "format: \"parts\", \"openai-chat\", \"openai-responses\" or \"anthropic\"; "
           "Context.messages has it parsed.\n"
           "turns: these formats but parts have the newest messages as turns of the user and the\n"
           "assistant behind the frame of older history; False: within the frame.\n"
           "images_folder: pictures are written there too.\n"
           "Raises ValueError naming the least budget that would do.")
      .def("picture", &picture, nb::arg("id"), nb::arg("level") = nb::none(),
           "The page as it is remembered at `level`; None: at its own.")
      .def("verbatim",
           [](MemoryObject& self) {
             return self.memory.run([](Memory& memory) { return memory.verbatim(); });
           },
           "The text that fills no page yet; of it a search gives SearchResult.verbatim_snippet.")
      .def("stats",
           [](MemoryObject& self) {
             return self.memory.run([](Memory& memory) { return memory.stats(); });
           },
           "What the scope holds and costs.")
      .def("verify",
           [](MemoryObject& self) {
             return self.memory.run([](Memory& memory) { return memory.verify(); });
           },
           "Checks file, schema, tokens, checkpoint and index; one line a finding.");
}

}  // namespace fovea::python
