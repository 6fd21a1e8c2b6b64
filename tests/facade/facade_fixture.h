#pragma once

// What tests of the facade share. They need the shipped checkpoint, models/fovea-nano.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fovea/error.h"
#include "fovea/memory.h"
#include "tests/temporary_folder.h"

namespace fovea::test {

inline const std::string kCheckpoint = std::string(FOVEA_SOURCE_DIR) + "/models/fovea-nano";

/// A store that is gone at the end of the test.
class TemporaryStore {
 public:
  std::string path() const { return folder_.file("memory.db"); }
  Memory open(const std::string& checkpoint = kCheckpoint) const { return {path(), checkpoint}; }
  /// The shipped checkpoint, as if it read neither the last two levels nor 160 columns.
  std::string lesser_checkpoint() const {
    const auto folder = folder_.path() / "checkpoint";
    std::filesystem::create_directories(folder);
    for (const char* file : {"model.safetensors", "tokenizer.json", "atlas.png"})
      std::filesystem::create_symlink(kCheckpoint + "/" + file, folder / file);
    std::ifstream in(kCheckpoint + "/config.json");
    auto config = nlohmann::json::parse(in);
    config["fovea"]["levels"] = {"large", "base", "small", "tiny"};
    config["fovea"]["densities"] = {64, 80, 106, 128};
    std::ofstream(folder / "config.json") << config;
    return folder.string();
  }

 private:
  Folder folder_{"facade"};
};

inline std::string prose(int lines, int first = 0) {
  std::string text;
  for (int i = first; i < first + lines; ++i) {
    text += std::to_string(10000 + i) +
            " The ships left the harbour before noon, and the keeper wrote their names into his book.\n";
  }
  return text;
}

inline Message said(const std::string& text, const std::string& id, Time time = 0) {
  return {.role = "user", .text = text, .time = time, .source_id = id};
}

/// Messages from a list.
class ListedMessages : public MessageSource {
 public:
  explicit ListedMessages(std::vector<Message> messages) : messages_(std::move(messages)) {}
  std::optional<Message> next() override {
    if (at_ == messages_.size()) return {};
    return messages_[at_++];
  }

 private:
  std::vector<Message> messages_;
  std::size_t at_ = 0;
};

inline CompactResult compact(Memory& memory, std::vector<Message> messages, const MemoryOptions& options) {
  ListedMessages source(std::move(messages));
  return memory.add(source, options);
}

inline MemoryOptions at_level(Level level) {
  MemoryOptions options;
  options.level = level;
  options.measured_pages = 0;
  return options;
}

inline std::string joined(const std::vector<Recalled>& items) {
  std::string text;
  for (const Recalled& item : items) text += item.text;
  return text;
}

inline ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return ErrorCode::io;
}

inline constexpr Level kTiny = Level::tiny;

}  // namespace fovea::test
