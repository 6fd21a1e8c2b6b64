#include "fovea/key.h"

#include <sodium.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fovea/error.h"

namespace fovea {

Key key_from_text(const std::string& text, const std::string& name) {
  Key key{};
  std::size_t size = 0;
  const char* end = nullptr;
  const bool read = sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), " \t\r\n",
                                   &size, &end) == 0;
  if (read && size == key.size() && end == text.data() + text.size()) return key;
  throw Error(ErrorCode::invalid_argument,
              name + ": expected a key of 64 hexadecimal digits, such as `memctl new-key` makes");
}

namespace {

/// Pipes and the like are nobody else's to open.
void require_private(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) return;
  if ((file.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  throw Error(ErrorCode::invalid_argument,
              "key file " + path + " can be read by other users; `chmod 600 " + path +
                  "`, and make a new key if they may have read it");
}

}  // namespace

Key key_from_file(const std::string& path) {
  if (std::error_code none; std::filesystem::is_directory(path, none))
    throw Error(ErrorCode::invalid_argument, "key file " + path + " is a folder; give a file");
  require_private(path);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file)
    throw Error(ErrorCode::not_found, "key file " + path + " cannot be read; check its path");
  Key key{};
  if (bytes.size() != key.size()) return key_from_text(bytes, "key file " + path);
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Key key_from_environment(const std::string& name) {
  const char* text = std::getenv(name.c_str());
  if (!text) throw Error(ErrorCode::not_found, "environment variable " + name + " is not set");
  return key_from_text(text, "environment variable " + name);
}

std::string new_key_text() {
  Key key{};
  randombytes_buf(key.data(), key.size());
  std::string text(2 * key.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), key.data(), key.size());
  text.pop_back();
  return text;
}

}  // namespace fovea
