#pragma once

#include <optional>
#include <string>

#include "src/history/byte_source.h"

namespace fovea {

/// A JSON text of a transcript and the line it begins on.
struct JsonText {
  std::string text;
  std::size_t line = 0;  ///< from 1
  bool whole = true;     ///< false: the file ended inside it
};

/// Cuts a JSON list, or several after each other, into the texts of its elements without holding
/// more than one of them.
class JsonListSplitter {
 public:
  std::optional<JsonText> next(ByteSource& source);

 private:
  bool advance(ByteSource& source);
  void skip_between(ByteSource& source);
  bool ends_element(char c);

  std::string chunk_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool in_list_ = false;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace fovea
