#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/memory_object.h"
#include "bindings/core/numbers.h"

namespace fovea::python {
namespace {

ListOptions options_of(const std::vector<std::string>& where, const std::optional<nb::int_>& limit,
                       const std::optional<nb::int_>& page) {
  ListOptions options{.where = conditions_of(where)};
  if (limit) options.limit = static_cast<std::size_t>(whole_number(*limit, "limit", 1, kMostPages));
  if (page) options.page = whole_number(*page, "page", 1, kMostPages);
  return options;
}

std::vector<PageInfo> pages(MemoryObject& self, const std::vector<std::string>& where,
                            const std::optional<nb::int_>& limit,
                            const std::optional<nb::int_>& page) {
  const ListOptions options = options_of(where, limit, page);
  return self.memory.run([&](Memory& memory) { return memory.pages(options); });
}

std::vector<MessageInfo> messages(MemoryObject& self, const std::vector<std::string>& where,
                                  const std::optional<nb::int_>& limit,
                                  const std::optional<nb::int_>& page) {
  const ListOptions options = options_of(where, limit, page);
  return self.memory.run([&](Memory& memory) { return memory.messages(options); });
}

std::vector<ScopeInfo> scopes(MemoryObject& self, bool everyone) {
  return self.memory.run([&](Memory& memory) { return memory.scopes(everyone); });
}

}  // namespace

std::vector<Condition> conditions_of(const std::vector<std::string>& where) {
  std::vector<Condition> conditions;
  for (const std::string& text : where) conditions.push_back(condition_from_text(text));
  return conditions;
}

void bind_listing(MemoryClass& memory) {
  memory
      .def("pages", &pages, nb::kw_only(), nb::arg("where") = std::vector<std::string>(),
           nb::arg("limit") = nb::none(), nb::arg("page") = nb::none(),
           "The pages in order.\n\n"
           "where: conditions that must all hold, as for search().\n"
           "limit: only so many of the newest; None: all.\n"
           "page: only the one with this number, if there is one; None: all.")
      .def("messages", &messages, nb::kw_only(), nb::arg("where") = std::vector<std::string>(),
           nb::arg("limit") = nb::none(), nb::arg("page") = nb::none(),
           "The messages in order, whether on a page yet or not; `where` and `limit` as for "
           "pages().\n\n"
           "page: only those on the page with this number; None: all.")
      .def("scopes", &scopes, nb::arg("everyone") = false,
           "This user's scopes in the store, by name; with `everyone` those of all users.")
      .def(
          "history",
          [](MemoryObject& self) {
            return self.memory.run([](Memory& memory) { return memory.history(); });
          },
          "What happened to the scope's pages, oldest first: steps down and their reasons, pins,\n"
          "erasures. Empty for a scope that the store does not have.");
}

}  // namespace fovea::python
