#include "facade/context_pieces.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>

#include "core/utf8.h"
#include "facade/piece_embedding.h"
#include "memory/piece_query.h"
#include "memory/snippet.h"

namespace fovea {
namespace {

constexpr std::size_t kLikely = 4;  // pages that are read from their tokens for a query

std::chrono::year_month_day day_of(Time time) {
  using namespace std::chrono;
  return year_month_day(floor<days>(sys_seconds(seconds(time))));
}

/// "3 May 2026", with " 14:20" where the day alone does not tell sessions apart. UTC.
std::string date_text(Time time, bool with_clock) {
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "June",
                                         "July", "Aug", "Sept", "Oct", "Nov", "Dec"};
  const auto day = day_of(time);
  std::string text = std::to_string(static_cast<unsigned>(day.day())) + " " +
                     kMonths.at(static_cast<unsigned>(day.month()) - 1) + " " +
                     std::to_string(static_cast<int>(day.year()));
  if (!with_clock) return text;
  const Time minutes = (time % 86400 + 86400) % 86400 / 60;
  text += ' ';
  for (const Time digit : {minutes / 600, minutes / 60 % 10, Time{-1}, minutes % 60 / 10, minutes % 10})
    text += digit < 0 ? ':' : static_cast<char>('0' + digit);
  return text;
}

/// Of each session; empty: its time is not known.
std::vector<std::string> dates_of(const std::vector<Time>& times) {
  std::map<std::chrono::year_month_day, int> sessions;
  for (const Time time : times) {
    if (time != 0) ++sessions[day_of(time)];
  }
  std::vector<std::string> dates;
  for (const Time time : times)
    dates.push_back(time == 0 ? "" : date_text(time, sessions[day_of(time)] > 1));
  return dates;
}

}  // namespace

ContextPieces::ContextPieces(const MemoryCore& memory, ScopeId scope)
    : memory_(memory), scope_(scope), pieces_(memory.store.pieces(scope)) {
  std::vector<Time> times = memory.store.session_times(scope);
  session_dates_ = dates_of(times);
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] == 0) times[i] = times[i - 1];
  }
  std::vector<std::size_t> sorted(times.size());
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::ranges::stable_sort(sorted, {}, [&](std::size_t session) { return times[session]; });
  session_ranks_.resize(times.size());
  for (std::size_t rank = 0; rank < sorted.size(); ++rank) session_ranks_[sorted[rank]] = rank;
}

std::span<const Piece> ContextPieces::on_page(PageId page) const {
  const auto begin = std::ranges::find(pieces_, page, &Piece::page);
  const auto end = std::find_if(begin, pieces_.end(), [&](const Piece& p) { return p.page != page; });
  return {begin, end};
}

std::vector<std::int64_t> ContextPieces::in_order(std::string_view query, bool all) {
  std::size_t answering = 0;
  auto places = memory_.store.order_pieces(scope_, query, &answering, meaning_of(memory_, query), {},
                                           all ? pieces_.size() : kFirst);
  const auto read = likely(query);
  answered_ = answering > 0 || !read.empty();
  if (answering > places.size()) return places;  // they come later
  places.insert(places.begin() + static_cast<std::ptrdiff_t>(answering), read.begin(), read.end());
  return places;
}

/// The pieces of pages without text that look like the query and have any of its words, those with
/// the most first.
std::vector<std::int64_t> ContextPieces::likely(std::string_view query) {
  const auto is_textless = [](const Piece& piece) {
    return piece.page != 0 && !piece.text_is_kept;
  };
  if (std::ranges::none_of(pieces_, is_textless)) return {};
  constexpr std::size_t kMost = 50;
  std::vector<PageId> pages;
  const auto add = [&](const std::vector<PageScore>& found) {
    for (const PageScore& page : found) {
      if (std::ranges::find(pages, page.id) == pages.end()) pages.push_back(page.id);
    }
  };
  add(memory_.store.search_text(memory_.scope_name, query, kMost).pages);  // by words that are hashed
  add(memory_.store.search_vectors(memory_.scope_name, memory_.codec().fingerprint(),
                                   memory_.codec().embed(query), kMost));
  pages = memory_.store.without_archive(pages);
  pages.resize(std::min(pages.size(), kLikely));
  const std::string words_asked = telling_words(query);
  std::vector<std::pair<std::size_t, std::int64_t>> found;
  for (const PageId page : pages) {
    const std::size_t before = found.size();
    bool has_words = false;
    for (const Piece& piece : on_page(page)) {
      if (piece.text_is_kept) continue;
      const std::size_t words = make_snippet(recovered(piece), words_asked).words_found;
      has_words = has_words || words > 0;
      found.emplace_back(words, piece.place);
    }
    if (!has_words) found.resize(before);
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, &std::pair<std::size_t, std::int64_t>::first);
  std::vector<std::int64_t> places;
  for (const auto& [words, place] : found) places.push_back(place);
  return places;
}

/// What stands on the page where the piece stood. A reading may be longer or shorter than the text
/// that was there.
std::string ContextPieces::recovered(const Piece& piece) {
  const StoredPage page = memory_.store.page(scope_, piece.page);
  auto known = recovered_.find(page.id);
  if (known == recovered_.end())
    known = recovered_.emplace(page.id, memory_.text_of_page(scope_, page)).first;
  const std::string_view text = known->second;
  for (const PageSpan& span : memory_.store.spans(scope_, page.id)) {
    const std::size_t span_end = span.message_begin + span.length;
    if (span.message != piece.message || piece.begin < span.message_begin || piece.begin >= span_end)
      continue;
    const auto scaled = [&](std::size_t at) {
      const auto share = static_cast<double>(at) / static_cast<double>(page.bytes);
      const auto place = page.bytes == text.size() ? at : static_cast<std::size_t>(
                                                              share * static_cast<double>(text.size()));
      return utf8_cut(text, place).size();
    };
    const std::size_t end = std::min(piece.begin + piece.length, span_end);
    const std::size_t from = scaled(span.page_begin + piece.begin - span.message_begin);
    const std::size_t to = scaled(span.page_begin + end - span.message_begin);
    return std::string(text.substr(from, to - from));
  }
  return {};
}

std::vector<Piece> ContextPieces::read(std::span<const std::int64_t> places) {
  std::vector<Piece> pieces = memory_.store.read_pieces(scope_, places);
  for (Piece& piece : pieces) {
    if (!piece.text && piece.page != 0) piece.text = recovered(piece);
  }
  std::erase_if(pieces, [](const Piece& piece) { return !piece.text || piece.text->empty(); });
  return pieces;
}

std::string ContextPieces::mark_of(const Piece& piece) const {
  const auto session = static_cast<std::size_t>(piece.session);
  std::string mark = piece.page == 0 ? "" : std::to_string(piece.page);
  if (session < session_dates_.size() && !session_dates_[session].empty())
    mark.append(mark.empty() ? "" : " · ").append(session_dates_[session]);
  return mark.empty() ? mark : "[" + mark + "]";
}

std::size_t ContextPieces::rank_of(const Piece& piece) const {
  const auto session = static_cast<std::size_t>(piece.session);
  return session < session_ranks_.size() ? session_ranks_[session] : 0;
}

std::size_t ContextPieces::order_of(const Piece& piece) const {
  return (rank_of(piece) << 32) + static_cast<std::size_t>(piece.place);
}

bool ContextPieces::is_of_last_session(const Piece& piece) const {
  return rank_of(piece) + 1 >= session_ranks_.size();
}

ShownPiece ContextPieces::shown(const Piece& piece) const {
  return {.order = order_of(piece),
          .message = piece.message,
          .begins_message = piece.begins_message,
          .ends_message = piece.ends_message,
          .mark = mark_of(piece),
          .role = piece.role,
          .speaker = piece.speaker,
          .text = piece.text.value_or("")};
}

}  // namespace fovea
