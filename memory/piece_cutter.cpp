#include "memory/piece_cutter.h"

#include "core/utf8.h"

namespace fovea {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_blank(char byte) {
  return kBlanks.find(byte) != std::string_view::npos;
}

/// "." "!" "?" with a blank after it (quotes and brackets may stand between), or a full stop of
/// Chinese and Japanese. Returns where the sentence ends, 0: not here.
std::size_t sentence_end(std::string_view text, std::size_t at) {
  for (const std::string_view stop : {"。", "！", "？"}) {
    if (text.substr(at).starts_with(stop)) return at + stop.size();
  }
  if (text[at] != '.' && text[at] != '!' && text[at] != '?') return 0;
  std::size_t end = at + 1;
  while (end < text.size() && std::string_view("\"')]*_").find(text[end]) != std::string_view::npos)
    ++end;
  return end < text.size() && is_blank(text[end]) ? end : 0;
}

/// The end of the sentence or line that begins at `begin`, the blanks behind it included up to the
/// next line.
std::size_t unit_end(std::string_view text, std::size_t begin) {
  for (std::size_t at = begin; at < text.size(); at = utf8_next(text, at)) {
    if (text[at] == '\n') return at + 1;
    std::size_t end = sentence_end(text, at);
    if (end == 0) continue;
    while (end < text.size() && is_blank(text[end]) && text[end] != '\n') ++end;
    return end < text.size() && text[end] == '\n' ? end + 1 : end;
  }
  return text.size();
}

/// Where a sentence that is too long for one piece is cut.
std::size_t cut_of(std::string_view sentence) {
  std::size_t at = 0, blank = 0;
  for (std::size_t count = 0; count < kPieceCharacters && at < sentence.size(); ++count) {
    if (count >= kPieceEnough && is_blank(sentence[at])) blank = at + 1;
    at = utf8_next(sentence, at);
  }
  return blank > 0 ? blank : at;
}

bool is_blank_line(std::string_view unit) {
  return unit.find_first_not_of(kBlanks) == std::string_view::npos;
}

class Packing {
 public:
  explicit Packing(std::string_view text) : text_(text) {}

  std::vector<Stretch> pieces() && {
    for (std::size_t end = 0; end_ < text_.size();) {
      end = unit_end(text_, end_);
      take(end);
    }
    close();
    return std::move(pieces_);
  }

 private:
  /// Adds what is up to `end` to the piece, or begins another with it.
  void take(std::size_t end) {
    std::string_view unit = text_.substr(end_, end - end_);
    std::size_t size = utf8_count(unit);
    if (characters_ > 0 && characters_ + size > kPieceCharacters && !is_blank_line(unit)) close();
    while (size > kPieceCharacters && !is_blank_line(unit)) {
      end_ += cut_of(unit);
      close();
      unit = text_.substr(end_, end - end_);
      size = utf8_count(unit);
    }
    end_ = end;
    characters_ += size;
    if (is_blank_line(unit) && characters_ >= kPieceEnough) close();
  }

  /// Blanks alone belong to the piece before them.
  void close() {
    characters_ = 0;
    if (end_ == begin_) return;
    const bool blank = is_blank_line(text_.substr(begin_, end_ - begin_));
    if (!blank)
      pieces_.push_back({begin_, end_ - begin_});
    else if (!pieces_.empty())
      pieces_.back().length += end_ - begin_;
    if (!blank || !pieces_.empty()) begin_ = end_;
  }

  std::string_view text_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t characters_ = 0;
  std::vector<Stretch> pieces_;
};

}  // namespace

std::vector<Stretch> cut_into_pieces(std::string_view text) {
  return Packing(text).pieces();
}

}  // namespace fovea
