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

std::vector<Recalled> read(MemoryObject& self, const std::vector<nb::int_>& numbers,
                           const SourceName& source) {
  const Source from = value_of(source);
  const std::vector<std::int64_t> ids = page_numbers(numbers);
  return self.memory.run([&](Memory& memory) { return memory.read(ids, from); });
}

std::vector<Recalled> recall_matches(MemoryObject& self, const std::string& query,
                                     const SourceName& source, const nb::int_& k,
                                     const std::vector<std::string>& where) {
  const Source from = value_of(source);
  const SearchOptions options{.k = few_pages(k, "k", 1), .where = conditions_of(where)};
  return self.memory.run([&](Memory& memory) { return memory.recall(query, options, from); });
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
           "Pages that match, best first: by their words and, with an embedder, by their meaning.\n"
           "Without an embedder, a query that shares no word with any page finds nothing. The\n"
           "result's `note` says why nothing was found; a hit's places say why it ranks where it "
           "does.\n\n"
           "k: the most pages to return.\n"
           "where: conditions that must all hold, such as \"role = user\",\n"
           "\"time >= 2026-05-15\", \"level in small, tiny\"; fields: agent, session, run,\n"
           "role, source, time, level.\n"
           "recency: weight of a page's rank by age, beside 1 for its rank by words; 0: none.\n"
           "Raises ValueError for an empty query and for an invalid condition.")
      .def(
          "recall",
          [](MemoryObject& self, const nb::int_& id, const SourceName& source) {
            return recall(self, {id}, source).at(0);
          },
          nb::arg("id"), nb::arg("source") = "automatic",
          "A page's text. A recalled page fades later.\n\n"
          "source: \"tokens\" reads only the vision tokens; \"automatic\" gives the exact text "
          "while it\n"
          "is kept, then tokens with anchors and corrections; \"archive\" only the exact text.\n"
          "Raises KeyError for a page that does not exist or whose exact text was not kept.")
      .def("recall", &recall, nb::arg("ids"), nb::arg("source") = "automatic",
           "The texts of several pages, in order.")
      .def("recall", &recall_matches, nb::arg("query"), nb::arg("source") = "automatic",
           nb::arg("k") = 3, nb::kw_only(), nb::arg("where") = std::vector<std::string>(),
           "The texts of the k pages that match best, in their order.\n\n"
           "where: conditions on role, source, time and level, as for search().")
      .def("read", &read, nb::arg("ids"), nb::arg("source") = "automatic",
           "The texts of pages as recall() gives them, without delaying their fading.\n\n"
           "ids: pages, in any order, each returned once and in the order of the scope; 0 is the "
           "text\n"
           "that is not on a page yet, which comes last.\n"
           "source: as for recall().\n"
           "Raises KeyError for a page that does not exist or whose exact text was not kept.")
      .def("recall_pieces", &recall_pieces, nb::arg("query"), nb::arg("k") = 3, nb::kw_only(),
           nb::arg("where") = std::vector<std::string>(),
           "The k pieces of messages that answer the query best, each with its surroundings.\n\n"
           "where: conditions on role, source and time, all of which a piece's message must meet.")
      .def(
          "recall_all", &recall_all, nb::arg("source") = "automatic", nb::arg("each") = nb::none(),
          nb::sig("def recall_all(self, source: Source | str = 'automatic', each: "
                  "collections.abc.Callable[[Recalled], object] | None = None) -> list[Recalled]"),
          "All pages in order, then the text that is not on a page yet. Does not delay fading.\n\n"
          "each: gets every item as soon as it is read, instead of a list; False ends the reading.")
      .def(
          "context", &context, nb::arg("budget") = 20'000, nb::kw_only(), nb::arg("query") = "",
          nb::arg("recent") = nb::none(), nb::arg("target") = nb::none(),
          nb::arg("format") = "parts", nb::arg("images_folder") = nb::none(),
          nb::arg("targets_file") = nb::none(), nb::arg("turns") = true,
          "What to put into the next prompt, within the budget. Changes nothing.\n\n"
          "budget: tokens, as the target counts them.\n"
          "query: what the prompt is about. The pieces of history that answer it come first, and "
          "a\n"
          "larger budget includes all that a smaller one does.\n"
          "recent: share of the budget, 0 to 1, for the newest messages; None: with a query none,\n"
          "without one a quarter, for text that is not on a page yet.\n"
          "target: a model such as \"gpt-5\", or a target of models/targets.json; None: the "
          "models of\n"
          "the format's provider, for parts Fovea's codec. An unknown model gets text, with a\n"
          "UserWarning.\n"
          "format: \"parts\", \"openai-chat\", \"openai-responses\" or \"anthropic\"; "
          "Context.messages has it\n"
          "parsed.\n"
          "turns: in these formats except parts, the newest messages follow the older history as\n"
          "turns of the user and the assistant; False: all history is in one message.\n"
          "images_folder: pictures are also written there.\n"
          "Raises ValueError if nothing fits, naming the least budget that would do.")
      .def("picture", &picture, nb::arg("id"), nb::arg("level") = nb::none(),
           "The page's picture at `level`; None: at its own.")
      .def(
          "verbatim",
          [](MemoryObject& self) {
            return self.memory.run([](Memory& memory) { return memory.verbatim(); });
          },
          "The text that is not on a page yet. A search's best match in it is\n"
          "SearchResult.verbatim_snippet.")
      .def(
          "stats",
          [](MemoryObject& self) {
            return self.memory.run([](Memory& memory) { return memory.stats(); });
          },
          "What the scope holds and what it costs.")
      .def(
          "verify",
          [](MemoryObject& self) {
            return self.memory.run([](Memory& memory) { return memory.verify(); });
          },
          "Checks file, schema, tokens, checkpoint and index. One line per finding, none if "
          "sound.");
}

}  // namespace fovea::python
