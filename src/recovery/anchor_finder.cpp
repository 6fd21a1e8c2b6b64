#include "recovery/anchor_finder.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/regex.h"
#include "fovea/measure.h"

namespace fovea {
namespace {

constexpr char kNoText = '\x01';  // stands for what no pattern may match

struct Pattern {
  AnchorKind kind;
  Regex regex;
};

/// In the order in which they take their strings: a path inside a URL is part of the URL. No part
/// that repeats can match the same bytes in two ways, so that no text makes them slow.
const std::vector<Pattern>& patterns() {
  static const auto made = [] {
    std::vector<Pattern> all;
    const auto add = [&](AnchorKind kind, const char* pattern) {
      all.push_back({kind, Regex(pattern)});
    };
    add(AnchorKind::url, R"((?i)\b[a-z][a-z0-9+.-]{1,15}://[!-~]*?)"
                         R"((?=["'`<>(){}\[\]|\\^,;]|[.:!?]*(?:[^!-~]|$)))");
    add(AnchorKind::email, R"(\b[A-Za-z0-9][A-Za-z0-9._%+-]*@)"
                           R"([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b)");
    add(AnchorKind::id, R"(\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)");
    add(AnchorKind::number, R"(\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)"
                            R"((?:Z|[+-]\d\d:?\d\d)?)?\b)");
    add(AnchorKind::path, R"(\b[A-Za-z]:\\(?:[\w.@+-]+\\)*[\w.@+-]*\w)");
    add(AnchorKind::path, R"((?<![\w/.])(?:~|\.{1,2})?(?:/[\w.@+-]*[\w@+-]){2,}/?(?::\d+)*)");
    add(AnchorKind::path, R"((?<![\w/.-])\.?[\w@+-][\w.@+-]*(?:/[\w.@+-]+)*)"
                          R"(/[\w@+-]*\.[A-Za-z]\w{0,7}\b(?::\d+)*)");
    add(AnchorKind::path, R"((?<![\w/.-])[\w@+-]+(?:/[\w.@+-]*[\w@+-]){2,}\b)");
    add(AnchorKind::path, R"((?<![\w/.])[\w-]+\.(?:c|cc|cfg|conf|cpp|css|csv|db|go|h|hpp|html|ini|)"
                          R"(java|jpe?g|js|jsonl?|lock|log|md|pdf|php|png|py|rb|rs|sh|sql|sqlite|)"
                          R"(toml|tsx?|txt|xml|ya?ml|zip)\b(?::\d+)*)");
    add(AnchorKind::id, R"(\b0x[0-9a-fA-F]+\b)");
    add(AnchorKind::id, R"(\b(?=[\w-]{12})(?=(?:[A-Za-z_-]*[0-9]){2})(?=[0-9_-]*[A-Za-z]))"
                        R"([A-Za-z0-9]++(?:[_-][A-Za-z0-9]++)*+)");
    add(AnchorKind::id, R"(\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}\b)");
    add(AnchorKind::id, R"(\b(?=[0-9]*[A-F])(?=[A-F]*[0-9])[0-9A-F]{7,}\b)");
    add(AnchorKind::number, R"(\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b)");
    add(AnchorKind::number, R"(\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b)");
    add(AnchorKind::number, R"(\bv?\d+\.\d+\.\d+(?:[.+-][0-9A-Za-z]+)*\b)");
    add(AnchorKind::number, R"((?<![\w.])[$+-]?\d[\d,_]{0,30}(?:\.\d+)?(?:[eE][+-]?\d+)? ?(?:%|)"
                            R"((?:[kKMGT]i?B|[kKMGT]?b?ps|[kMG]?Hz|[mun]?s|min|hours?|h|days?|px|)"
                            R"(pt|em|[cmk]?m|k?g|tokens?|bytes?|rows?|lines?|W|kW|V|A|GPUs?|x)\b))");
    add(AnchorKind::number, R"((?<![\w.])[$+-]?\d[\d,]{0,30}\.\d+\b)");
    add(AnchorKind::number, R"((?<![\w.])[$#+-]?(?:\d{1,3}(?:,\d{3})+|\d{3,})\b)");
    add(AnchorKind::name, R"((?<![\w-])--?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*\b)");
    add(AnchorKind::name, R"(\b[A-Za-z_]\w*(?:::~?[A-Za-z_]\w*)+\b)");
    add(AnchorKind::name, R"(\b(?:[A-Za-z][A-Za-z0-9]*+)?(?:_++[A-Za-z0-9]++)++_*+)");
    add(AnchorKind::name, R"(\b[a-z]+[0-9]*(?:[A-Z][a-z0-9]+)+[A-Z]*\b)");
    add(AnchorKind::name, R"(\b(?:[A-Z]+[a-z0-9]+){2,}[A-Z]*\b)");
    return all;
  }();
  return made;
}

}  // namespace

std::string_view name_of(AnchorKind kind) {
  constexpr std::array<std::string_view, kAnchorKinds> kNames = {"id",   "url",    "email",
                                                                 "path", "number", "name"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<FoundAnchor> find_anchors(std::string_view text) {
  std::string left(text);
  for (char& c : left) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\0') c = kNoText;
  }
  std::vector<FoundAnchor> found;
  for (const Pattern& pattern : patterns()) {
    const std::size_t before = found.size();
    pattern.regex.find_all(left, [&](std::size_t begin, std::size_t end) {
      found.push_back({pattern.kind, begin, end - begin});
    });
    for (std::size_t i = before; i < found.size(); ++i)
      left.replace(found[i].begin, found[i].length, found[i].length, kNoText);
  }
  std::ranges::sort(found, {}, &FoundAnchor::begin);
  return found;
}

std::vector<ExactString> find_exact_strings(std::string_view text) {
  std::vector<ExactString> strings;
  for (const FoundAnchor& found : find_anchors(text))
    strings.push_back({name_of(found.kind), found.begin, found.length});
  return strings;
}

}  // namespace fovea
