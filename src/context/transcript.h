#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fovea {

/// A piece of a message as a reader is shown it.
struct ShownPiece {
  std::size_t order = 0;  ///< where it stands among all pieces; neighbours differ by 1
  std::int64_t message = 0;
  bool begins_message = true;
  bool ends_message = true;
  std::string mark{};     ///< a line such as "[12 · 3 May 2026]", shown where it changes
  std::string role{};     ///< of the message; not shown
  std::string speaker{};  ///< before a message's words; empty: nobody
  std::string text;
  bool is_cut = false;  ///< its end is not there
  double reserve = 0;   ///< tokens to be kept free besides
};

/// Pieces of one message or page in their order, as a transcript shows them, without its frame.
std::string laid_out(std::span<const ShownPiece> pieces);
/// What stands around a history in a context.
constexpr std::string_view kHistoryOpen = "<history>\n", kHistoryClose = "\n</history>";
/// Nothing in it looks like the beginning or the end of a frame.
std::string without_frame_ends(std::string_view text);

/// Pieces laid out in order as one text: under marks, `speaker: ` where the message changes,
/// neighbours joined, "…" in gaps, all in a frame that says that it is data. Text in it cannot end
/// the frame.
class Transcript {
 public:
  /// What a text costs in tokens, not rounded.
  using Cost = std::function<double(std::string_view)>;
  enum class Fit { all, part, none };

  /// `lead`: the frame's first words.
  Transcript(Cost cost, std::string lead);

  /// Adds the piece where it belongs if the whole text then takes at most `room` tokens, otherwise
  /// as much of its beginning as fits, otherwise nothing. With more room never less is added.
  Fit add(ShownPiece piece, double room);
  /// The same, but all of it or nothing.
  bool add_whole(ShownPiece piece, double room);
  bool holds(std::size_t order) const { return pieces_.contains(order); }
  bool empty() const { return pieces_.empty(); }
  std::size_t size() const { return pieces_.size(); }

  /// Takes the piece out again; nothing when it is not there.
  std::optional<ShownPiece> take(std::size_t order);
  const ShownPiece* find(std::size_t order) const;

  double tokens() const;     ///< whole ones, of the text and what is to be kept free
  std::string text() const;  ///< empty without pieces

 private:
  struct Placed {
    ShownPiece piece;
    double cost = 0;  ///< with what is written before it
  };
  using Place = std::map<std::size_t, Placed>::iterator;

  double cost_behind(const ShownPiece* before, const ShownPiece& piece) const;
  double cost_of_end(const ShownPiece& last) const;
  double tokens_with(const ShownPiece& piece) const;
  void insert(ShownPiece piece);

  Cost cost_;
  std::string head_;
  double head_cost_ = 0;
  std::map<std::size_t, Placed> pieces_;
  double sum_ = 0;  ///< of the pieces' costs
};

}  // namespace fovea
