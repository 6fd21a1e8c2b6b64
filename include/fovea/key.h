#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace fovea {

/// What a store is encrypted with: 32 random bytes.
using Key = std::array<std::uint8_t, 32>;

/// Where a store's key comes from, asked once when the store is opened; empty: the store is not
/// encrypted. Throws to refuse.
using KeySource = std::function<Key()>;

/// Reads 64 hexadecimal digits, blanks around them aside. Throws Error(invalid_argument), never
/// showing the text. `name`: what errors call its place.
Key key_from_text(const std::string& text, const std::string& name);
/// A file with 64 hexadecimal digits or with 32 bytes. Throws Error(not_found | invalid_argument), the
/// latter also for a file that is not its owner's alone to read and write.
Key key_from_file(const std::string& path);
/// An environment variable with 64 hexadecimal digits. Throws likewise.
Key key_from_environment(const std::string& name);
/// A new random key as 64 hexadecimal digits.
std::string new_key_text();

}  // namespace fovea
