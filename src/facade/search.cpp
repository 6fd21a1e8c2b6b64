#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <tuple>

#include "facade/event_recorder.h"
#include "facade/memory_core.h"
#include "facade/piece_embedding.h"
#include "fovea/error.h"
#include "memory/piece_cutter.h"
#include "memory/piece_query.h"
#include "memory/ranking.h"
#include "memory/snippet.h"
#include "memory/words.h"

namespace fovea {
namespace {

void check(std::string_view query, const SearchOptions& options) {
  if (query.find_first_not_of(" \t\r\n") == std::string_view::npos)
    throw Error(ErrorCode::invalid_argument, "search: the query is empty; give words to look for");
  if (options.k < 1)
    throw Error(ErrorCode::invalid_argument, "search: " + std::to_string(options.k) +
                                                 " results were asked for; ask for 1 or more");
  if (!(options.recency >= 0) || options.recency > 1000)
    throw Error(ErrorCode::invalid_argument, "search: recency must be a weight from 0 to 1000");
}

std::vector<PageId> ids_of(std::span<const PageScore> pages) {
  std::vector<PageId> ids;
  for (const PageScore& page : pages) ids.push_back(page.id);
  return ids;
}

/// One search: the lists, what they make together, and what is to be said of it.
class Search {
 public:
  Search(const MemoryCore& memory, std::string_view query, const SearchOptions& options)
      : memory_(memory), query_(query), options_(options) {}

  SearchResult run();

 private:
  const Scope& scope() const { return memory_.scope_name; }
  std::string verbatim();
  void make_lists();
  RankedList by_time(const std::vector<PageScore>& found) const;
  bool shows_a_word(const PageScore& page, Hit& hit);
  std::vector<Hit> explained(const std::vector<PageScore>& found);
  std::string text_of(const Scope& scope, PageId page);
  std::string snippet_of(const Piece& piece) const;
  std::string snippet_of_page(const Hit& hit);
  void show_pieces(std::span<Hit> hits);
  void show_piece(const PageScore& page, const Piece& piece, Hit& hit);
  /// What `read` gives; empty, and noted, where the store has damage.
  template <class Read>
  std::string sound(Read read);
  std::string note(bool empty);
  std::string why_empty();

  const MemoryCore& memory_;
  std::string_view query_;
  const SearchOptions& options_;
  TextHits found_;
  RankedList words_, likeness_, recency_;
  bool compared_looks_ = false;  ///< of the query and of pages without words
  bool no_vectors_ = false;  ///< there is an embedder, and nothing to compare a question with
  std::string damage_;  ///< what the search met of it, in words
};

void Search::make_lists() {
  // Deeper than k: a page that is second in both lists may beat the first of one.
  const std::size_t depth = std::max<std::size_t>(50, 4 * static_cast<std::size_t>(options_.k));
  const QuestionVector meaning = meaning_of(memory_, query_, options_.where);
  no_vectors_ = meaning.values.empty() && !memory_.embedder.name.empty();
  found_ = memory_.store.search_text(scope(), query_, depth, options_.where, meaning);
  words_.pages = found_.pages;
  if (found_.by_phrase) return;  // likeness knows no phrases
  // Where there is text to go by, what vision tokens look like makes the order worse (doc/search.md):
  // it is for pages whose text was not kept. Where there are none, the checkpoint is not even read.
  if (!memory_.store.may_have_pages_without_words(scope(), options_.where)) return;
  compared_looks_ = true;
  likeness_.pages = memory_.store.search_vectors(scope(), memory_.codec().fingerprint(),
                                                 memory_.codec().embed(query_), depth,
                                                 options_.where);
  const auto wordless = memory_.store.without_words(ids_of(likeness_.pages));
  std::erase_if(likeness_.pages, [&](const PageScore& found) {
    return std::ranges::find(wordless, found.id) == wordless.end();
  });
}

/// The pages found, newest first: age ranks what was found and finds nothing itself.
RankedList Search::by_time(const std::vector<PageScore>& found) const {
  RankedList list{.pages = {}, .weight = options_.recency};
  const auto places = memory_.store.whereabouts(ids_of(found));
  for (std::size_t i = 0; i < found.size(); ++i)
    list.pages.push_back({found[i].id, static_cast<double>(places[i].second)});
  std::ranges::stable_sort(list.pages, std::ranges::greater{}, &PageScore::score);
  return list;
}

SearchResult Search::run() {
  make_lists();
  std::vector<RankedList> lists = {words_, likeness_};
  if (options_.recency > 0) {
    recency_ = by_time(fuse(lists, kNoLimit));
    lists.push_back(recency_);
  }
  SearchResult result;
  result.hits = explained(fuse(lists, kNoLimit));
  if (found_.verbatim != 0) {
    const auto piece = memory_.store.read_pieces(found_.verbatim_scope, {&found_.verbatim, 1});
    result.verbatim_snippet = snippet_of(piece.at(0));
  }
  result.note = note(result.hits.empty());
  return result;
}

template <class Read>
std::string Search::sound(Read read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corruption) throw;
    if (damage_.empty()) damage_ = error.what();
    return {};
  }
}

std::string Search::verbatim() {
  const auto own = memory_.store.find_scope(scope());
  if (!own) return {};
  return sound([&] { return memory_.served_verbatim(*own).text; });
}

/// What a snippet is cut from: the exact text or what is kept of it, otherwise what a quick look at
/// the page shows.
/// Documents can only be read for good, which takes too long here: their snippet is empty.
std::string Search::text_of(const Scope& scope, PageId page) {
  const ScopeId of_page = memory_.store.find_scope(scope).value();
  if (auto text = memory_.store.archived_text(of_page, page)) return *text;
  const std::string corrections = memory_.store.corrections(of_page, page);
  std::string kept;
  if (!corrections.empty()) kept = whole_text(unpack_corrections(corrections));
  if (!kept.empty()) return kept;
  if (memory_.codec().layout() == Layout::document) return {};
  const VisionTokens tokens = memory_.store.tokens(of_page, page);
  return memory_.codec().glance({&tokens, 1}).front();
}

/// All of a piece, on one line.
std::string Search::snippet_of(const Piece& piece) const {
  return make_snippet(piece.text.value_or(""), query_, kPieceCharacters).text;
}

std::string Search::snippet_of_page(const Hit& hit) {
  return make_snippet(sound([&] { return text_of(hit.scope, hit.id); }), query_).text;
}

/// The best pieces of the pages that were found by their words; those of a scope are read at once.
void Search::show_pieces(std::span<Hit> hits) {
  struct Shown {
    const PageScore* page;
    Hit* hit;
  };
  std::map<ScopeId, std::vector<Shown>> by_scope;
  for (Hit& hit : hits) {
    if (!hit.words) continue;
    const PageScore& page = words_.pages[hit.words->rank - 1];
    by_scope[memory_.store.find_scope(hit.scope).value()].push_back({&page, &hit});
  }
  for (const auto& [of_pages, all] : by_scope) {
    std::vector<std::int64_t> places;
    for (const Shown& shown : all) places.push_back(shown.page->piece);
    const auto pieces = memory_.store.read_pieces(of_pages, places);
    for (const Shown& shown : all) {
      const auto piece = std::ranges::find(pieces, shown.page->piece, &Piece::place);
      if (piece != pieces.end()) show_piece(*shown.page, *piece, *shown.hit);
    }
  }
}

void Search::show_piece(const PageScore& page, const Piece& piece, Hit& hit) {
  hit.piece = page.piece;
  hit.bm25 = page.bm25;
  if (page.cosine != 0) hit.cosine = page.cosine;
  hit.snippet = piece.text ? snippet_of(piece) : snippet_of_page(hit);
  hit.role = piece.role;
  hit.speaker = piece.speaker;
  if (piece.time != 0) hit.time = piece.time;
}

/// A page that was found by the look of its tokens alone must have a word of the query, as far as a
/// quick look can tell; so many are looked at as are asked for.
bool Search::shows_a_word(const PageScore& page, Hit& hit) {
  const Snippet snippet = make_snippet(sound([&] { return text_of(hit.scope, page.id); }),
                                       telling_words(query_));
  hit.snippet = snippet.text;
  return snippet.words_found > 0 || memory_.codec().layout() == Layout::document;
}

std::vector<Hit> Search::explained(const std::vector<PageScore>& found) {
  const auto most = static_cast<std::size_t>(options_.k);
  std::vector<Hit> hits;
  std::size_t looked_at = 0;
  std::vector<std::pair<Scope, Time>> places;  // of the next pages
  for (std::size_t i = 0; i < found.size() && hits.size() < most; ++i) {
    const PageScore& page = found[i];
    if (i % most == 0)
      places = memory_.store.whereabouts(
          ids_of(std::span(found).subspan(i, std::min(most, found.size() - i))));
    Hit hit;
    hit.id = page.id;
    hit.score = page.score;
    std::tie(hit.scope, hit.time) = places[i % most];
    hit.words = place_of(words_, page.id);
    if (!hit.words && (++looked_at > most || !shows_a_word(page, hit))) continue;
    hit.likeness = place_of(likeness_, page.id);
    hit.recency = place_of(recency_, page.id);
    hits.push_back(std::move(hit));
  }
  show_pieces(hits);
  return hits;
}

std::string Search::note(bool empty) {
  if (!damage_.empty()) return damage_;
  // Pages whose embedding is damaged can be found by their words alone.
  const auto count = compared_looks_ ? memory_.store.count_unsearchable(memory_.codec().fingerprint()) : 0;
  if (count > 0)
    return std::to_string(count) + (count == 1 ? " embedding is" : " embeddings are") +
           " damaged and left out; `memctl verify` names them, `memctl migrate` makes them again";
  if (empty) return why_empty();
  if (no_vectors_)
    return "no piece has a vector from embedder " + memory_.embedder.name +
           " yet: pages are found by words alone; `memctl embed` (embed_pieces) makes them";
  if (!found_.by_phrase && has_phrases(query_))
    return "nothing has the words in quotes side by side; found by each of the words";
  if (found_.without_vector > 0)
    return std::to_string(found_.without_vector) +
           (found_.without_vector == 1 ? " piece has" : " pieces have") +
           " no vector from embedder " + memory_.embedder.name +
           ", and can be found by words alone; `memctl embed` (embed_pieces) "
           "makes them";
  if (!words_.pages.empty()) return {};
  return "no stored text has these words; the pages found have no text, but their vision tokens "
         "show the words";
}

std::string Search::why_empty() {
  const std::string where = "scope " + to_text(scope());
  const std::size_t fitting = memory_.store.count_pages(scope(), options_.where);
  if (fitting == 0 && std::ranges::any_of(options_.where, is_of_scope))
    return "the conditions leave no page in any scope of user " + scope().user;
  if (const std::size_t all = memory_.store.count_pages(scope()); all > 0 && fitting == 0)
    return "the conditions leave none of the " + std::to_string(all) + " pages of " + where;
  if (fitting == 0)
    return where + " has no page yet" +
           (verbatim().empty()
                ? "; compact a history into it first"
                : ": its text does not fill one; `compact --finish` makes one from it");
  if (found_.by_phrase)
    return "no page has the words in quotes; text that does not fill a page yet has them";
  if (terms_asked(query_).empty() && memory_.embedder.name.empty())
    return "the query has no word to look for";
  return no_shared_word(memory_, memory_.store.find_scope(scope()).value_or(0));
}

}  // namespace

SearchResult Memory::search(std::string_view query, const SearchOptions& options) const {
  check(query, options);
  const EventRecorder record(*impl_, "search");
  const bool elsewhere = std::ranges::any_of(options.where, is_of_scope);
  if (!elsewhere && !impl_->store.find_scope(impl_->scope_name))
    return {.hits = {},
            .note = impl_->has_nothing() + "; compact a history into it first, or name another scope",
            .verbatim_snippet = {}};
  SearchResult result = Search(*impl_, query, options).run();
  record.done(result.hits.size(), 0);
  return result;
}

std::vector<Hit> Memory::search(std::string_view query, int k) const {
  return search(query, SearchOptions{.k = k, .where = {}}).hits;
}

std::vector<Recalled> Memory::recall(std::string_view query, const SearchOptions& options,
                                     Source source) {
  if (std::ranges::any_of(options.where, is_of_scope))
    throw Error(ErrorCode::invalid_argument,
                "recall: pages of one scope are read; select them by role, source, time and level, "
                "find those of other scopes by a search, and name their scope to read them");
  std::vector<std::int64_t> ids;
  for (const Hit& hit : search(query, options).hits) ids.push_back(hit.id);
  return ids.empty() ? std::vector<Recalled>() : recall(ids, source);
}

namespace {

/// Conditions on a scope or a page would say nothing of a piece.
void require_of_message(const std::vector<Condition>& where) {
  constexpr std::array kFields = {Field::role, Field::source, Field::time};
  for (const Condition& condition : where) {
    if (std::ranges::find(kFields, condition.field) == kFields.end())
      throw Error(ErrorCode::invalid_argument,
                  "recall: pieces are selected by role, source and time alone");
  }
}

/// A piece and its neighbours, `speaker: ` where the message changes.
RecalledPiece with_neighbours(const Store& store, ScopeId scope, std::int64_t place) {
  RecalledPiece result;
  std::int64_t message = 0;
  for (const Piece& piece : store.read_pieces(scope, std::array{place - 1, place, place + 1})) {
    if (!piece.text) continue;
    if (piece.message != message) {
      if (!result.around.empty() && !result.around.ends_with('\n')) result.around += '\n';
      if (!piece.speaker.empty()) result.around += piece.speaker + ": ";
    }
    message = piece.message;
    result.around += *piece.text;
    if (piece.place != place) continue;
    result.page = piece.page;
    result.place = place;
    result.role = piece.role;
    result.speaker = piece.speaker;
    result.time = piece.time;
    result.text = *piece.text;
  }
  return result;
}

}  // namespace

std::vector<RecalledPiece> Memory::recall_pieces(std::string_view query, int k,
                                                 const std::vector<Condition>& where) {
  check(query, {.k = k, .where = {}});
  require_of_message(where);
  const EventRecorder record(*impl_, "recall");
  const ScopeId scope = impl_->known_scope();
  std::size_t answering = 0;
  const auto places =
      impl_->store.order_pieces(scope, query, &answering, meaning_of(*impl_, query), where);
  std::vector<RecalledPiece> pieces;
  std::vector<PageId> recalled;
  for (std::size_t i = 0; i < std::min(answering, static_cast<std::size_t>(k)); ++i) {
    pieces.push_back(with_neighbours(impl_->store, scope, places[i]));
    if (pieces.back().page != 0) recalled.push_back(pieces.back().page);
  }
  impl_->store.set_recalled(scope, recalled, time_now());
  record.done(pieces.size(), 0);
  return pieces;
}

}  // namespace fovea
