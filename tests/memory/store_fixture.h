#pragma once

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "fovea/error.h"
#include "memory/store.h"
#include "tests/memory/server_database.h"

namespace fovea::test {

/// A folder that is gone after the test. With a server for tests (server_database.h) its store
/// stands there; the files with names are files.
struct TemporaryFolder {
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fovea-store-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path = name;
    if (on_server()) database_ = std::make_unique<ServerDatabase>();
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return path / name; }
  /// The store.
  std::string file() const { return database_ ? database_->url : file("memory.db"); }
  std::filesystem::path path;

 private:
  std::unique_ptr<ServerDatabase> database_;  ///< absent: the store is a file
};

inline const std::string kFingerprint(64, 'a');
inline const Scope kScope{"u", "a", "s"};

inline VisionTokens make_tokens(Level level, int seed = 1, int dim = 8) {
  VisionTokens tokens{.level = level,
                      .density = Density::d106,
                      .row_lengths = {106, 105, 7},
                      .count = token_count(level),
                      .dim = dim,
                      .values = {},
                      .scales = {},
                      .fingerprint = kFingerprint};
  for (int i = 0; i < tokens.count; ++i) {
    tokens.scales.push_back(0.01f * static_cast<float>(i + seed));
    for (int j = 0; j < dim; ++j)
      tokens.values.push_back(static_cast<std::int8_t>((i * 31 + j * 7 + seed * 13) % 255 - 127));
  }
  return tokens;
}

inline NewPage make_page(const std::string& text, int seed = 1, Level level = Level::tiny) {
  return {.text = text,
          .characters = text.size(),
          .text_tokens = text.size() / 4,
          .time = 1000,
          .tokens = make_tokens(level, seed),
          .embedding = {},
          .fidelity = {},
          .keep_archive = true};
}

/// Adds the text as a message and makes a page of it.
inline PageId add_text(Store& store, ScopeId scope, const std::string& text,
                       const std::string& source_id = "", Time time = 0) {
  const NewMessage message{.role = "user", .text = text, .time = time, .source_id = source_id};
  store.add_messages(scope, {&message, 1});
  return store.add_page(scope, make_page(text)).value();
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All bytes that the store has on disk.
inline std::string all_bytes_of(const std::string& store) {
  return bytes_of(store) + bytes_of(store + "-wal") + bytes_of(store + ".faiss");
}

/// The Error that `call` throws; nothing when it throws none.
template <class Call>
std::optional<Error> error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace fovea::test
