#include "model/alphabet.h"

#include <algorithm>

#include "model/utf8.h"

namespace fovea {
namespace {

void append_characters(const std::string& characters, std::vector<std::string>& texts) {
  for (std::size_t at = 0; at < characters.size();) {
    const int length = std::max(1, utf8_valid(std::string_view(characters).substr(at)));
    texts.push_back(characters.substr(at, length));
    at += length;
  }
}

}  // namespace

Alphabet::Alphabet(const AtlasConfig& atlas) : texts_{" ", "", ""} {
  append_characters(atlas.narrow, texts_);
  first_wide_ = classes();
  append_characters(atlas.wide, texts_);
}

}  // namespace fovea
