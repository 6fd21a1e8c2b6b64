#pragma once

#include <optional>
#include <string_view>

#include "history/byte_source.h"
#include "history/json_splitter.h"

namespace fovea {

/// How a transcript in JSON is laid out.
enum class JsonLayout {
  undecided,  ///< more of the file has to be seen
  lines,      ///< a text a line
  document,   ///< lists or objects over several lines, or a list of messages on one long line
};

/// `ahead`: how the file begins; `at_end`: that is all of it.
JsonLayout json_layout(std::string_view ahead, bool at_end);

/// Bytes of a file that `json_layout` is shown.
inline constexpr std::size_t kLayoutLookAhead = 1 << 20;

/// The JSON texts of a file in their order. A broken line of a file of lines costs only itself,
/// whatever it holds.
class JsonTexts {
 public:
  explicit JsonTexts(ByteSource& source);
  /// Nothing at the end, and for now at the end of a file that is followed.
  std::optional<JsonText> next();

 private:
  std::optional<JsonText> next_line();

  ByteSource& source_;
  bool lines_;
  std::size_t line_ = 0;
  JsonSplitter splitter_;
};

}  // namespace fovea
