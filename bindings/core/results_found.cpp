#include <nanobind/make_iterator.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/shown.h"
#include "fovea/search.h"

namespace fovea::python {
namespace {

using Hits = std::vector<Hit>;

const Hit& hit_at(const SearchResult& self, std::int64_t index) {
  const auto size = static_cast<std::int64_t>(self.hits.size());
  const std::int64_t from_start = index < 0 ? index + size : index;
  if (from_start < 0 || from_start >= size) {
    throw nb::index_error(("hit " + std::to_string(index) + " of " + std::to_string(size)).c_str());
  }
  return self.hits[static_cast<std::size_t>(from_start)];
}

std::vector<Hit> hits_of_slice(const SearchResult& self, const nb::slice& slice) {
  const auto [start, stop, step, length] = slice.compute(self.hits.size());
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < length; ++i)
    hits.push_back(self.hits[static_cast<std::size_t>(start + static_cast<Py_ssize_t>(i) * step)]);
  return hits;
}

std::string repr_of_result(const SearchResult& self) {
  std::string pages;
  for (const Hit& hit : self.hits) pages += (pages.empty() ? "" : ", ") + std::to_string(hit.id);
  return "SearchResult(pages=[" + pages + "]" +
         (self.note.empty() ? "" : ", note=" + shown(self.note, 200)) +
         (self.verbatim_snippet.empty() ? ""
                                        : ", verbatim_snippet=" + shown(self.verbatim_snippet)) +
         ")";
}

void bind_hit(nb::module_& module) {
  nb::class_<Place>(module, "Place", "A page's place in one of the rankings that a search fuses.")
      .def_ro("rank", &Place::rank, "1 for the first.")
      .def_ro("value", &Place::value, "What the list is sorted by.")
      .def_ro("adds", &Place::adds, "To the score: weight / (60 + rank).")
      .def("__repr__", [](const Place& self) {
        return "Place(rank=" + std::to_string(self.rank) + ", value=" + rounded(self.value) +
               ", adds=" + rounded(self.adds) + ")";
      });

  nb::class_<Hit>(module, "Hit", "A page that was found, and why.")
      .def_ro("id", &Hit::id)
      .def_ro("score", &Hit::score, "The sum of what the places add; larger is better.")
      .def_ro("snippet", &Hit::snippet, "The page's best piece, on one line.")
      .def_ro("piece", &Hit::piece, "The best piece's place in the scope; 0: not found by words.")
      .def_ro("role", &Hit::role, "Of its message; empty: not found by its words.")
      .def_ro("speaker", &Hit::speaker, "Who says it, such as \"user\"; empty: nobody.")
      .def_ro("time", &Hit::time, "Of its message, seconds since 1970; 0: not known.")
      .def_ro("scope", &Hit::scope, "Of the page.")
      .def_ro("words", &Hit::words,
              "By the words of its best piece, with an embedder also their meaning.")
      .def_ro("cosine", &Hit::cosine,
              "Between the best piece and the query; None: they were not compared.")
      .def_ro("likeness", &Hit::likeness, "By vision tokens, for pages whose text is not kept.")
      .def_ro("recency", &Hit::recency,
              "By the time of its last message, if the search asked for it.")
      .def_ro("bm25", &Hit::bm25, "Of the whole page; for comparison, adds nothing.")
      .def("__repr__", [](const Hit& self) {
        return "Hit(id=" + std::to_string(self.id) + ", score=" + rounded(self.score) +
               ", snippet=" + shown(self.snippet) + ")";
      });
}

}  // namespace

void bind_found(nb::module_& module) {
  bind_hit(module);
  nb::class_<SearchResult> result(module, "SearchResult",
                                  "The pages that a search found, best first: a sequence of hits.");
  result.def_ro("hits", &SearchResult::hits, "The same as a list.")
      .def_ro("note", &SearchResult::note,
              "Without hits: a sentence that says why. With hits: a remark on them, usually empty.")
      .def_ro("verbatim_snippet", &SearchResult::verbatim_snippet,
              "The best match in the text that is not on a page yet; empty: none.")
      .def("__len__", [](const SearchResult& self) { return self.hits.size(); })
      .def("__getitem__", &hit_at, nb::arg("index"))
      .def("__getitem__", &hits_of_slice, nb::arg("slice"))
      .def(
          "__iter__",
          [](const SearchResult& self) {
            return nb::make_iterator(nb::type<SearchResult>(), "_HitIterator", self.hits.begin(),
                                     self.hits.end());
          },
          nb::keep_alive<0, 1>(), nb::sig("def __iter__(self) -> collections.abc.Iterator[Hit]"))
      .def("__repr__", &repr_of_result);
  nb::module_::import_("collections.abc").attr("Sequence").attr("register")(result);
}

}  // namespace fovea::python
