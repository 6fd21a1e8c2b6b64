#include "renderer/document_blocks.h"

#include <algorithm>
#include <array>
#include <optional>

namespace fovea {
namespace {

enum class Speaker { person, tool };

/// A role of one word, perhaps with a note in brackets, and a colon.
bool names(std::string_view line, std::string_view role) {
  if (!line.starts_with(role)) return false;
  line.remove_prefix(role.size());
  return line == ":" || (line.starts_with(" (") && line.ends_with("):"));
}

/// Who speaks after a line such as "user:" or "tool result bash (failed):".
std::optional<Speaker> speaker_of(std::string_view line) {
  for (const std::string_view tool : {"tool call", "tool result"}) {
    if (line.starts_with(tool) && line.ends_with(':')) return Speaker::tool;
  }
  constexpr std::array kRoles = {"assistant", "user", "system", "developer", "summary"};
  const auto is_named = [&](std::string_view role) { return names(line, role); };
  return std::ranges::any_of(kRoles, is_named) ? std::optional(Speaker::person) : std::nullopt;
}

std::size_t line_end(std::string_view text, std::size_t begin) {
  return std::min(text.find('\n', begin), text.size());
}

/// The next line that names a speaker: it stands after an empty line or at the very beginning.
std::size_t next_role(std::string_view text, std::size_t from) {
  bool after_empty = from == 0;
  for (std::size_t begin = from; begin < text.size();) {
    const std::size_t end = line_end(text, begin);
    const auto line = text.substr(begin, end - begin);
    if (after_empty && end < text.size() && speaker_of(line)) return begin;
    after_empty = line.empty();
    begin = end + 1;
  }
  return text.size();
}

void append_tool(std::vector<DocumentBlock>& blocks, std::string_view output, std::size_t source) {
  DocumentBlock block;
  block.kind = BlockKind::tool;
  block.begin = source;
  block.opening = kToolOpening;
  while (!output.empty()) {
    const std::size_t end = line_end(output, 0);
    std::string_view line = output.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    block.text.append(line, source, kMono);
    if (end == output.size()) break;
    block.text.append("\n", source + end, kMono);
    output.remove_prefix(end + 1);
    source += end + 1;
  }
  block.text.remove_line_ends();
  if (!block.text.empty()) blocks.push_back(std::move(block));
}

void append_role(std::vector<DocumentBlock>& blocks, std::string_view line, std::size_t source) {
  DocumentBlock block;
  block.kind = BlockKind::role;
  block.begin = source;
  block.text.append(line, source, kBold);
  blocks.push_back(std::move(block));
}

}  // namespace

std::vector<DocumentBlock> document_blocks(std::string_view history, std::string_view opening) {
  std::vector<DocumentBlock> blocks;
  Speaker speaker = opening == kToolOpening ? Speaker::tool : Speaker::person;
  if (speaker == Speaker::tool) opening = {};
  std::size_t at = 0;
  while (at < history.size()) {
    const std::size_t role = next_role(history, at);
    const auto said = history.substr(at, role - at);
    if (speaker == Speaker::tool) {
      append_tool(blocks, said, at);
    } else {
      append_markdown(blocks, said, at, opening);
    }
    if (role == history.size()) break;
    const std::size_t end = line_end(history, role);
    const auto line = history.substr(role, end - role);
    append_role(blocks, line, role);
    speaker = *speaker_of(line);
    opening = {};
    at = end + 1;
  }
  return blocks;
}

bool is_broken_to_width(const std::vector<std::size_t>& lengths,
                        const std::vector<std::size_t>& first_words) {
  constexpr std::size_t kNarrowest = 40;  // shorter lines are broken for another reason
  if (lengths.size() < 2) return false;
  const std::size_t width = std::ranges::max(lengths);
  if (width < kNarrowest) return false;
  std::size_t full = 0;
  for (std::size_t i = 0; i + 1 < lengths.size(); ++i) {
    if (lengths[i] + 1 + first_words[i + 1] > width) ++full;
  }
  return 5 * full >= 4 * (lengths.size() - 1);
}

}  // namespace fovea
