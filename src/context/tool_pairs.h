#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fovea {

/// Where tool calls and their results stand in a history as the readers of transcripts write it:
/// blocks of a header line such as `tool call Bash:`, text and an empty line.

/// Whether a tool call in `text` has not had its result at its end.
bool awaits_result(std::string_view text);

/// Whether the first block that begins in `text` is a tool's result: its call stands before it.
/// `text` may begin inside a block.
bool begins_with_result(std::string_view text);

/// Cuts `text` at the beginnings of messages (`begins`: bytes, rising) into stretches that part no
/// call from its result; long ones without tools also between lines. Returns the bytes at which they begin, 0 the first; none for no text.
std::vector<std::size_t> uncut_groups(std::string_view text,
                                      const std::vector<std::size_t>& begins);

}  // namespace fovea
