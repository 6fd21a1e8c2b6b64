#include <algorithm>
#include <bit>
#include <cmath>
#include <ctime>
#include <set>
#include <unordered_set>
#include <utility>

#include "fovea/error.h"
#include "memory/ask_each.h"
#include "memory/message_texts.h"
#include "memory/page_filter.h"
#include "memory/piece_order.h"
#include "memory/piece_rank.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

constexpr double kPageShare = .25;  // of a page's words beside its best piece

std::unordered_set<PageId> pages_of(const Database& database, const PageFilter& filter) {
  std::unordered_set<PageId> pages;
  Statement row = database.prepare("SELECT p.id FROM pages p WHERE " + filter.sql);
  row.bind_list(filter.values);
  while (row.step()) pages.insert(row.integer(0));
  return pages;
}

/// What a search wants to know of a page.
struct BestPiece {
  float score = 0;  ///< of all its pieces
  float own = 0;    ///< of those with words of the question
  std::uint32_t piece = 0;
};

void note_piece(BestPiece& best, const PieceScores& scores, std::uint32_t i) {
  best.score = std::max(best.score, scores.score[i]);
  if (scores.own[i] > 0 && scores.score[i] > 0 && scores.score[i] > best.own) {
    best.own = scores.score[i];
    best.piece = i;
  }
}

/// The best of pieces `begin` to `end`. Mostly it is also the best that has something of its own.
BestPiece best_between(const PieceScores& scores, std::uint32_t begin, std::uint32_t end) {
  std::int32_t most = 0;  // as bits, which sort as scores do and are quickly compared
  for (std::uint32_t i = begin; i < end; ++i)
    most = std::max(most, std::bit_cast<std::int32_t>(scores.score[i]));
  if (most == 0) return {};
  const auto score = std::bit_cast<float>(most);
  const auto first = std::find(scores.score.begin() + begin, scores.score.begin() + end, score);
  const auto piece = static_cast<std::uint32_t>(first - scores.score.begin());
  if (scores.own[piece] > 0) return {score, score, piece};
  BestPiece best;
  for (std::uint32_t i = begin; i < end; ++i) note_piece(best, scores, i);
  return best;
}

/// Of a page by its number in the index.
BestPiece best_on_page(const PieceIndex& index, const PieceScores& scores, std::uint32_t page) {
  const std::uint32_t begin = index.page_begin[page];
  const std::uint32_t end = page + 1 < index.page_begin.size() ? index.page_begin[page + 1]
                                                               : static_cast<std::uint32_t>(index.size());
  if (index.unpaged.empty() || index.unpaged.front() >= end) return best_between(scores, begin, end);
  BestPiece best;
  for (std::uint32_t i = begin; i < end; ++i) {
    if (index.page_at[i] == page) note_piece(best, scores, i);
  }
  return best;
}

/// Of the pieces that are on no page.
BestPiece best_on_none(const PieceIndex& index, const PieceScores& scores) {
  BestPiece best;
  for (const std::uint32_t i : index.unpaged) note_piece(best, scores, i);
  return best;
}

/// Sorts best first, equal ones by id, and keeps `k`.
void keep_best(std::vector<PageScore>& pages, std::size_t k) {
  const auto is_better = [](const PageScore& a, const PageScore& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  };
  const std::size_t kept = std::min(k, pages.size());
  std::ranges::partial_sort(pages, pages.begin() + static_cast<std::ptrdiff_t>(kept), is_better);
  pages.resize(kept);
}

std::vector<float> as_unit(std::vector<float> vector) {
  float length = 0;
  for (const float value : vector) length += value * value;
  if (length > 0) {
    for (float& value : vector) value /= std::sqrt(length);
  }
  return vector;
}

/// The pages with pieces that answer; both parts of a score are shares of the best.
std::vector<PageScore> score_pages(const std::vector<const PieceIndex*>& scopes,
                                   const std::vector<PieceScores>& scores) {
  std::vector<PageScore> pages;
  double best_piece = 0, best_page = 0;
  for (std::size_t s = 0; s < scopes.size(); ++s) {
    const auto& cosine = scores[s].cosine;
    for (std::uint32_t i = 0; i < scopes[s]->pages.size(); ++i) {
      if (cosine.empty() && scores[s].page[i] <= 0) continue;  // none of the question's words
      const BestPiece best = best_on_page(*scopes[s], scores[s], i);
      if (best.own <= 0) continue;
      const auto whole = static_cast<double>(scores[s].page[i]);
      pages.push_back({scopes[s]->pages[i], static_cast<double>(best.score),
                       scopes[s]->place[best.piece], whole,
                       cosine.empty() ? 0 : static_cast<double>(cosine[best.piece])});
      best_piece = std::max(best_piece, pages.back().score);
      best_page = std::max(best_page, whole);
    }
  }
  for (PageScore& page : pages) {
    page.score /= best_piece;
    if (best_page > 0) page.score += kPageShare * page.bm25 / best_page;
  }
  return pages;
}

/// Conditions on messages hold for the pieces themselves: those of other messages answer nothing.
void keep_fitting(const Store& store, const std::vector<const PieceIndex*>& scopes,
                  std::vector<PieceScores>& scores, std::span<const Condition> where) {
  std::vector<Condition> of_message;
  for (const Condition& condition : where) {
    if (condition.field == Field::role || condition.field == Field::source || condition.field == Field::time)
      of_message.push_back(condition);
  }
  if (of_message.empty()) return;
  for (std::size_t s = 0; s < scopes.size(); ++s) {
    const auto fitting = store.find_messages(scopes[s]->scope, of_message);  // in order
    for (std::size_t i = 0; i < scopes[s]->size(); ++i) {
      if (std::ranges::binary_search(fitting, scopes[s]->message[i])) continue;
      scores[s].score[i] = scores[s].own[i] = 0;
      if (!scores[s].phrases.empty()) scores[s].phrases[i] = 0;
    }
  }
}

/// Leaves the pages that have all phrases of the question, and of their pieces those with one. False,
/// and nothing changed, where no page has all.
bool keep_with_phrases(const std::vector<const PieceIndex*>& scopes, std::vector<PieceScores>& scores,
                       std::size_t phrases) {
  if (phrases == 0) return false;
  const auto all = static_cast<std::uint16_t>((1U << phrases) - 1);
  std::vector<std::vector<std::uint16_t>> there;  // by scope and page; the last: of no page
  bool any = false;
  for (std::size_t s = 0; s < scopes.size(); ++s) {
    auto& pages = there.emplace_back(scopes[s]->pages.size() + 1);
    for (std::size_t i = 0; i < scopes[s]->size(); ++i)
      pages[std::min<std::size_t>(scopes[s]->page_at[i], pages.size() - 1)] |= scores[s].phrases[i];
    any |= std::ranges::find(pages, all) != pages.end();
  }
  if (!any) return false;
  for (std::size_t s = 0; s < scopes.size(); ++s) {
    for (std::size_t i = 0; i < scopes[s]->size(); ++i) {
      const std::size_t page = std::min<std::size_t>(scopes[s]->page_at[i], there[s].size() - 1);
      if (there[s][page] != all || scores[s].phrases[i] == 0) scores[s].own[i] = 0;
    }
  }
  return true;
}

/// Pieces with text that have a phrase of the question, or else those that answer it in any way.
std::size_t count_answering(const PieceIndex& index, const PieceScores& scores) {
  std::size_t with_phrase = 0, answering = 0;
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (scores.score[i] <= 0 || !index.has_text(i)) continue;
    ++answering;
    if (!scores.phrases.empty() && scores.phrases[i] != 0) ++with_phrase;
  }
  return with_phrase > 0 ? with_phrase : answering;
}

Piece piece_at(const PieceIndex& index, std::size_t i) {
  const Voice& voice = index.voices[index.voice[i]];
  Piece piece{.place = index.place[i],
              .page = index.page[i],
              .message = index.message[i],
              .begin = index.begin[i],
              .length = index.length[i],
              .begins_message = index.is_first[i] != 0,
              .ends_message =
                  i + 1 == index.size() || index.message[i + 1] != index.message[i],
              .session = index.session[i],
              .role = voice.role,
              .speaker = voice.label,
              .text_is_kept = index.has_text(i)};
  if (index.is_speaker(voice) && voice.spoken) piece.speaker = voice.speaker;
  return piece;
}

std::optional<std::size_t> find(const PieceIndex& index, std::int64_t place) {
  const auto found = std::ranges::lower_bound(index.place, place, {}, [](std::uint32_t p) {
    return static_cast<std::int64_t>(p);
  });
  if (found == index.place.end() || *found != place) return {};
  return static_cast<std::size_t>(found - index.place.begin());
}

}  // namespace

std::vector<ScopeId> scopes_searched(const Database& database, ScopeId own, const Scope& scope,
                                     std::span<const Condition> where) {
  if (where.empty()) return {own};
  std::set<ScopeId> scopes;
  const PageFilter of_pages = page_filter(scope, where);
  Statement page = database.prepare("SELECT DISTINCT p.scope FROM pages p WHERE " + of_pages.sql);
  page.bind_list(of_pages.values);
  while (page.step()) scopes.insert(page.integer(0));
  // Text that fills no page yet.
  const PageFilter of_messages = listed_messages(scope, where);
  Statement message = database.prepare(
      "SELECT DISTINCT v.scope FROM verbatim v JOIN messages m ON m.id = v.message WHERE " +
      of_messages.sql);
  message.bind_list(of_messages.values);
  while (message.step()) scopes.insert(message.integer(0));
  return {scopes.begin(), scopes.end()};
}

std::vector<const PieceIndex*> Store::Impl::pieces_of(std::span<const ScopeId> scopes,
                                                      bool meaning) {
  constexpr std::size_t kKept = 64;  // scopes
  if (pieces.size() + scopes.size() > kKept) pieces.clear();
  std::vector<const PieceIndex*> result;
  if (!scopes.empty()) serving(scopes.front());  // they are of one user
  Transaction snapshot(database, Transaction::Kind::read);
  for (const ScopeId scope : scopes) {
    PieceIndex index = std::move(pieces[scope]);
    pieces.erase(scope);  // what an error leaves is read anew
    refresh(index, database, scope);
    if (meaning) refresh(index.vectors, database, scope, index.place, index.words);
    result.push_back(&(pieces[scope] = std::move(index)));
  }
  snapshot.commit();  // with the words in memory
  for (const ScopeId scope : scopes) save_blocks_of(scope);
  return result;
}

/// What is not saved, since the store is locked or read-only, stays in memory.
void Store::Impl::save_blocks_of(ScopeId scope) {
  PieceIndex& index = pieces[scope];
  if (index.unsaved.empty() || database.is_read_only()) return;
  const Patience none(database, 0);  // a search does not wait for writers
  try {
    save_blocks(index, database);
  } catch (const Error&) {
  }
}

Store::Impl::Ranked Store::Impl::ranked(std::span<const ScopeId> ids, std::string_view query,
                                       const QuestionVector& meaning, Scored scored) {
  Ranked result{.scopes = pieces_of(ids, !meaning.values.empty()), .scores = {}};
  const std::size_t dim = meaning.values.size();
  for (const PieceIndex* index : result.scopes) {
    const PieceVectors& vectors = index->vectors;
    if (dim == 0 || vectors.dim == 0) continue;
    if (vectors.embedder != meaning.embedder) throw_other_embedder(index->scope, vectors.embedder, meaning.embedder);
    if (vectors.dim != dim)
      throw Error(
          ErrorCode::invalid_argument,
          "embedder " + meaning.embedder + " gave a vector of " + std::to_string(dim) +
              " numbers for the question, and the pieces have " + std::to_string(vectors.dim) +
              "; give a different model a different name, or embed the pieces again (`memctl embed "
              "--replace`)");
  }
  const PieceQuery asked = piece_query(query, result.scopes);
  result.scores = score_pieces(database, result.scopes, asked, as_unit(meaning.values), scored,
                               std::exchange(spare_scores, {}));
  result.phrases = asked.phrases.size();
  return result;
}

TextHits Store::search_text(const Scope& scope, std::string_view query, std::size_t k,
                            std::span<const Condition> where,
                            const QuestionVector& meaning) const {
  const Database& database = impl_->serving(scope);
  const PageFilter filter = page_filter(scope, where);
  const ScopeId own = find_scope(scope).value_or(0);
  const auto ids = scopes_searched(database, own, scope, where);
  auto [scopes, scores, phrases] = impl_->ranked(ids, query, meaning, Scored::of_pages_found);
  keep_fitting(*this, scopes, scores, where);
  TextHits hits;
  hits.by_phrase = keep_with_phrases(scopes, scores, phrases);
  hits.pages = score_pages(scopes, scores);
  if (!meaning.values.empty()) {
    for (const PieceIndex* index : scopes) hits.without_vector += index->vectors.missing;
  }
  if (!where.empty()) {
    const auto fitting = pages_of(database, filter);
    std::erase_if(hits.pages, [&](const PageScore& page) { return !fitting.contains(page.id); });
  }
  keep_best(hits.pages, k);
  float best = 0;
  const bool may_be_loose = std::ranges::find(where, Field::level, &Condition::field) == where.end();
  for (std::size_t s = 0; may_be_loose && s < scopes.size(); ++s) {
    const BestPiece loose = best_on_none(*scopes[s], scores[s]);
    if (loose.own <= best) continue;
    best = loose.own;
    hits.verbatim = scopes[s]->place[loose.piece];
    hits.verbatim_scope = scopes[s]->scope;
  }
  impl_->spare_scores = std::move(scores);
  return hits;
}

bool Store::may_have_pages_without_words(const Scope& scope, std::span<const Condition> where) const {
  const auto ids =
      scopes_searched(impl_->serving(scope), find_scope(scope).value_or(0), scope, where);
  return std::ranges::any_of(impl_->pieces_of(ids), &PieceIndex::any_page_without_words);
}

std::vector<std::int64_t> Store::order_pieces(ScopeId scope, std::string_view query,
                                              std::size_t* answering,
                                              const QuestionVector& meaning,
                                              std::span<const Condition> where,
                                              std::size_t limit) const {
  auto [scopes, scores, phrases] = impl_->ranked({&scope, 1}, query, meaning, Scored::all);
  keep_fitting(*this, scopes, scores, where);
  if (answering) *answering = count_answering(*scopes.front(), scores.front());
  std::vector<std::int64_t> places;
  for (const std::uint32_t i : order_pieces_of(*scopes.front(), scores.front(), limit))
    places.push_back(scopes.front()->place[i]);
  impl_->spare_scores = std::move(scores);
  return places;
}

std::vector<Piece> Store::pieces(ScopeId scope, std::int64_t after, std::size_t limit) const {
  const PieceIndex& index = *impl_->pieces_of({&scope, 1}).front();
  const Time now = std::time(nullptr);
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < index.size() && pieces.size() < limit; ++i) {
    if (index.place[i] > after && !index.is_over(i, now)) pieces.push_back(piece_at(index, i));
  }
  return pieces;
}

std::vector<Time> Store::session_times(ScopeId scope) const {
  return impl_->pieces_of({&scope, 1}).front()->session_time;
}

std::vector<Piece> Store::read_pieces(ScopeId scope, std::span<const std::int64_t> places) const {
  const Database& database = impl_->serving(scope);
  const PieceIndex& index = *impl_->pieces_of({&scope, 1}).front();
  const Transaction snapshot(database, Transaction::Kind::read);
  const Time now = std::time(nullptr);
  std::vector<Piece> pieces;
  std::vector<MessageSpan> ranges;
  for (const std::int64_t place : places) {
    const auto i = find(index, place);
    if (!i || index.is_over(*i, now)) continue;
    pieces.push_back(piece_at(index, *i));
    ranges.push_back(index.range(*i));
  }
  MessageTexts texts(database);
  texts.read_ahead(scope, ranges);
  for (std::size_t i = 0; i < pieces.size(); ++i) pieces[i].text = texts.text(scope, ranges[i]);
  ask_each(
      database, "SELECT time FROM messages WHERE id = ?", std::span(pieces),
      [](Statement& row, const Piece& piece) { row.bind(piece.message); },
      [](Statement& row, Piece& piece) {
        if (row.step()) piece.time = row.integer(0);
      });
  return pieces;
}

}  // namespace fovea
