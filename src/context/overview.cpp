#include "src/context/overview.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace fovea {
namespace {

constexpr double kLeast = 3;        // tokens: less of a message tells nothing
constexpr double kAround = 1;       // tokens of line ends and "…" around an item
constexpr std::size_t kLines = 2;   // of a tool's message at its beginning and end
constexpr std::size_t kErrors = 3;  // lines
constexpr std::size_t kLineBytes = 160;

/// The longest beginning of words that costs at most `room`.
std::string beginning(const std::string& text, double room, const Transcript::Cost& cost) {
  std::string best;
  for (std::size_t end = text.find_first_of(" \t\r\n"); end != std::string::npos;
       end = text.find_first_of(" \t\r\n", end + 1)) {
    std::string part = text.substr(0, end);
    if (cost(part) > room) break;
    best = std::move(part);
  }
  return best;
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
  std::map<std::int64_t, double> left;
  for (const auto& [page, price] : prices) left[page] = price;
  std::map<std::int64_t, bool> marked;
  std::vector<OverviewItem> taken;
  for (OverviewItem& item : items) {
    const auto room = left.find(item.page);
    if (room == left.end()) continue;
    const double label = cost(item.piece.speaker + ": ");
    double around = kAround + label;
    if (!marked[item.page]) around += cost(item.piece.mark + "\n");
    if (around + kLeast > room->second) {  // a few words tell more than who says them
      item.piece.speaker.clear();
      around -= label;
    }
    double whole = cost(item.piece.text);
    if (around + whole > room->second) {
      if (around + kLeast > room->second) continue;
      item.piece.text = beginning(item.piece.text, room->second - around, cost);
      item.piece.is_cut = true;
      whole = cost(item.piece.text);
      if (item.piece.text.empty()) continue;
    }
    room->second -= around + whole;
    marked[item.page] = true;
    taken.push_back(std::move(item));
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
