#include "history/plain_text.h"

#include "core/text_units.h"

namespace fovea {

std::optional<Message> PlainTextReader::read_next() {
  const std::string_view ahead = source_.peek(kChunkBytes + 1);
  if (const auto fault = source_.take_fault()) report(source_.lines() + 1, *fault);
  if (ahead.empty()) return std::nullopt;
  std::size_t bytes = ahead.size();
  if (bytes > kChunkBytes) {
    bytes = kChunkBytes - incomplete_tail(ahead.substr(0, kChunkBytes));
  } else if (source_.follows()) {
    bytes = ahead.rfind('\n') + 1;  // whole lines: none is npos + 1, that is 0
    if (bytes == 0) return std::nullopt;
  }
  Message message;
  message.role = "text";
  message.place.emplace().offset = source_.offset();
  message.source_id = source_.name() + "@" + std::to_string(source_.offset());
  message.text = source_.take(bytes);
  return message;
}

}  // namespace fovea
