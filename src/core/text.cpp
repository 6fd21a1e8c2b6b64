#include "fovea/text.h"

#include "core/utf8.h"

namespace fovea {

std::string_view cut_text(std::string_view text, std::size_t bytes) {
  return utf8_cut(text, bytes);
}

std::size_t character_start(std::string_view text, std::size_t at) {
  return at == 0 ? 0 : utf8_next(text, at - 1);
}

}  // namespace fovea
