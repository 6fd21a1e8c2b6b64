#pragma once

#include <string_view>

namespace fovea {

/// Where tool calls and their results stand in a history as the readers of transcripts write it:
/// blocks of a header line such as `tool call Bash:`, text and an empty line.

/// Whether a tool call in `text` has not had its result at its end.
bool awaits_result(std::string_view text);

/// Whether the first block that begins in `text` is a tool's result: its call stands before it.
/// `text` may begin inside a block.
bool begins_with_result(std::string_view text);

}  // namespace fovea
