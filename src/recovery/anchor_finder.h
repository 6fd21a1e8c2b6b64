#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fovea {

/// What kind of string an anchor is; the first are the most worth keeping.
enum class AnchorKind : std::uint8_t { id, url, email, path, number, name };

inline constexpr int kAnchorKinds = 6;

std::string_view name_of(AnchorKind kind);

/// An exact string in a text, of ASCII characters.
struct FoundAnchor {
  AnchorKind kind;
  std::size_t begin;  ///< byte
  std::size_t length;
};

/// The strings of `text` (any bytes) that lose their use when a letter is wrong: ids and hashes,
/// URLs, e-mail addresses, paths, numbers with units, dates, versions and code names. In order,
/// none overlaps another.
std::vector<FoundAnchor> find_anchors(std::string_view text);

}  // namespace fovea
