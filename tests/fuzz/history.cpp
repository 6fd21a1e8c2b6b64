// A transcript of the format FUZZ_FORMAT: reading it comes to an end, what cannot be read is said
// with its line, and a file that grows while it is read gives what it gives whole.
#include <algorithm>
#include <vector>

#include "fovea/history.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

const HistoryFormat kFormat = history_format_from_name(FUZZ_FORMAT);

using Messages = std::vector<Message>;

void take_all(HistoryReader& reader, Messages& messages) {
  while (auto message = reader.next()) messages.push_back(std::move(*message));
}

/// The messages of a file, and how many of its parts were broken.
std::pair<Messages, std::size_t> read_whole(const std::string& path, std::size_t lines) {
  Messages messages;
  std::size_t broken = 0;
  const auto on_broken = [&](const BrokenPart& part) {
    fuzz::expect(part.line >= 1 && part.line <= lines, "a broken part stands on a line of the file");
    fuzz::expect(!part.reason.empty(), "a broken part has a reason");
    ++broken;
  };
  HistoryReader reader(path, {.format = kFormat, .on_broken = on_broken});
  take_all(reader, messages);
  return {std::move(messages), broken};
}

/// The messages of a file that has its first `first` bytes at first, and then all of them.
Messages follow(const std::string& path, std::string_view bytes, std::size_t first) {
  Messages messages;
  std::optional<HistoryReader> reader;
  for (const std::size_t size : {first, bytes.size()}) {
    fuzz::write_file(path, bytes.substr(0, size));
    if (!reader) reader = HistoryReader::follow(path, {.format = kFormat});
    if (reader) take_all(*reader, messages);
  }
  return messages;
}

bool is_packed(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b") || bytes.starts_with("\x28\xb5\x2f\xfd");
}

bool is_same(const Message& a, const Message& b) {
  return a.role == b.role && a.text == b.text && a.time == b.time && a.source_id == b.source_id &&
         a.given == b.given;
}

/// Plain text may fall into other pieces.
bool are_same(const Messages& a, const Messages& b) {
  if (kFormat != HistoryFormat::text) return std::ranges::equal(a, b, is_same);
  std::string of_a, of_b;
  for (const Message& message : a) of_a += message.text;
  for (const Message& message : b) of_b += message.text;
  return of_a == of_b;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  const std::string_view bytes = fuzz::text_of(data, size);
  const std::string path = folder.file(kFormat == HistoryFormat::text ? "notes.txt" : "log.jsonl");
  fuzz::write_file(path, bytes);
  // Lines end in a line feed, a carriage return or both; packed files have as many as they like.
  const auto ends = std::ranges::count(bytes, '\n') + std::ranges::count(bytes, '\r');
  const std::size_t lines = is_packed(bytes) ? SIZE_MAX : static_cast<std::size_t>(ends) + 1;
  fuzz::accepts([&] { read_whole(path, lines); });
  if (kFormat == HistoryFormat::automatic) {
    fuzz::write_file(folder.file("notes.txt"), bytes);
    fuzz::accepts([&] { read_whole(folder.file("notes.txt"), lines); });
    return 0;
  }
  if (is_packed(bytes)) return 0;
  fuzz::accepts([&] {
    // Programs write whole lines.
    const std::size_t lines_end = bytes.substr(0, size / 2).rfind('\n') + 1;
    const std::size_t first = kFormat == HistoryFormat::text ? size / 2 : lines_end;
    const Messages grown = follow(path, bytes, first), whole = follow(path, bytes, size);
    fuzz::expect(are_same(grown, whole),
                 "a file that grows gives the messages that it gives whole");
  });
  return 0;
}
