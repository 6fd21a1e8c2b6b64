#include <algorithm>
#include <array>

#include "fovea/error.h"
#include "memory/ranking.h"
#include "memory/snippet.h"
#include "src/memory_core.h"

namespace fovea {
namespace {

/// What a snippet is cut from: the exact text, or without it what a quick look at the page shows.
std::string text_to_show(MemoryCore& memory, ScopeId scope, PageId page) {
  if (auto text = memory.store.archived_text(scope, page)) return *text;
  return memory.codec().glance(memory.store.tokens(scope, page));
}

}  // namespace

std::vector<Hit> Memory::search(std::string_view query, int k) {
  if (query.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw Error(ErrorCode::invalid_argument, "search: the query is empty; give words to look for");
  }
  if (k < 1) {
    throw Error(ErrorCode::invalid_argument,
                "search: " + std::to_string(k) + " results were asked for; ask for 1 or more");
  }
  const auto scope = impl_->store.find_scope(impl_->scope_name);
  if (!scope) return {};
  // Deeper than k: a page that is second in both lists may beat the first of one.
  const auto wanted = static_cast<std::size_t>(k);
  const std::size_t depth = std::max<std::size_t>(50, 4 * wanted);
  const std::vector<float> vector = impl_->codec().embed(query);
  const std::array lists = {
      impl_->store.search_text(*scope, query, depth),
      impl_->store.search_vectors(*scope, impl_->codec().fingerprint(), vector, depth)};
  std::vector<Hit> hits;
  for (const PageScore& found : fuse(lists, wanted)) {
    const std::string text = text_to_show(*impl_, *scope, found.id);
    hits.push_back({found.id, found.score, make_snippet(text, query).text});
  }
  return hits;
}

}  // namespace fovea
