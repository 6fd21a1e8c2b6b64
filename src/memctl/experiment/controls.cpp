#include "memctl/experiment/controls.h"

#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/measure.h"

namespace fovea::memctl {
namespace {

/// A word, a character, or what stands between words.
struct Piece {
  std::string_view text;
  bool moves = false;
};

std::string_view text_of(const Page& page, const Cell& cell) {
  return std::string_view(page.text).substr(cell.begin, cell.length);
}

std::vector<Piece> pieces_of(const Page& page, Shuffle how) {
  std::vector<Piece> pieces;
  bool in_word = false;
  for (const Cell& cell : page.cells) {
    const std::string_view text = text_of(page, cell);
    const bool word = how == Shuffle::words && cell.width == 1 && is_word_byte(text.front());
    if (word && in_word) {  // the word goes on
      Piece& last = pieces.back();
      last.text = {last.text.data(), last.text.size() + text.size()};
    } else {
      pieces.push_back({text, how == Shuffle::characters || word || cell.width == 2});
    }
    in_word = word;
  }
  return pieces;
}

}  // namespace

std::string shuffled_text(const Page& page, Shuffle how, std::uint64_t seed) {
  if (how == Shuffle::none) return page.text;
  std::vector<Piece> pieces = pieces_of(page, how);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (pieces[i].moves) places.push_back(i);
  std::mt19937_64 generator(seed);
  for (std::size_t i = places.size(); i > 1; --i)  // Fisher and Yates
    std::swap(pieces[places[i - 1]], pieces[places[generator() % i]]);
  std::string text;
  for (const Piece& piece : pieces) text += piece.text;
  return text;
}

}  // namespace fovea::memctl
