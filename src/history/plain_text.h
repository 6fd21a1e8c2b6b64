#pragma once

#include "history/transcript_reader.h"

namespace fovea {

/// Any text or bytes, in messages of role "text" that joined are the file. A message is named by
/// its place in the file (`log.txt@65536`), so that what a grown file gained can be told from what
/// is known.
class PlainTextReader : public TranscriptReader {
 public:
  static constexpr std::size_t kChunkBytes = 1 << 16;

  PlainTextReader(ByteSource source, BrokenHandler broken)
      : TranscriptReader(std::move(source), HistoryFormat::text, std::move(broken)) {}
  std::optional<Message> read_next() override;
};

}  // namespace fovea
