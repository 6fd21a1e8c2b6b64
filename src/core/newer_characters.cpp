#include "core/newer_characters.h"

#include <string_view>

namespace fovea {
namespace {

// Assigned in Unicode 15, 15.1 and 16 (DerivedGeneralCategory.txt), as parts of a class.
constexpr std::string_view kLetters =
    R"(\x{1C89}-\x{1C8A}\x{A7CB}-\x{A7CD}\x{A7DA}-\x{A7DC}\x{105C0}-\x{105F3}\x{10D4A}-\x{10D65})"
    R"(\x{10D6F}-\x{10D85}\x{10EC2}-\x{10EC4}\x{1123F}-\x{11240}\x{11380}-\x{11389}\x{1138B})"
    R"(\x{1138E}\x{11390}-\x{113B5}\x{113B7}\x{113D1}\x{113D3}\x{11BC0}-\x{11BE0}\x{11F02})"
    R"(\x{11F04}-\x{11F10}\x{11F12}-\x{11F33}\x{1342F}\x{13441}-\x{13446}\x{13460}-\x{143FA})"
    R"(\x{16100}-\x{1611D}\x{16D40}-\x{16D6C}\x{18CFF}\x{1B132}\x{1B155}\x{1DF25}-\x{1DF2A})"
    R"(\x{1E030}-\x{1E06D}\x{1E4D0}-\x{1E4EB}\x{1E5D0}-\x{1E5ED}\x{1E5F0}\x{2B739})"
    R"(\x{2EBF0}-\x{2EE5D}\x{31350}-\x{323AF})";
constexpr std::string_view kMarks =
    R"(\x{897}\x{CF3}\x{ECE}\x{10D69}-\x{10D6D}\x{10EFC}-\x{10EFF}\x{11241}\x{113B8}-\x{113C0})"
    R"(\x{113C2}\x{113C5}\x{113C7}-\x{113CA}\x{113CC}-\x{113D0}\x{113D2}\x{113E1}-\x{113E2})"
    R"(\x{11F00}-\x{11F01}\x{11F03}\x{11F34}-\x{11F3A}\x{11F3E}-\x{11F42}\x{11F5A}\x{13440})"
    R"(\x{13447}-\x{13455}\x{1611E}-\x{1612F}\x{1E08F}\x{1E4EC}-\x{1E4EF}\x{1E5EE}-\x{1E5EF})";
constexpr std::string_view kNumbers =
    R"(\x{10D40}-\x{10D49}\x{116D0}-\x{116E3}\x{11BF0}-\x{11BF9}\x{11F50}-\x{11F59})"
    R"(\x{16130}-\x{16139}\x{16D70}-\x{16D79}\x{1CCF0}-\x{1CCF9}\x{1D2C0}-\x{1D2D3})"
    R"(\x{1E4F0}-\x{1E4F9}\x{1E5F1}-\x{1E5FA})";
constexpr std::string_view kPunctuation =
    R"(\x{1B4E}-\x{1B4F}\x{1B7F}\x{10D6E}\x{113D4}-\x{113D5}\x{113D7}-\x{113D8})"
    R"(\x{11B00}-\x{11B09}\x{11BE1}\x{11F43}-\x{11F4F}\x{16D6D}-\x{16D6F}\x{1E5FF})";
constexpr std::string_view kSymbols =
    R"(\x{2427}-\x{2429}\x{2FFC}-\x{2FFF}\x{31E4}-\x{31E5}\x{31EF}\x{10D8E}-\x{10D8F})"
    R"(\x{1CC00}-\x{1CCEF}\x{1CD00}-\x{1CEB3}\x{1F6DC}\x{1F774}-\x{1F776}\x{1F77B}-\x{1F77F})"
    R"(\x{1F7D9}\x{1F8B2}-\x{1F8BB}\x{1F8C0}-\x{1F8C1}\x{1FA75}-\x{1FA77}\x{1FA87}-\x{1FA89})"
    R"(\x{1FA8F}\x{1FAAD}-\x{1FAAF}\x{1FABB}-\x{1FABF}\x{1FAC6}\x{1FACE}-\x{1FACF})"
    R"(\x{1FADA}-\x{1FADC}\x{1FADF}\x{1FAE8}-\x{1FAE9}\x{1FAF7}-\x{1FAF8}\x{1FBCB}-\x{1FBEF})";
/// White_Space of PropList.txt. PCRE2 also counts U+180E, no space since Unicode 6.3.
constexpr std::string_view kSpaces =
    R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F})"
    R"(\x{205F}\x{3000})";

std::string_view newer(char category) {
  switch (category) {
    case 'L': return kLetters;
    case 'M': return kMarks;
    case 'N': return kNumbers;
    case 'P': return kPunctuation;
    case 'S': return kSymbols;
    default: return {};
  }
}

/// The escape that begins at `at`: \p{L}, \pL, \x{1F600} or a backslash and one character.
std::string_view escape_at(std::string_view pattern, std::size_t at) {
  const std::string_view rest = pattern.substr(at);
  if (rest.size() < 3 || std::string_view("pPx").find(rest[1]) == std::string_view::npos)
    return rest.substr(0, 2);
  const std::size_t end = rest.find('}');
  if (rest[2] == '{' && end != std::string_view::npos) return rest.substr(0, end + 1);
  return rest.substr(0, rest[1] == 'x' ? 2 : 3);
}

/// The members of a class that an escape stands for; nothing: the escape means what it should.
std::string members_of(std::string_view escape) {
  if (escape == R"(\s)" || escape == R"(\S)") return std::string(kSpaces);
  const bool braces = escape.size() == 5 && escape[2] == '{';
  if (escape.size() < 3 || escape[1] == 'x' || !(braces || escape.size() == 3)) return {};
  const char category = escape[braces ? 3 : 2];
  if (newer(category).empty()) return {};
  return std::string(R"(\p{)") + category + "}" + std::string(newer(category));
}

/// What to write for an escape.
std::string written(std::string_view escape, bool in_class) {
  const std::string members = members_of(escape);
  const bool complement = escape.size() > 1 && (escape[1] == 'S' || escape[1] == 'P');
  if (members.empty() || (complement && in_class)) return std::string(escape);
  return in_class ? members : (complement ? "[^" : "[") + members + "]";
}

/// Where the part ends that a '[' begins: a class's opening with a first ']' that is a member, or
/// inside a class a name such as [:alpha:].
std::size_t bracket_end(std::string_view pattern, std::size_t at, bool in_class) {
  if (in_class) {
    const std::size_t end =
        pattern.substr(at, 2) == "[:" ? pattern.find(":]", at) : std::string_view::npos;
    return end == std::string_view::npos ? at + 1 : end + 2;
  }
  ++at;
  if (at < pattern.size() && pattern[at] == '^') ++at;
  if (at < pattern.size() && pattern[at] == ']') ++at;
  return at;
}

}  // namespace

std::string with_newer_characters(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t at = 0; at < pattern.size();) {
    std::string_view part = pattern.substr(at, 1);
    if (part == "\\") {
      part = escape_at(pattern, at);
      out += written(part, in_class);
    } else {
      if (part == "[") part = pattern.substr(at, bracket_end(pattern, at, in_class) - at);
      in_class = part[0] == '[' || (in_class && part != "]");
      out += part;
    }
    at += part.size();
  }
  return out;
}

}  // namespace fovea
