#include "memory/piece_rank.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <ctime>

#include "memory/piece_factors.h"
#include "memory/piece_postings.h"

namespace fovea {
namespace {

// Chosen on one half of two public sets of questions, measured on the other.
constexpr double kPieceSaturation = .9, kWholeSaturation = 1.2, kLengthShare = .75;
constexpr float kStretchShare = .2f, kSessionShare = .3f, kStretchAlone = .3f;
constexpr float kNear[] = {1.f, .5f, .3f, .15f};
constexpr std::size_t kReach = std::size(kNear) - 1;  // pieces
constexpr float kFirst = 1.4f;

/// How often a term stands in each of some things that hold text, with their number and length.
struct Collection {
  double count = 0;
  double words = 0;
  double saturation = kWholeSaturation;

  double weight(std::size_t with, double of_term) const {
    const auto n = static_cast<double>(with);
    return of_term * std::log1p((count - n + .5) / (n + .5));
  }
  double mean() const { return std::max(words / std::max(count, 1.0), 1e-9); }
  double part(double times, double length, double mean) const {
    return times * (saturation + 1) /
           (times + saturation * (1 - kLengthShare + kLengthShare * length / mean));
  }
};

/// How often a term stands in a stretch, a session or a page.
struct WholeCount {
  std::uint32_t whole;
  float times;
};

/// `whole`: none before the last one.
void count_in(std::vector<WholeCount>& counts, std::uint32_t whole, float times) {
  if (counts.empty() || counts.back().whole != whole)
    counts.push_back({whole, times});
  else
    counts.back().times += times;
}

bool is_month(std::string_view word) {
  for (int month = 1; month <= 12; ++month) {
    if (month_name(month) == word) return true;
  }
  return false;
}

/// One of the scopes.
struct Part {
  Part(const PieceIndex& index, PieceScores&& spare)
      : pieces(index),
        result(std::move(spare)),
        of_stretch(index.stretch_words.size()),
        of_session(index.session_words.size()) {
    result.score.assign(index.size(), 0);
    result.own.assign(index.size(), 0);
    result.page.assign(index.pages.size(), 0);
    result.cosine.clear();
    result.phrases.clear();
  }

  const PieceIndex& pieces;
  PieceScores result;
  std::vector<float> of_stretch, of_session;  ///< bm25 of the words of each
  std::vector<float> of_run;                  ///< what stretch and session give each of a run's pieces
  std::vector<float> by_voice, by_session;    ///< factors
  bool all_served = true;                     ///< each piece may get a score
  bool all_compared = true;                   ///< each piece has a vector and may get a score
};

/// What the neighbours of one give, kReach values on each side.
float near(const float* one) {
  static_assert(kReach == 3);
  const float first = kNear[1] * one[-1] + kNear[1] * one[1];
  const float second = first + kNear[2] * one[-2] + kNear[2] * one[2];
  return second + kNear[3] * one[-3] + kNear[3] * one[3];
}

/// 0 beyond the last one that has words.
float value_at(const std::vector<float>& list, std::uint32_t i) {
  return i < list.size() ? list[i] : 0;
}

std::size_t end_of_run(const PieceIndex& pieces, std::size_t run) {
  return run + 1 < pieces.runs.size() ? pieces.runs[run + 1].begin : pieces.size();
}

std::size_t end_of_page(const PieceIndex& pieces, std::size_t page) {
  return page + 1 < pieces.page_begin.size() ? pieces.page_begin[page + 1] : pieces.size();
}

/// Calls `work(run, begin, end)` for the pieces of each run between `begin` and `end`.
template <class Work>
void for_each_run(const PieceIndex& pieces, std::size_t begin, std::size_t end, Work work) {
  if (begin >= end) return;
  const auto behind = std::ranges::upper_bound(pieces.runs, begin, {}, &PieceRun::begin);
  auto run = static_cast<std::size_t>(behind - pieces.runs.begin()) - 1;
  for (; begin < end; ++run) {
    const std::size_t stop = std::min(end, end_of_run(pieces, run));
    work(run, begin, stop);
    begin = stop;
  }
}

/// The largest of some that are 0 or more.
float largest(const float* values, std::size_t count) {
  std::int32_t bits = 0;  // which sort as their values do, and are quickly compared
  for (std::size_t i = 0; i < count; ++i) bits = std::max(bits, std::bit_cast<std::int32_t>(values[i]));
  return std::bit_cast<float>(bits);
}

class Scoring {
 public:
  Scoring(const Database& database, const std::vector<const PieceIndex*>& scopes,
          const PieceQuery& query, std::span<const float> meaning, std::vector<PieceScores>& spare)
      : reader_(database), query_(query), meaning_(meaning) {
    pieces_.saturation = kPieceSaturation;
    for (const PieceIndex* scope : scopes) {
      add(pieces_, scope->with_words, *scope);
      add(stretches_, scope->stretches_with_words, *scope);
      add(sessions_, scope->sessions_with_words, *scope);
      add(pages_, scope->pages.size(), *scope);
      Part& part = parts_.emplace_back(*scope, take(spare));
      part.all_served = !scope->any_without_words && !scope->any_expires;
    }
    has_sessions_ = sessions_.count > 1;
  }

  std::vector<PieceScores> run(Scored scored) && {
    for (const QueryTerm& term : query_.terms) add_term(term);
    for (Part& part : parts_) share_in_runs(part);
    if (!meaning_.empty()) compare();
    for (std::size_t i = 0; i < query_.phrases.size(); ++i) note_phrase(i);
    std::vector<PieceScores> results;
    for (Part& part : parts_) {
      part.by_voice = voice_factors(part.pieces, query_);
      part.by_session = session_factors(part.pieces, query_);
      score(part, scored);
      if (!meaning_.empty()) add_meaning_to_own(part);
      results.push_back(std::move(part.result));
    }
    return results;
  }

 private:
  static PieceScores take(std::vector<PieceScores>& spare) {
    if (spare.empty()) return {};
    PieceScores one = std::move(spare.back());
    spare.pop_back();
    return one;
  }

  static void add(Collection& to, std::size_t count, const PieceIndex& scope) {
    to.count += static_cast<double>(count);
    to.words += scope.all_words;
  }

  void add_term(const QueryTerm& term) {
    std::vector<std::vector<Posting>> lists;
    std::size_t with = 0;
    for (const Part& part : parts_) {
      lists.push_back(reader_.read(part.pieces, term));
      with += lists.back().size();
    }
    const double weight = pieces_.weight(with, term.weight), mean = pieces_.mean();
    const std::vector<std::vector<WholeCount>> none(parts_.size());
    auto stretches = none, sessions = none, pages = none;
    for (std::size_t s = 0; s < parts_.size(); ++s) {
      const PieceIndex& scope = parts_[s].pieces;
      LargeList<float>& own = parts_[s].result.own;
      for (const auto& [piece, times] : lists[s])
        own[piece] += static_cast<float>(
            weight * pieces_.part(static_cast<double>(times), scope.words[piece], mean));
      std::size_t run = 0, page = 0;
      for (const auto& [piece, times] : lists[s]) {
        while (piece >= end_of_run(scope, run)) ++run;
        count_in(stretches[s], scope.runs[run].stretch, times);
        count_in(sessions[s], scope.runs[run].session, times);
        if (!scope.unpaged.empty() && piece >= scope.unpaged.front() &&
            scope.page_at[piece] == PieceIndex::kNoPage) continue;
        while (piece >= end_of_page(scope, page)) ++page;
        count_in(pages[s], static_cast<std::uint32_t>(page), times);
      }
      add_date_hits(scope, term, stretches[s]);
    }
    const auto of_stretch = [](Part& part) -> std::vector<float>& { return part.of_stretch; };
    const auto of_session = [](Part& part) -> std::vector<float>& { return part.of_session; };
    const auto of_page = [](Part& part) -> std::vector<float>& { return part.result.page; };
    add_wholes(stretches_, term.weight, stretches, &PieceIndex::stretch_words, of_stretch);
    if (has_sessions_)
      add_wholes(sessions_, term.weight, sessions, &PieceIndex::session_words, of_session);
    add_wholes(pages_, term.weight, pages, &PieceIndex::page_words, of_page);
  }

  void note_phrase(std::size_t number) {
    for (Part& part : parts_) {
      part.result.phrases.resize(part.pieces.size());
      for (const auto& [piece, times] : reader_.read(part.pieces, query_.phrases[number]))
        part.result.phrases[piece] |= static_cast<std::uint16_t>(1U << number);
    }
  }

  /// A stretch names the dates of its sessions.
  static void add_date_hits(const PieceIndex& scope, const QueryTerm& term,
                            std::vector<WholeCount>& counts) {
    if (term.word.empty()) return;
    const bool is_number = term.word.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number && !is_month(term.word)) return;
    const auto says = [&](Date date) {
      return is_number ? term.word == std::to_string(date.day) || term.word == std::to_string(date.year)
                       : term.word == month_name(date.month);
    };
    std::vector<float> of_session;
    for (const Time time : scope.session_time)
      of_session.push_back(time != 0 && says(date_of(time)) ? 1.f : 0.f);
    if (std::ranges::find(of_session, 1.f) == of_session.end()) return;
    std::vector<float> hits(scope.stretch_words.size());
    for (const auto& [stretch, times] : counts) hits[stretch] = times;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      const auto [first, last] = scope.stretch_sessions[i];
      for (std::uint32_t session = first; session <= last && session < of_session.size(); ++session)
        hits[i] += of_session[session];
    }
    counts.clear();
    for (std::uint32_t i = 0; i < hits.size(); ++i) {
      if (hits[i] > 0) counts.push_back({i, hits[i]});
    }
  }

  template <class Member>
  void add_wholes(const Collection& collection, double of_term,
                  const std::vector<std::vector<WholeCount>>& counts,
                  const std::vector<float> PieceIndex::*words, Member to) {
    std::size_t with = 0;
    for (const auto& list : counts) with += list.size();
    if (with == 0) return;
    const double weight = collection.weight(with, of_term), mean = collection.mean();
    for (std::size_t s = 0; s < counts.size(); ++s) {
      const std::vector<float>& lengths = parts_[s].pieces.*words;
      for (const auto& [whole, times] : counts[s]) {
        to(parts_[s])[whole] += static_cast<float>(
            weight * collection.part(static_cast<double>(times), static_cast<double>(lengths[whole]), mean));
      }
    }
  }

  void share_in_runs(Part& part) const {
    const float of_stretch = has_sessions_ ? kStretchShare : kStretchAlone;
    const float of_session = has_sessions_ ? kSessionShare : 0;
    for (const PieceRun& run : part.pieces.runs)
      part.of_run.push_back(of_stretch * value_at(part.of_stretch, run.stretch) +
                            of_session * value_at(part.of_session, run.session));
  }

  bool is_compared(const Part& part, std::size_t i) const {
    const LargeList<float>& scales = part.pieces.vectors.scales;
    return i < scales.size() && scales[i] != 0 && part.pieces.is_served(i, now_);
  }

  /// Words and meaning count alike: each as a share of the best, meaning from its mean on.
  void compare() {
    double sum = 0, count = 0;
    float most = -1;
    for (Part& part : parts_) {
      const PieceVectors& vectors = part.pieces.vectors;
      LargeList<float>& cosine = part.result.cosine;
      cosine = cosines(vectors, meaning_);
      part.all_compared = part.all_served && vectors.missing == 0 && cosine.size() == part.pieces.size();
      for (std::size_t i = 0; i < cosine.size(); ++i) {
        if (!part.all_compared && !is_compared(part, i)) continue;
        sum += static_cast<double>(cosine[i]);
        most = std::max(most, cosine[i]);
        ++count;
      }
      best_words_ = std::max(best_words_, best_by_words(part));
    }
    mean_ = static_cast<float>(count > 0 ? sum / count : 0);
    best_meaning_ = count > 0 ? most - mean_ : 0;
    all_alike_ = best_meaning_ < 1e-6f;  // as where there is one piece
  }

  float best_by_words(const Part& part) const {
    float best = 0;
    const std::size_t size = part.pieces.size();
    for_each_run(part.pieces, 0, size, [&](std::size_t run, std::size_t begin, std::size_t end) {
      if (part.all_served) {
        best = std::max(best, largest(part.result.own.data() + begin, end - begin) + part.of_run[run]);
        return;
      }
      for (std::size_t i = begin; i < end; ++i) {
        if (part.pieces.is_served(i, now_)) best = std::max(best, part.result.own[i] + part.of_run[run]);
      }
    });
    return best;
  }

  /// What its meaning adds to a piece.
  float more_of(float cosine) const {
    return all_alike_ ? std::max(0.f, cosine) : std::max(0.f, cosine - mean_) / best_meaning_;
  }

  /// Adds to values of pieces from `begin` on, which are in words' units, the share of meaning.
  void add_meaning(const Part& part, std::size_t begin, std::span<float> values) const {
    if (best_words_ > 0) {
      for (float& value : values) value /= best_words_;
    }
    const LargeList<float>& cosine = part.result.cosine;
    const std::size_t count = std::min(values.size(), cosine.size() - std::min(begin, cosine.size()));
    if (!part.all_compared) {
      for (std::size_t i = 0; i < count; ++i) {
        if (is_compared(part, begin + i)) values[i] += more_of(cosine[begin + i]);
      }
    } else if (all_alike_) {
      for (std::size_t i = 0; i < count; ++i) values[i] += std::max(0.f, cosine[begin + i]);
    } else {
      for (std::size_t i = 0; i < count; ++i)
        values[i] += std::max(0.f, cosine[begin + i] - mean_) / best_meaning_;
    }
  }

  void add_meaning_to_own(Part& part) const { add_meaning(part, 0, part.result.own); }

  /// What its own words, its stretch, its session and its meaning give each piece from `begin` on.
  void fill_alone(const Part& part, std::size_t begin, std::span<float> alone) const {
    const float* own = part.result.own.data();
    const std::size_t end = begin + alone.size();
    for_each_run(part.pieces, begin, end, [&](std::size_t run, std::size_t from, std::size_t to) {
      const float share = part.of_run[run];
      for (std::size_t i = from; i < to; ++i) alone[i - begin] = own[i] + share;
    });
    leave_served(part, begin, alone);
    if (!meaning_.empty()) add_meaning(part, begin, alone);
  }

  /// 0 for pieces without words and those that are over.
  void leave_served(const Part& part, std::size_t begin, std::span<float> values) const {
    if (part.all_served) return;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!part.pieces.is_served(begin + i, now_)) values[i] = 0;
    }
  }

  void score(Part& part, Scored scored) {
    if (!has_answers(part.pieces) && has_long_messages(part.pieces)) return score_by_message(part);
    const std::size_t size = part.pieces.size();
    if (scored == Scored::all || !meaning_.empty()) return score_range(part, 0, size);
    const auto& begins = part.pieces.page_begin;
    for (std::size_t page = 0; page < begins.size(); ++page) {
      if (part.result.page[page] <= 0) continue;
      const std::size_t begin = begins[page];
      while (page + 1 < begins.size() && part.result.page[page + 1] > 0) ++page;
      score_range(part, begin, page + 1 < begins.size() ? begins[page + 1] : size);
    }
    for (const std::uint32_t i : part.pieces.unpaged) score_range(part, i, i + 1);
  }

  /// What each piece has alone and what its neighbours give, with the factors.
  void score_range(Part& part, std::size_t begin, std::size_t end) {
    constexpr std::size_t kBlock = 4096;  // pieces, so that what a block takes stays in the cache
    const std::size_t size = part.pieces.size();
    for (; begin < end; begin += kBlock) {
      const std::size_t count = std::min(kBlock, end - begin);
      const std::size_t from = begin - std::min(begin, kReach), to = std::min(size, begin + count + kReach);
      alone_.assign(count + 2 * kReach, 0);
      const std::size_t skip = kReach - (begin - from);  // there are none before the first piece
      fill_alone(part, from, std::span(alone_).subspan(skip, to - from));
      const float* alone = alone_.data() + kReach;
      float* score = part.result.score.data() + begin;
      for (std::size_t i = 0; i < count; ++i) score[i] = near(alone + i) + alone[i];
      finish(part, begin, count);
    }
  }

  /// The best pieces of the messages beside a piece's own are its neighbours. Where nothing tells
  /// what an answer is, the pieces of one long message would lift each other.
  void score_by_message(Part& part) {
    const PieceIndex& scope = part.pieces;
    std::vector<float> alone(scope.size());
    fill_alone(part, 0, alone);
    std::vector<float> best(kReach);
    for (std::size_t i = 0; i < alone.size(); ++i) {
      if (scope.is_first[i] != 0 || i == 0) best.push_back(0);
      best.back() = std::max(best.back(), alone[i]);
    }
    best.resize(best.size() + kReach);
    const float* message = best.data() + kReach;
    for (std::size_t i = 0; i < alone.size(); ++i) {
      if (i > 0 && scope.is_first[i] != 0) ++message;
      part.result.score[i] = near(message) + alone[i];
    }
    finish(part, 0, alone.size());
  }

  void finish(Part& part, std::size_t begin, std::size_t count) const {
    const PieceIndex& scope = part.pieces;
    static constexpr float kOfFirst[] = {1, kFirst};  // a branch would be as good as random
    float* score = part.result.score.data();
    leave_served(part, begin, {score + begin, count});
    for_each_run(scope, begin, begin + count, [&](std::size_t run, std::size_t from, std::size_t to) {
      const float of_session = part.by_session[scope.runs[run].session];
      for (std::size_t i = from; i < to; ++i)
        score[i] *= part.by_voice[scope.voice[i]] * of_session * kOfFirst[scope.is_first[i]];
    });
  }

  PostingReader reader_;
  const PieceQuery& query_;
  std::span<const float> meaning_;  ///< the question's vector; empty: by words alone
  Collection pieces_, stretches_, sessions_, pages_;
  bool has_sessions_ = false;
  float best_words_ = 0;  ///< of what words give a piece
  float mean_ = 0, best_meaning_ = 0;  ///< of the cosines; how far the best is beyond it
  bool all_alike_ = false;
  Time now_ = std::time(nullptr);
  std::vector<Part> parts_;
  std::vector<float> alone_;  ///< of a block
};

}  // namespace

std::vector<PieceScores> score_pieces(const Database& database,
                                      const std::vector<const PieceIndex*>& scopes,
                                      const PieceQuery& query, std::span<const float> meaning,
                                      Scored scored, std::vector<PieceScores> spare) {
  return Scoring(database, scopes, query, meaning, spare).run(scored);
}

}  // namespace fovea
