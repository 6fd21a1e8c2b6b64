#include "context/transcript.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>

namespace fovea {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// What is shown of a text: without the line ends before it and the blanks behind it.
std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("\r\n");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find_last_not_of(kBlanks);
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

/// What stands between the words of neighbours: what stood there, blank lines as one.
std::string_view joint(std::string_view before, std::string_view after) {
  const std::size_t end = before.find_last_not_of(kBlanks);
  const auto blanks = before.substr(end == std::string_view::npos ? 0 : end + 1);
  const auto lines = std::ranges::count(blanks, '\n') + (after.starts_with('\n') ? 1 : 0);
  if (lines > 1) return "\n\n";
  if (lines == 1) return "\n";
  return blanks.empty() ? "" : " ";
}

std::string label(const ShownPiece& piece) {
  std::string text = piece.speaker.empty() ? "" : piece.speaker + ": ";
  return piece.begins_message ? text : text + "… ";
}

/// What is written before a piece's words when `before` is what is shown before it.
std::string lead_of(const ShownPiece* before, const ShownPiece& piece) {
  const std::string mark = piece.mark.empty() ? "" : piece.mark + "\n";
  if (!before) return mark + label(piece);
  const bool adjacent = before->order + 1 == piece.order && !before->is_cut;
  const bool same_message = before->message == piece.message;
  const bool is_open = before->is_cut || !(before->ends_message || (adjacent && same_message));
  const std::string open = is_open ? " …" : "";
  if (before->mark != piece.mark)
    return open + "\n" + mark + (adjacent && same_message ? "" : label(piece));
  if (adjacent && same_message) return std::string(joint(before->text, piece.text));
  if (same_message) return open + " ";
  return open + "\n" + (adjacent || !open.empty() ? "" : "…\n") + label(piece);
}

/// What stands behind the last piece.
std::string_view end_of(const ShownPiece& last) {
  return last.is_cut || !last.ends_message ? " …" : "";
}

/// The last word of a text with the blanks before it: what the cost of a continuation depends on.
std::string_view last_word(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kBlanks);
  if (last == std::string_view::npos) return text;
  const std::size_t blank = text.find_last_of(kBlanks, last);
  if (blank == std::string_view::npos) return text;
  const std::size_t before = text.find_last_not_of(kBlanks, blank);
  return text.substr(before == std::string_view::npos ? 0 : before + 1);
}

/// Of `text` where it goes on from `before`.
double cost_of_more(const Transcript::Cost& cost, std::string_view before, std::string_view text) {
  const std::string_view word = last_word(before);
  return cost(std::string(word).append(text)) - cost(word);
}

/// Whole tokens of a sum that is off by what floating point leaves.
double whole(double tokens) {
  constexpr double kDust = 1e-6;
  return std::ceil(tokens - kDust);
}

}  // namespace

std::string laid_out(std::span<const ShownPiece> pieces) {
  std::string text;
  const ShownPiece* before = nullptr;
  for (const ShownPiece& piece : pieces) {
    text.append(lead_of(before, piece)).append(trimmed(piece.text));
    before = &piece;
  }
  return before ? text.append(end_of(*before)) : text;
}

std::string without_frame_ends(std::string_view text) {
  static constexpr std::string_view kName = "history";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result += text[i];
    if (text[i] != '<') continue;
    std::size_t at = text.find_first_not_of(" \t\r\n/", i + 1);
    if (at == std::string_view::npos || at + kName.size() > text.size()) continue;
    const auto is_same = [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == b;
    };
    const auto word = text.substr(at, kName.size());
    if (std::ranges::equal(word, kName, is_same)) result += '_';
  }
  return result;
}

Transcript::Transcript(Cost cost, std::string lead)
    : cost_(std::move(cost)),
      head_(std::string(kHistoryOpen) + lead + "\n"),
      head_cost_(cost_(head_)) {}

double Transcript::tokens() const {
  return pieces_.empty()
             ? 0
             : whole(head_cost_ + sum_ + cost_of_end(pieces_.rbegin()->second.piece));
}

double Transcript::cost_behind(const ShownPiece* before, const ShownPiece& piece) const {
  const std::string_view shown = before ? trimmed(before->text) : std::string_view(head_);
  return piece.reserve +
         cost_of_more(cost_, shown, lead_of(before, piece).append(trimmed(piece.text)));
}

double Transcript::cost_of_end(const ShownPiece& last) const {
  return cost_of_more(cost_, trimmed(last.text), std::string(end_of(last)).append(kHistoryClose));
}

double Transcript::tokens_with(const ShownPiece& piece) const {
  const auto next = pieces_.upper_bound(piece.order);
  const ShownPiece* before = next == pieces_.begin() ? nullptr : &std::prev(next)->second.piece;
  double sum = head_cost_ + sum_ + cost_behind(before, piece);
  if (next == pieces_.end()) return whole(sum + cost_of_end(piece));
  sum += cost_behind(&piece, next->second.piece) - next->second.cost;
  return whole(sum + cost_of_end(pieces_.rbegin()->second.piece));
}

const ShownPiece* Transcript::find(std::size_t order) const {
  const auto found = pieces_.find(order);
  return found == pieces_.end() ? nullptr : &found->second.piece;
}

std::optional<ShownPiece> Transcript::take(std::size_t order) {
  const auto found = pieces_.find(order);
  if (found == pieces_.end()) return {};
  ShownPiece piece = std::move(found->second.piece);
  sum_ -= found->second.cost;
  const auto next = pieces_.erase(found);
  if (next == pieces_.end()) return piece;
  const ShownPiece* before = next == pieces_.begin() ? nullptr : &std::prev(next)->second.piece;
  const double changed = cost_behind(before, next->second.piece);
  sum_ += changed - next->second.cost;
  next->second.cost = changed;
  return piece;
}

void Transcript::insert(ShownPiece piece) {
  const auto next = pieces_.upper_bound(piece.order);
  const ShownPiece* before = next == pieces_.begin() ? nullptr : &std::prev(next)->second.piece;
  const double cost = cost_behind(before, piece);
  sum_ += cost;
  if (next != pieces_.end()) {
    const double changed = cost_behind(&piece, next->second.piece);
    sum_ += changed - next->second.cost;
    next->second.cost = changed;
  }
  const std::size_t order = piece.order;
  pieces_.emplace(order, Placed{std::move(piece), cost});
}

bool Transcript::add_whole(ShownPiece piece, double room) {
  if (holds(piece.order)) return true;
  piece.text = without_frame_ends(piece.text);
  if (tokens_with(piece) > room) return false;
  insert(std::move(piece));
  return true;
}

Transcript::Fit Transcript::add(ShownPiece piece, double room) {
  if (add_whole(piece, room)) return Fit::all;
  piece.text = without_frame_ends(piece.text);
  ShownPiece part = piece, best = piece;
  part.is_cut = true;
  best.text.clear();
  for (std::size_t end = piece.text.find_first_of(kBlanks); end != std::string::npos;
       end = piece.text.find_first_of(kBlanks, end + 1)) {
    part.text = piece.text.substr(0, end);
    if (trimmed(part.text).empty()) continue;
    if (tokens_with(part) > room) break;
    best = part;
  }
  if (best.text.empty()) return Fit::none;
  insert(std::move(best));
  return Fit::part;
}

std::string Transcript::text() const {
  if (pieces_.empty()) return {};
  std::string text = head_;
  const ShownPiece* before = nullptr;
  for (const auto& [order, placed] : pieces_) {
    text.append(lead_of(before, placed.piece)).append(trimmed(placed.piece.text));
    before = &placed.piece;
  }
  return text.append(end_of(*before)).append(kHistoryClose);
}

}  // namespace fovea
