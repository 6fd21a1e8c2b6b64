#include <algorithm>
#include <cmath>
#include <ctime>
#include <unordered_set>

#include "fovea/error.h"
#include "memory/page_filter.h"
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

std::vector<BestPiece> best_pieces(const PieceIndex& index, const PieceScores& scores) {
  std::vector<BestPiece> best(index.pages.size() + 1);  // the last: of no page
  for (std::uint32_t i = 0; i < index.size(); ++i) {
    BestPiece& of_page = best[std::min<std::size_t>(index.page_at[i], best.size() - 1)];
    of_page.score = std::max(of_page.score, scores.score[i]);
    if (scores.own[i] > 0 && scores.score[i] > 0 && scores.score[i] > of_page.own) {
      of_page.own = scores.score[i];
      of_page.piece = i;
    }
  }
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

/// How many pieces could have been compared with a question's vector, and have none.
std::size_t count_without_vector(const PieceIndex& index) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < index.size(); ++i)
    count += index.words[i] >= 0 && (index.vectors.scales.size() <= i || index.vectors.scales[i] == 0) ? 1 : 0;
  return count;
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
    const auto best = best_pieces(*scopes[s], scores[s]);
    for (std::size_t i = 0; i < scopes[s]->pages.size(); ++i) {
      if (best[i].own <= 0) continue;
      const auto whole = static_cast<double>(scores[s].page[i]);
      const auto& cosine = scores[s].cosine;
      pages.push_back({scopes[s]->pages[i], static_cast<double>(best[i].score),
                       scopes[s]->place[best[i].piece], whole,
                       cosine.empty() ? 0 : static_cast<double>(cosine[best[i].piece])});
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
              .text_is_kept = index.words[i] >= 0};
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
  const PageFilter filter = page_filter(database, scope, where);
  std::vector<ScopeId> scopes;
  Statement row = database.prepare("SELECT DISTINCT p.scope FROM pages p WHERE " + filter.sql);
  row.bind_list(filter.values);
  while (row.step()) scopes.push_back(row.integer(0));
  return scopes;
}

std::vector<const PieceIndex*> Store::Impl::pieces_of(std::span<const ScopeId> scopes,
                                                      bool meaning) {
  constexpr std::size_t kKept = 64;  // scopes
  if (pieces.size() + scopes.size() > kKept) pieces.clear();
  std::vector<const PieceIndex*> result;
  Transaction snapshot(database, Transaction::Kind::read);
  for (const ScopeId scope : scopes) {
    PieceIndex index = std::move(pieces[scope]);
    pieces.erase(scope);  // what an error leaves is read anew
    refresh(index, database, scope);
    if (meaning) refresh(index.vectors, database, scope, index.place, index.words);
    result.push_back(&(pieces[scope] = std::move(index)));
  }
  snapshot.commit();  // with the words in memory
  return result;
}

Store::Impl::Ranked Store::Impl::ranked(std::span<const ScopeId> ids, std::string_view query,
                                       const QuestionVector& meaning) {
  Ranked result{pieces_of(ids, !meaning.values.empty()), {}};
  const std::size_t dim = meaning.values.size();
  for (const PieceIndex* index : result.scopes) {
    const PieceVectors& vectors = index->vectors;
    if (dim == 0 || vectors.dim == 0) continue;
    if (vectors.embedder != meaning.embedder) throw_other_embedder(index->scope, vectors.embedder, meaning.embedder);
    if (vectors.dim != dim)
      throw Error(ErrorCode::invalid_argument,
                  "embedder " + meaning.embedder + " gave a vector of " + std::to_string(dim) +
                      " numbers for the question, and the pieces have " +
                      std::to_string(vectors.dim) +
                      "; give another model another name, or embed the pieces anew (`memctl embed "
                      "--replace`)");
  }
  result.scores = score_pieces(database, result.scopes, piece_query(query, result.scopes),
                               as_unit(meaning.values));
  return result;
}

TextHits Store::search_text(const Scope& scope, std::string_view query, std::size_t k,
                            std::span<const Condition> where,
                            const QuestionVector& meaning) const {
  const Database& database = impl_->database;
  const PageFilter filter = page_filter(database, scope, where);
  const ScopeId own = find_scope(scope).value_or(0);
  const auto ids = scopes_searched(database, own, scope, where);
  const auto [scopes, scores] = impl_->ranked(ids, query, meaning);
  TextHits hits{.pages = score_pages(scopes, scores)};
  if (!meaning.values.empty()) {
    for (const PieceIndex* index : scopes) hits.without_vector += count_without_vector(*index);
  }
  if (!where.empty()) {
    const auto fitting = pages_of(database, filter);
    std::erase_if(hits.pages, [&](const PageScore& page) { return !fitting.contains(page.id); });
  }
  keep_best(hits.pages, k);
  for (std::size_t s = 0; s < scopes.size(); ++s) {
    if (scopes[s]->scope != own) continue;
    const BestPiece loose = best_pieces(*scopes[s], scores[s]).back();
    if (loose.own > 0) hits.verbatim = scopes[s]->place[loose.piece];
  }
  return hits;
}

std::vector<std::int64_t> Store::order_pieces(ScopeId scope, std::string_view query,
                                              std::size_t* answering,
                                              const QuestionVector& meaning) const {
  const auto [scopes, scores] = impl_->ranked({&scope, 1}, query, meaning);
  if (answering)
    *answering = static_cast<std::size_t>(
        std::ranges::count_if(scores.front().score, [](float score) { return score > 0; }));
  std::vector<std::int64_t> places;
  for (const std::uint32_t i : order_pieces_of(*scopes.front(), scores.front()))
    places.push_back(scopes.front()->place[i]);
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
  const Database& database = impl_->database;
  const PieceIndex& index = *impl_->pieces_of({&scope, 1}).front();
  const Transaction snapshot(database, Transaction::Kind::read);
  const Time now = std::time(nullptr);
  MessageTexts texts(database);
  Statement message = database.prepare("SELECT time FROM messages WHERE id = ?");
  std::vector<Piece> pieces;
  for (const std::int64_t place : places) {
    const auto i = find(index, place);
    if (!i || index.is_over(*i, now)) continue;
    pieces.push_back(piece_at(index, *i));
    pieces.back().text = texts.text(scope, index.range(*i));
    if (message.bind(pieces.back().message).step()) pieces.back().time = message.integer(0);
  }
  return pieces;
}

}  // namespace fovea
