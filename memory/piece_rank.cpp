#include "memory/piece_rank.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <ctime>

#include "fovea/error.h"
#include "memory/hashed_words.h"
#include "memory/stems.h"

namespace fovea {
namespace {

// Chosen on one half of two public sets of questions, measured on the other.
constexpr double kPieceSaturation = .9, kWholeSaturation = 1.2, kLengthShare = .75;
constexpr float kStretchShare = .2f, kSessionShare = .3f, kStretchAlone = .3f;
constexpr float kNear[] = {1.f, .5f, .3f, .15f};
constexpr float kSpeaker = 2, kMonth = 2, kDay = 3, kUser = 3, kFirst = 1.4f;

/// How often a term stands in each of some things that hold text, with their number and length.
struct Collection {
  double count = 0;
  double words = 0;
  double saturation = kWholeSaturation;

  double weight(std::size_t with, double of_term) const {
    const auto n = static_cast<double>(with);
    return of_term * std::log1p((count - n + .5) / (n + .5));
  }
  double part(double times, double length) const {
    const double mean = std::max(words / std::max(count, 1.0), 1e-9);
    return times * (saturation + 1) /
           (times + saturation * (1 - kLengthShare + kLengthShare * length / mean));
  }
};

struct Posting {
  std::uint32_t piece;
  float times;
};

bool is_month(std::string_view word) {
  for (int month = 1; month <= 12; ++month) {
    if (month_name(month) == word) return true;
  }
  return false;
}

/// The indices in `order` by score, highest first, equal ones as they stand: radix sort, as a scope
/// may have a million. Scores are positive, so that their bits sort as they do.
void sort_by_score(std::vector<std::uint32_t>& order, const std::vector<float>& score) {
  constexpr std::uint32_t kBits = 11, kBuckets = 1u << kBits;
  std::vector<std::uint32_t> sorted(order.size());
  for (std::uint32_t shift = 0; shift < 32; shift += kBits) {
    const auto bucket = [&](std::uint32_t i) {
      return ~std::bit_cast<std::uint32_t>(score[i]) >> shift & (kBuckets - 1);
    };
    std::array<std::size_t, kBuckets + 1> begin{};
    for (const std::uint32_t i : order) ++begin[bucket(i) + 1];
    for (std::size_t b = 0; b < kBuckets; ++b) begin[b + 1] += begin[b];
    for (const std::uint32_t i : order) sorted[begin[bucket(i)]++] = i;
    order.swap(sorted);
  }
}

std::size_t count_present(const std::vector<float>& list) {
  return static_cast<std::size_t>(std::ranges::count_if(list, [](float v) { return v > 0; }));
}

class Scoring {
 public:
  Scoring(const Database& database, const std::vector<const PieceIndex*>& scopes,
          const PieceQuery& query, std::span<const float> meaning)
      : database_(database), scopes_(scopes), query_(query), meaning_(meaning) {
    pieces_.saturation = kPieceSaturation;
    for (const PieceIndex* scope : scopes_) {
      add(pieces_, scope->with_words, *scope);
      add(stretches_, count_present(scope->stretch_words), *scope);
      add(sessions_, count_present(scope->session_words), *scope);
      add(pages_, scope->pages.size(), *scope);
      results_.push_back({.score = std::vector<float>(scope->size()),
                          .own = std::vector<float>(scope->size()),
                          .cosine = {},
                          .page = std::vector<float>(scope->pages.size()),
                          .phrases = {}});
      of_stretch_.emplace_back(scope->stretch_words.size());
      of_session_.emplace_back(scope->session_words.size());
    }
    has_sessions_ = sessions_.count > 1;
  }

  std::vector<PieceScores> run() && {
    for (const QueryTerm& term : query_.terms) add_term(term);
    for (std::size_t s = 0; s < scopes_.size(); ++s) add_wholes_of_pieces(s);
    if (!meaning_.empty()) add_meaning();
    for (std::size_t i = 0; i < query_.phrases.size(); ++i) note_phrase(i);
    for (std::size_t s = 0; s < scopes_.size(); ++s) {
      spread(s);
      apply_factors(s);
    }
    return std::move(results_);
  }

 private:
  static void add(Collection& to, std::size_t count, const PieceIndex& scope) {
    to.count += static_cast<double>(count);
    to.words += scope.all_words;
  }

  /// What finds the term in the scope: its words, the stems of words that begin so, and the hashes
  /// of words whose text is not kept.
  std::string expression_of(const PieceIndex& scope, const QueryTerm& term) const {
    std::string expression = term.match;
    if (term.is_prefix) {
      if (term.word.empty()) return expression;
      for (const std::string& stem : stems_.of_beginning(term.word)) expression += " OR \"" + stem + '"';
    } else if (scope.has_hashed) {
      expression += " OR \"" + HashedWords(database_, scope.scope).phrase(stems_.of_terms(term.terms)) + '"';
    }
    return expression;
  }

  std::vector<Posting> postings(const PieceIndex& scope, const QueryTerm& term) const {
    std::vector<Posting> found;
    if (scope.size() == 0) return found;
    const std::string expression = expression_of(scope, term);
    for (const char* table : {"piece_words", "waiting_words"}) {
      Statement row = database_.prepare("SELECT rowid, hits(" + std::string(table) + ") FROM " +
                                        table + " WHERE " + table +
                                        " MATCH ? AND rowid BETWEEN ? AND ?");
      read_postings(scope, expression, row, found);
    }
    return found;
  }

  /// `row`: of pieces behind those found so far.
  static void read_postings(const PieceIndex& scope, const std::string& expression, Statement& row,
                            std::vector<Posting>& found) {
    row.bind(expression, word_row(scope.scope, scope.place.front()),
             word_row(scope.scope, scope.place.back()));
    std::size_t i = found.empty() ? 0 : found.back().piece + 1;
    while (row.step()) {
      const auto place = static_cast<std::uint32_t>(row.integer(0) - word_row(scope.scope, 0));
      if (i + 16 < scope.size() && scope.place[i + 16] < place)
        i = static_cast<std::size_t>(
            std::lower_bound(scope.place.begin() + static_cast<std::ptrdiff_t>(i), scope.place.end(),
                             place) - scope.place.begin());
      while (i < scope.size() && scope.place[i] < place) ++i;
      if (i == scope.size()) break;
      if (scope.place[i] == place)
        found.push_back({static_cast<std::uint32_t>(i), static_cast<float>(row.integer(1))});
    }
  }

  void add_term(const QueryTerm& term) {
    std::vector<std::vector<Posting>> lists;
    std::size_t with = 0;
    for (const PieceIndex* scope : scopes_) {
      lists.push_back(postings(*scope, term));
      with += lists.back().size();
    }
    const double weight = pieces_.weight(with, term.weight);
    std::vector<std::vector<float>> stretches, sessions, pages;
    for (std::size_t s = 0; s < scopes_.size(); ++s) {
      const PieceIndex& scope = *scopes_[s];
      stretches.push_back(date_hits(scope, term));
      sessions.emplace_back(scope.session_words.size());
      pages.emplace_back(scope.pages.size());
      for (const auto& [piece, times] : lists[s]) {
        results_[s].own[piece] += static_cast<float>(
            weight * pieces_.part(static_cast<double>(times), scope.words[piece]));
        stretches[s][scope.stretch[piece]] += times;
        sessions[s][scope.session[piece]] += times;
        if (scope.page_at[piece] != PieceIndex::kNoPage) pages[s][scope.page_at[piece]] += times;
      }
    }
    add_wholes(stretches_, term.weight, stretches, &PieceIndex::stretch_words, of_stretch_);
    if (has_sessions_)
      add_wholes(sessions_, term.weight, sessions, &PieceIndex::session_words, of_session_);
    std::vector<std::vector<float>> of_page;
    for (PieceScores& result : results_) of_page.push_back(std::move(result.page));
    add_wholes(pages_, term.weight, pages, &PieceIndex::page_words, of_page);
    for (std::size_t s = 0; s < results_.size(); ++s) results_[s].page = std::move(of_page[s]);
  }

  void note_phrase(std::size_t number) {
    for (std::size_t s = 0; s < scopes_.size(); ++s) {
      results_[s].phrases.resize(scopes_[s]->size());
      for (const auto& [piece, times] : postings(*scopes_[s], query_.phrases[number]))
        results_[s].phrases[piece] |= static_cast<std::uint16_t>(1U << number);
    }
  }

  /// A stretch names the dates of its sessions.
  static std::vector<float> date_hits(const PieceIndex& scope, const QueryTerm& term) {
    std::vector<float> hits(scope.stretch_words.size());
    if (term.word.empty()) return hits;
    const bool is_number = term.word.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number && !is_month(term.word)) return hits;
    const auto says = [&](Date date) {
      return is_number ? term.word == std::to_string(date.day) || term.word == std::to_string(date.year)
                       : term.word == month_name(date.month);
    };
    std::vector<float> of_session;
    for (const Time time : scope.session_time)
      of_session.push_back(time != 0 && says(date_of(time)) ? 1.f : 0.f);
    if (std::ranges::find(of_session, 1.f) == of_session.end()) return hits;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      const auto [first, last] = scope.stretch_sessions[i];
      for (std::uint32_t session = first; session <= last && session < of_session.size(); ++session)
        hits[i] += of_session[session];
    }
    return hits;
  }

  void add_wholes(const Collection& collection, double of_term,
                  const std::vector<std::vector<float>>& times,
                  const std::vector<float> PieceIndex::*words,
                  std::vector<std::vector<float>>& to) const {
    std::size_t with = 0;
    for (const auto& list : times) with += count_present(list);
    if (with == 0) return;
    const double weight = collection.weight(with, of_term);
    for (std::size_t s = 0; s < times.size(); ++s) {
      for (std::size_t i = 0; i < times[s].size(); ++i) {
        if (times[s][i] <= 0) continue;
        const auto length = static_cast<double>((scopes_[s]->*words)[i]);
        to[s][i] +=
            static_cast<float>(weight * collection.part(static_cast<double>(times[s][i]), length));
      }
    }
  }

  bool is_ranked(const PieceIndex& scope, std::size_t i) const {
    return scope.words[i] >= 0 && !scope.is_over(i, now_);
  }

  /// What its words give with what those of its stretch and its session do.
  void add_wholes_of_pieces(std::size_t s) { results_[s].score = alone_scores(s); }

  /// Words and meaning count alike: each as a share of the best, meaning from its mean on.
  void add_meaning() {
    double sum = 0, count = 0;
    for (std::size_t s = 0; s < scopes_.size(); ++s) {
      results_[s].cosine = cosines(scopes_[s]->vectors, meaning_);
      for_each_compared(s, [&](std::size_t i) {
        sum += static_cast<double>(results_[s].cosine[i]);
        ++count;
      });
    }
    const auto mean = static_cast<float>(count > 0 ? sum / count : 0);
    float best_words = 0, best_meaning = 0;
    for (std::size_t s = 0; s < scopes_.size(); ++s) {
      for (const float score : results_[s].score) best_words = std::max(best_words, score);
      for_each_compared(s, [&](std::size_t i) {
        best_meaning = std::max(best_meaning, results_[s].cosine[i] - mean);
      });
    }
    const bool all_alike = best_meaning < 1e-6f;  // as where there is one piece
    for (std::size_t s = 0; s < scopes_.size(); ++s) {
      if (best_words > 0) {
        for (float& score : results_[s].score) score /= best_words;
        for (float& own : results_[s].own) own /= best_words;
      }
      for_each_compared(s, [&](std::size_t i) {
        const float cosine = results_[s].cosine[i];
        const float more = all_alike ? std::max(0.f, cosine) : std::max(0.f, cosine - mean) / best_meaning;
        results_[s].score[i] += more;
        results_[s].own[i] += more;
      });
    }
  }

  template <class Work>
  void for_each_compared(std::size_t s, Work work) const {
    const PieceIndex& scope = *scopes_[s];
    const std::vector<float>& scales = scope.vectors.scales;
    for (std::size_t i = 0; i < scales.size(); ++i) {
      if (scales[i] != 0 && is_ranked(scope, i)) work(i);
    }
  }

  /// Adds what the neighbours have.
  void spread(std::size_t s) {
    const PieceIndex& scope = *scopes_[s];
    const std::vector<float> alone = std::move(results_[s].score);
    const bool by_message = !has_roles(scope) && has_long_messages(scope);
    std::vector<float>& score = results_[s].score;
    score = by_message ? near_messages(scope, alone) : near_pieces(alone);
    for (std::size_t i = 0; i < score.size(); ++i) score[i] += alone[i];
    for (std::size_t i = 0; i < score.size(); ++i) score[i] = scope.words[i] < 0 ? 0 : score[i];
    if (!scope.any_expires) return;
    for (std::size_t i = 0; i < score.size(); ++i) score[i] = scope.is_over(i, now_) ? 0 : score[i];
  }

  /// 0 beyond the last one that has words.
  static float at(const std::vector<float>& list, std::uint32_t i) {
    return i < list.size() ? list[i] : 0;
  }

  /// What its own words, its stretch and its session give each piece that is served.
  std::vector<float> alone_scores(std::size_t s) const {
    const PieceIndex& scope = *scopes_[s];
    const float of_stretch = has_sessions_ ? kStretchShare : kStretchAlone;
    const float of_session = has_sessions_ ? kSessionShare : 0;
    std::vector<float> alone(results_[s].own);
    for (std::size_t i = 0; i < alone.size();) {
      const std::uint32_t stretch = scope.stretch[i], session = scope.session[i];
      const float share =
          of_stretch * at(of_stretch_[s], stretch) + of_session * at(of_session_[s], session);
      for (; i < alone.size() && scope.stretch[i] == stretch && scope.session[i] == session; ++i)
        alone[i] = scope.words[i] < 0 ? 0 : alone[i] + share;
    }
    if (!scope.any_expires) return alone;
    for (std::size_t i = 0; i < alone.size(); ++i) alone[i] = scope.is_over(i, now_) ? 0 : alone[i];
    return alone;
  }

  /// What the neighbours of each give.
  static std::vector<float> near_pieces(const std::vector<float>& alone) {
    const std::size_t size = alone.size();
    std::vector<float> near(size);
    for (std::size_t d = 1; d < std::size(kNear) && d < size; ++d) {
      const float* before = alone.data();
      const float* behind = alone.data() + d;
      for (std::size_t i = 0; i + d < size; ++i) near[i + d] += kNear[d] * before[i];
      for (std::size_t i = 0; i + d < size; ++i) near[i] += kNear[d] * behind[i];
    }
    return near;
  }

  /// The best pieces of the messages beside a piece's own are its neighbours. Where nothing tells
  /// questions from long answers, the pieces of one answer would lift each other.
  static std::vector<float> near_messages(const PieceIndex& scope, const std::vector<float>& alone) {
    std::vector<float> best;
    for (std::size_t i = 0; i < alone.size(); ++i) {
      if (scope.is_first[i] != 0 || best.empty()) best.push_back(0);
      best.back() = std::max(best.back(), alone[i]);
    }
    const std::vector<float> near = near_pieces(best);
    std::vector<float> result(alone.size());
    std::size_t message = 0;
    for (std::size_t i = 0; i < alone.size(); ++i) {
      if (i > 0 && scope.is_first[i] != 0) ++message;
      result[i] = near[message];
    }
    return result;
  }

  static bool has_long_messages(const PieceIndex& scope) {
    constexpr double kLong = 1.5, kDocument = 50;  // pieces a message
    const auto messages = static_cast<double>(std::ranges::count(scope.is_first, 1));
    const auto pieces = static_cast<double>(scope.size());
    return messages > 2 && pieces >= kLong * messages && pieces < kDocument * messages;
  }

  /// Whether what a user says is told from what an assistant says.
  static bool has_roles(const PieceIndex& scope) {
    const auto is_plain_assistant = [&](const Voice& voice) {
      return voice.is_assistant && !scope.is_speaker(voice);
    };
    return std::ranges::any_of(scope.voices, is_plain_assistant) &&
           std::ranges::any_of(scope.voices, &Voice::is_user);
  }

  /// A piece is worth more for who says it; by voice.
  std::vector<float> voice_factors(const PieceIndex& scope) const {
    const bool users_count = has_roles(scope);
    std::vector<float> factors;
    for (const Voice& voice : scope.voices) {
      float factor = users_count && voice.is_user ? kUser : 1;
      if (!query_.speaker.empty() && voice.speaker == query_.speaker && scope.is_speaker(voice))
        factor *= kSpeaker;
      factors.push_back(factor);
    }
    return factors;
  }

  std::vector<float> session_factors(const PieceIndex& scope) const {
    std::vector<float> factors;
    for (const Time time : scope.session_time) {
      const Date date = time == 0 ? Date() : date_of(time);
      const bool month = query_.month != 0 && date.month == query_.month;
      factors.push_back(!month ? 1 : query_.day == date.day ? kDay : kMonth);
    }
    return factors;
  }

  void apply_factors(std::size_t s) {
    const PieceIndex& scope = *scopes_[s];
    const auto of_voice = voice_factors(scope), of_session = session_factors(scope);
    for (std::size_t i = 0; i < scope.size(); ++i) {
      results_[s].score[i] *= of_voice[scope.voice[i]] * of_session[scope.session[i]] *
                              (scope.is_first[i] != 0 ? kFirst : 1);
    }
  }

  const Database& database_;
  Stems stems_{database_};
  const std::vector<const PieceIndex*>& scopes_;
  const PieceQuery& query_;
  std::span<const float> meaning_;  ///< the question's vector; empty: by words alone
  Collection pieces_, stretches_, sessions_, pages_;
  bool has_sessions_ = false;
  Time now_ = std::time(nullptr);
  std::vector<PieceScores> results_;
  std::vector<std::vector<float>> of_stretch_, of_session_;
};

void hits(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int,
          sqlite3_value**) {
  int count = 0;
  for (int phrase = 0; phrase < api->xPhraseCount(context); ++phrase) {
    Fts5PhraseIter at;
    int column = 0, offset = 0;
    if (const int code = api->xPhraseFirst(context, phrase, &at, &column, &offset); code != SQLITE_OK)
      return sqlite3_result_error_code(result, code);
    for (; column >= 0; api->xPhraseNext(context, &at, &column, &offset)) ++count;
  }
  sqlite3_result_int(result, count);
}

}  // namespace

std::vector<PieceScores> score_pieces(const Database& database,
                                      const std::vector<const PieceIndex*>& scopes,
                                      const PieceQuery& query, std::span<const float> meaning) {
  return Scoring(database, scopes, query, meaning).run();
}

std::vector<std::uint32_t> order_pieces_of(const PieceIndex& index, const PieceScores& scores) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < index.size(); ++i) {
    if (scores.score[i] > 0 && index.has_text(i)) order.push_back(i);
  }
  sort_by_score(order, scores.score);
  if (!scores.phrases.empty()) {
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::uint32_t i) { return std::popcount(scores.phrases[i]); });
  }
  const Time now = std::time(nullptr);
  for (auto i = static_cast<std::uint32_t>(index.size()); i-- > 0;) {
    if (scores.score[i] <= 0 && index.has_text(i) && !index.is_over(i, now)) order.push_back(i);
  }
  return order;
}

void add_hits_function(fts5_api& api) {
  if (api.xCreateFunction(&api, "hits", nullptr, hits, nullptr) != SQLITE_OK)
    throw Error(ErrorCode::unsupported, "this SQLite's full-text search takes no functions of ours");
}

}  // namespace fovea
