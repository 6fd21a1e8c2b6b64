#include "model/reading/alphabet.h"

#include <algorithm>

#include "core/utf8.h"

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

std::u32string characters_of(const AtlasConfig& atlas) {
  const std::string bytes = atlas.narrow + atlas.wide;  // UTF-8, as the JSON parser has found
  std::u32string characters;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto length = static_cast<std::size_t>(std::max(1, utf8_valid(rest)));
    characters += utf8_decode(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return characters;
}

Alphabet::Alphabet(const AtlasConfig& atlas)
    : code_points_(characters_of(atlas) + U' '), texts_{" ", "", ""} {
  for (const int first : atlas.groups) groups_.push_back(classes() + first);
  append_characters(atlas.narrow, texts_);
  first_wide_ = classes();
  append_characters(atlas.wide, texts_);
}

}  // namespace fovea
