#include "memory/piece_writer.h"

#include "memory/checksum.h"
#include "memory/message_label.h"
#include "memory/piece_cutter.h"
#include "memory/pieces.h"

namespace fovea {
namespace {

constexpr std::size_t kStretchBytes = 5600;  // about a page
constexpr Time kSilence = 4 * 3600;          // seconds; the message after it begins a session

}  // namespace

PieceWriter::PieceWriter(const Database& database, ScopeId scope)
    : database_(database), scope_(scope) {
  // A server gives all rows that it is asked for; a stretch of more is one of very short pieces.
  constexpr std::size_t kOfMostStretches = 64, kOfAny = kStretchBytes;
  Statement row = database.prepare(
      "SELECT p.place, p.session, p.stretch, p.length, m.time FROM pieces p "
      "JOIN messages m ON m.id = p.message WHERE p.scope = ? ORDER BY p.place DESC LIMIT ?");
  for (const std::size_t limit : {kOfMostStretches, kOfAny}) {
    std::size_t rows = 0;
    stretch_bytes_ = 0;
    for (row.bind(scope, limit); row.step(); ++rows) {
      if (rows == 0) {
        place_ = row.integer(0);
        session_ = row.integer(1);
        stretch_ = row.integer(2);
        last_time_ = row.integer(4);
      }
      if (row.integer(2) != stretch_) return;
      stretch_bytes_ += static_cast<std::size_t>(row.integer(3));
    }
    if (rows < limit) return;
  }
}

void PieceWriter::begin_message(Time time) {
  if (time == 0) return;
  const bool silence = last_time_ != 0 && (time > last_time_ + kSilence || time < last_time_ - kSilence);
  if (silence && place_ > 0) ++session_;
  last_time_ = time;
}

void PieceWriter::next_place(std::size_t bytes) {
  if (stretch_bytes_ > 0 && stretch_bytes_ + bytes > kStretchBytes) {
    ++stretch_;
    stretch_bytes_ = 0;
  }
  stretch_bytes_ += bytes;
  ++place_;
}

void PieceWriter::add(std::int64_t message, std::string_view role, std::string_view text,
                      Time time) {
  add_part(message, role, 0, text, time);
}

void PieceWriter::add_part(std::int64_t message, std::string_view role, std::size_t begin,
                           std::string_view text, Time time) {
  const MessageLabel label = begin == 0 ? label_of(role, text) : MessageLabel{};
  const auto pieces = cut_into_pieces(text.substr(label.begin));
  if (pieces.empty()) return;
  begin_message(time);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t at = label.begin + pieces[i].begin;
    const auto piece = text.substr(at, pieces[i].length);
    next_place(piece.size());
    write_row({message, begin + at, piece.size()}, kWaiting,
              begin == 0 && i == 0 ? std::optional<std::string_view>(label.label) : std::nullopt);
  }
}

void PieceWriter::add_unknown(const MessageSpan& part, Time time) {
  begin_message(time);
  next_place(part.length);
  write_row(part, kNoWords, {});
}

void PieceWriter::write_row(const MessageSpan& range, std::int64_t words,
                            const std::optional<std::string_view>& label) {
  database_.prepare(insert_checked(database_, "pieces"))
      .bind(scope_, place_, range.message, range.begin, range.length, words, session_, stretch_, 0,
            label, std::optional<std::int64_t>())
      .run();
}

}  // namespace fovea
