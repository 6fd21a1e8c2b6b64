#include "context/overview.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace fovea {
namespace {

constexpr double kLeast = 3;        // tokens: less of a message tells nothing
constexpr std::size_t kLines = 2;   // of a tool's message at its beginning and end
constexpr std::size_t kErrors = 3;  // lines
constexpr std::size_t kLineBytes = 160;

/// What is told of a page so far.
struct Told {
  double price = 0;
  double spent = 0;
  std::vector<ShownPiece> pieces;  ///< in order

  /// Adds the piece if the page then costs no more than its price.
  bool add(const ShownPiece& piece, const Transcript::Cost& cost) {
    const auto place = std::ranges::upper_bound(pieces, piece.order, {}, &ShownPiece::order);
    const auto added = pieces.insert(place, piece);
    const double with = cost('\n' + laid_out(pieces));
    if (with <= price) {
      spent = with;
      return true;
    }
    pieces.erase(added);
    return false;
  }
};

/// Cuts the piece to the longest beginning of words that the page can pay, and adds it.
bool add_beginning(Told& page, ShownPiece& piece, const Transcript::Cost& cost) {
  const std::string text = piece.text;
  const std::vector<ShownPiece> before = page.pieces;
  const double spent = page.spent;
  std::string best;
  piece.is_cut = true;
  for (std::size_t end = text.find_first_of(" \t\r\n"); end != std::string::npos;
       end = text.find_first_of(" \t\r\n", end + 1)) {
    piece.text = text.substr(0, end);
    page.pieces = before;
    if (cost(piece.text) > page.price - spent || !page.add(piece, cost)) break;
    best = piece.text;
  }
  page.pieces = before;
  page.spent = spent;
  piece.text = best;
  if (best.empty() || cost(best) < kLeast) return false;
  return page.add(piece, cost);
}

/// Adds the item, or as much of it as the page can pay: a few words tell more than who says them.
bool tell(Told& page, ShownPiece& piece, const Transcript::Cost& cost) {
  if (page.spent + kLeast > page.price) return false;
  const ShownPiece whole = piece;
  if (page.spent + cost(piece.text) <= page.price && page.add(piece, cost)) return true;
  if (add_beginning(page, piece, cost)) return true;
  if (whole.speaker.empty()) return false;
  piece = whole;
  piece.speaker.clear();
  return page.add(piece, cost) || add_beginning(page, piece, cost);
}

bool reports_error(std::string_view line) {
  static constexpr std::array<std::string_view, 9> kWords = {
      "error", "fail", "exception", "traceback", "fatal", "panic", "denied", "not found", "exit code"};
  std::string small(line);
  std::ranges::transform(small, small.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return std::ranges::any_of(kWords, [&](std::string_view word) {
    return small.find(word) != std::string::npos;
  });
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, std::min(end - begin, kLineBytes));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::vector<OverviewItem> within_prices(std::vector<OverviewItem> items,
                                        const std::map<std::int64_t, int>& prices,
                                        const Transcript::Cost& cost) {
  std::ranges::stable_sort(items, std::ranges::greater{}, &OverviewItem::looks);
  std::map<std::int64_t, Told> pages;
  for (const auto& [page, price] : prices) pages[page].price = price;
  std::vector<OverviewItem> taken;
  for (OverviewItem& item : items) {
    const auto page = pages.find(item.page);
    if (page == pages.end()) continue;
    item.piece.text = without_frame_ends(item.piece.text);
    if (tell(page->second, item.piece, cost)) taken.push_back(std::move(item));
  }
  return taken;
}

std::string tool_digest(std::string_view text) {
  if (!text.starts_with("tool call") && !text.starts_with("tool result")) return {};
  const auto lines = lines_of(text);
  std::string digest;
  std::size_t errors = 0;
  bool gap = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool at_end = i <= kLines || i + kLines >= lines.size();
    const bool error = !at_end && errors < kErrors && reports_error(lines[i]);
    if (error) ++errors;
    if (!at_end && !error) {
      gap = true;
      continue;
    }
    if (gap) digest += "…\n";
    gap = false;
    digest.append(lines[i]).append("\n");
  }
  return digest;
}

}  // namespace fovea
