#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

/// Writes a file that after an error or a kill is as it was before, or not there: the bytes go to a
/// new file beside it, which then takes its name. What is no plain file, such as a pipe, is written
/// to as it is. Throws Error(io) naming the file.
void write_whole_file(const std::string& path, std::string_view bytes);

/// The bytes of a file of at most `most`. Throws Error(not_found | io) naming it, and
/// Error(corruption) when there are more: /dev/zero has no end.
std::string read_whole_file(const std::string& path, std::size_t most);

}  // namespace fovea
