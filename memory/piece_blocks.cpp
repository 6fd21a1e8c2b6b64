#include "memory/piece_blocks.h"

#include <algorithm>
#include <utility>

#include "memory/checksum.h"

namespace fovea {
namespace {

// What the first byte of a piece says: whether something is not as the piece before lets one expect.
enum : unsigned char {
  kPlace = 1,       // is not the next one
  kMessage = 2,     // is another one
  kBegin = 4,       // is not where the piece before ended, or 0 in another message
  kSession = 8,     // is another one
  kStretch = 16,    // is another one
  kOtherPage = 32,  // is another one
  kHashed = 64,
};

std::int64_t expected_begin(const PieceFacts& last, bool same_message) {
  return same_message ? last.begin + last.length : 0;
}

// Numbers have seven bits a byte, the least first; the eighth says that there are more. Differences
// have their sign in the lowest bit.
std::uint64_t folded(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
std::int64_t unfolded(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

struct VoiceInBlock {
  std::string_view role;
  std::optional<std::string_view> label;
};

/// Reads what PieceBlockWriter wrote; of other bytes anything, but nothing beyond their end.
class BlockReader {
 public:
  explicit BlockReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }
  bool failed() const { return failed_; }

  void read(PieceFacts& piece) {
    const std::uint64_t signs = number();
    piece.place = sum(piece.place, (signs & kPlace) ? unfolded(number()) : 1);
    piece.begin = expected_begin(piece, (signs & kMessage) == 0);
    piece.label.reset();
    if (signs & kMessage) read_message(piece);
    if (signs & kBegin) piece.begin = small();
    if (signs & kSession) piece.session = sum(piece.session, unfolded(number()));
    if (signs & kStretch) piece.stretch = sum(piece.stretch, unfolded(number()));
    if (signs & kOtherPage) piece.page = sum(piece.page, unfolded(number()));
    piece.is_hashed = (signs & kHashed) != 0;
    piece.length = small();
    piece.words = small() - 1;
  }

 private:
  static std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }

  std::uint64_t number() {
    std::uint64_t result = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) break;
      const auto byte = static_cast<unsigned char>(*at_++);
      result |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    failed_ = true;
    return 0;
  }

  /// Where more than 32 bits make no sense.
  std::int64_t small() {
    const std::uint64_t value = number();
    if (value <= UINT32_MAX) return static_cast<std::int64_t>(value);
    failed_ = true;
    return 0;
  }

  std::string_view text() {
    const std::uint64_t size = number();
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      failed_ = true;
      return {};
    }
    const std::string_view result(at_, static_cast<std::size_t>(size));
    at_ += size;
    return result;
  }

  void read_message(PieceFacts& piece) {
    piece.message = sum(piece.message, unfolded(number()));
    piece.time = sum(piece.time, unfolded(number()));
    piece.expires = sum(piece.expires, unfolded(number()));
    const std::uint64_t voice = number();
    if (voice == voices_.size()) {
      VoiceInBlock& made = voices_.emplace_back();
      made.role = text();
      if (number() != 0) made.label = text();
    }
    if (voice >= voices_.size()) {
      failed_ = true;
      return;
    }
    piece.role = voices_[static_cast<std::size_t>(voice)].role;
    piece.label = voices_[static_cast<std::size_t>(voice)].label;
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
  std::vector<VoiceInBlock> voices_;
};

}  // namespace

void PieceBlockWriter::add_number(std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) bytes_ += static_cast<char>(number | 0x80);
  bytes_ += static_cast<char>(number);
}

void PieceBlockWriter::add_difference(std::int64_t number, std::int64_t before) {
  add_number(folded(static_cast<std::int64_t>(static_cast<std::uint64_t>(number) -
                                              static_cast<std::uint64_t>(before))));
}

void PieceBlockWriter::add_text(std::string_view text) {
  add_number(text.size());
  bytes_ += text;
}

void PieceBlockWriter::add_message(const PieceFacts& piece) {
  add_difference(piece.message, last_.message);
  add_difference(piece.time, last_.time);
  add_difference(piece.expires, last_.expires);
  const auto is_it = [&](const auto& voice) { return voice.first == piece.role && voice.second == piece.label; };
  const auto known = std::ranges::find_if(voices_, is_it);
  add_number(static_cast<std::uint64_t>(known - voices_.begin()));
  if (known != voices_.end()) return;
  voices_.emplace_back(piece.role, piece.label);
  add_text(piece.role);
  add_number(piece.label ? 1 : 0);
  if (piece.label) add_text(*piece.label);
}

void PieceBlockWriter::add(const PieceFacts& piece) {
  const bool same_message = !bytes_.empty() && piece.message == last_.message;
  const std::int64_t begin = expected_begin(last_, same_message);
  unsigned signs = 0;
  if (piece.place != last_.place + 1) signs |= kPlace;
  if (!same_message) signs |= kMessage;
  if (piece.begin != begin) signs |= kBegin;
  if (piece.session != last_.session) signs |= kSession;
  if (piece.stretch != last_.stretch) signs |= kStretch;
  if (piece.page != last_.page) signs |= kOtherPage;
  if (piece.is_hashed) signs |= kHashed;
  add_number(signs);
  if (signs & kPlace) add_difference(piece.place, last_.place);
  if (!same_message) add_message(piece);
  if (signs & kBegin) add_number(static_cast<std::uint64_t>(piece.begin));
  if (signs & kSession) add_difference(piece.session, last_.session);
  if (signs & kStretch) add_difference(piece.stretch, last_.stretch);
  if (signs & kOtherPage) add_difference(piece.page, last_.page);
  add_number(static_cast<std::uint64_t>(piece.length));
  add_number(static_cast<std::uint64_t>(piece.words + 1));  // kNoWords is -1
  last_ = piece;
  last_.role = {};  // the caller's
  last_.label.reset();
}

std::string PieceBlockWriter::take() {
  std::string bytes = std::exchange(bytes_, {});
  voices_.clear();
  last_ = {};
  return bytes;
}

bool read_piece_block(std::string_view bytes, const std::function<void(const PieceFacts&)>& take) {
  BlockReader reader(bytes);
  PieceFacts piece;
  while (!reader.done()) {
    reader.read(piece);
    if (reader.failed()) return false;
    take(piece);
  }
  return true;
}

std::optional<std::string> find_piece_block(const Database& database, ScopeId scope,
                                            std::int64_t block) {
  Statement row =
      database.prepare("SELECT packed FROM piece_blocks WHERE scope = ? AND block = ? AND " +
                       is_sound(database, "piece_blocks"));
  if (!row.bind(scope, block).step()) return {};
  return row.text(0);
}

void save_piece_block(const Database& database, ScopeId scope, std::int64_t block,
                      std::string_view bytes) {
  database.prepare(upsert_checked(database, "piece_blocks", {"scope", "block"}))
      .bind(scope, block, Blob(bytes))
      .run();
}

}  // namespace fovea
