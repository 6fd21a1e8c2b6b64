#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace fovea {

/// What a store is encrypted with: 32 random bytes.
using Key = std::array<std::uint8_t, 32>;

/// Returns a store's key; called once when the store is opened, and may throw. Empty: the store is
/// not encrypted.
using KeySource = std::function<Key()>;

/// Reads 64 hexadecimal digits, ignoring blanks around them. Throws Error(invalid_argument), which
/// never shows the text. `name`: what errors call the text's place.
Key key_from_text(const std::string& text, const std::string& name);
/// Reads a file with 64 hexadecimal digits or 32 bytes. Throws Error(not_found), and
/// Error(invalid_argument) also for a file that others than its owner can read or write.
Key key_from_file(const std::string& path);
/// Reads an environment variable with 64 hexadecimal digits. Throws as key_from_file does.
Key key_from_environment(const std::string& name);
/// A new random key as 64 hexadecimal digits.
std::string new_key_text();

}  // namespace fovea
