#include "memory/measure/made_up_store.h"

#include <algorithm>
#include <array>

#include "memory/ranking.h"
#include "memory/snippet.h"

namespace fovea {
namespace {

constexpr std::size_t kHits = 10;

}  // namespace

NewPage made_up_page(MadeUp& made_up) {
  NewPage page{.text = made_up.text(kWordsOfPage),
               .tokens = {},
               .embedding = made_up.vectors(1, kMadeUpDim),
               .fidelity = {}};
  page.characters = page.text.size();
  page.text_tokens = page.text.size() / 4;
  page.time = 1;
  page.tokens.level = Level::tiny;
  page.tokens.count = token_count(Level::tiny);
  page.tokens.dim = kMadeUpDim;
  page.tokens.values.assign(static_cast<std::size_t>(page.tokens.count) * kMadeUpDim, 3);
  page.tokens.scales.assign(static_cast<std::size_t>(page.tokens.count), 0.1f);
  page.tokens.fingerprint = kMadeUpFingerprint;
  return page;
}

MadeUpQuestion made_up_question(MadeUp& made_up) {
  return {made_up.question(), made_up.vectors(1, kMadeUpDim)};
}

void search_as_memory(const Store& store, const Scope& in, const MadeUpQuestion& question) {
  const TextHits by_words = store.search_text(in, question.words, kSearchDepth);
  const std::array lists = {
      RankedList{by_words.pages},
      RankedList{store.search_vectors(in, kMadeUpFingerprint, question.vector, kSearchDepth)}};
  std::vector<PageId> nearest;
  for (const PageScore& page : lists[1].pages) nearest.push_back(page.id);
  store.without_archive(nearest);
  for (const PageScore& hit : fuse(lists, kHits)) {
    const ScopeId scope = store.find_scope(store.whereabouts({&hit.id, 1}).front().first).value();
    const auto page = std::ranges::find(by_words.pages, hit.id, &PageScore::id);
    if (page == by_words.pages.end()) continue;
    for (const Piece& piece : store.read_pieces(scope, {&page->piece, 1}))
      make_snippet(piece.text.value_or(""), question.words);
  }
}

}  // namespace fovea
