#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "memctl/progress_bar.h"

namespace fovea::memctl {

/// A message of a text, which goes on to where the next one begins.
struct TextMessage {
  std::size_t begin = 0;  ///< byte of the text
  std::string role;
};

/// A text that is measured, and the file that it came from.
struct Text {
  std::string name;  ///< of the domain: the file's without its extension, no two alike
  std::string file;  ///< as it was given
  std::string format;
  std::size_t bytes = 0;  ///< of the file
  std::string sha256;     ///< of the file, 64 hexadecimal digits
  std::string text;       ///< what `compact` would put onto pages
  std::vector<TextMessage> messages;
  /// Of `text`, once packed; absent where it is so long that this would take minutes.
  std::optional<std::size_t> zstd_bytes, xz_bytes;
};

/// The name of the domain of random strings, which no file gets.
inline constexpr const char* kRandomDomain = "random";

/// Reads files as `compact` does; folders stand for the transcripts in them, "-" for stdin. Throws
/// Error(not_found | io | corruption), Error(invalid_argument) for a file without text: empty, blank,
/// or binary.
/// `format`: its name, or "auto".
std::vector<Text> read_texts(const std::vector<std::string>& files, const std::string& format,
                             ProgressBar& bar);

}  // namespace fovea::memctl
