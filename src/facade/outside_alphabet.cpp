#include "facade/outside_alphabet.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace fovea {
namespace {

std::string script_of(UChar32 character) {
  if (character < 0) return "bytes";
  if (u_charType(character) == U_CONTROL_CHAR) return "controls";
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(character, &error);
  const bool shared = script == USCRIPT_COMMON || script == USCRIPT_INHERITED;
  if (U_FAILURE(error) || shared || script == USCRIPT_UNKNOWN) return "signs";
  return uscript_getName(script);
}

}  // namespace

std::map<std::string, std::size_t> outside_alphabet(std::string_view text, const CodePoints& alphabet) {
  std::map<std::string, std::size_t> counts;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int64_t>(text.size());
  for (std::int64_t at = 0; at < size;) {
    UChar32 character;
    U8_NEXT(bytes, at, size, character);  // negative for a byte that begins nothing
    if (character < 0 || !alphabet.contains(static_cast<char32_t>(character)))
      ++counts[script_of(character)];
  }
  return counts;
}

}  // namespace fovea
