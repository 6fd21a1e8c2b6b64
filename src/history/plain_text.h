#pragma once

#include "src/history/byte_source.h"
#include "src/history/history_reader.h"

namespace fovea {

/// Any bytes, in messages of role "text" that joined are the file. A message is named by its place
/// in the file (`log.txt@65536`), so that what a grown file gained can be told from what is known.
class PlainTextReader : public HistoryReader {
 public:
  static constexpr std::size_t kChunkBytes = 1 << 16;

  explicit PlainTextReader(ByteSource source) : source_(std::move(source)) {}
  std::optional<Message> next() override;
  HistoryFormat format() const override { return HistoryFormat::text; }
  std::optional<double> share_read() const override { return source_.share_taken(); }

 private:
  ByteSource source_;
};

}  // namespace fovea
