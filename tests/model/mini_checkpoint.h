#pragma once

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "model/checkpoint/safetensors.h"
#include "model/tokenizer/text_stream.h"
#include "tests/model/checkpoint_files.h"

// The miniature of DeepSeek-OCR in tests/golden/mini_a as a whole checkpoint. Its stand-in
// tokenizer, byte b is id b + 3, is written as a tokenizer.json.

inline const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a/";
inline constexpr int kImage = 300;

/// The character that byte-level BPE writes for a byte.
inline std::string written(int byte, int& next) {
  const bool itself = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
  const int c = itself ? byte : next++;
  if (c < 0x80) return std::string(1, static_cast<char>(c));
  return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
}

inline nlohmann::json added(int id, const std::string& content) {
  return {{"id", id},         {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

inline nlohmann::json byte_tokenizer() {
  nlohmann::json vocab = nlohmann::json::object();
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) vocab[written(byte, next)] = byte + 3;
  return {{"version", "1.0"},
          {"added_tokens", {added(0, "<begin>"), added(1, "<end>"), added(kImage, "<image>")}},
          {"normalizer", nullptr},
          {"pre_tokenizer",
           {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", nlohmann::json::array()}}}};
}

/// mini_a as a whole checkpoint, with a change to its config (RFC 7386).
struct MiniFiles : CheckpointFiles {
  explicit MiniFiles(const nlohmann::json& change = nlohmann::json::object(),
                     const std::string& name = "ocr")
      : CheckpointFiles(name) {
    auto config = nlohmann::json::parse(std::ifstream(kMini + "config.json"));
    config.merge_patch(change);
    write("config.json", config.dump());
    copy(kMini + "model.safetensors", "model.safetensors");
    write("tokenizer.json", byte_tokenizer().dump());
  }
};

/// The golden ids as text: what the official code answers.
inline std::string golden_answer(const std::string& name) {
  const fovea::SafetensorsFile file(kMini + "vectors.safetensors");
  const auto& tensor = file.tensors().at(name + ".greedy_ids");
  fovea::TextStream stream;
  std::string text;
  const auto* ids = reinterpret_cast<const std::int64_t*>(tensor.bytes.data());
  for (int i = 0; i < 24; ++i) {
    const char byte = static_cast<char>(ids[i] - 3);
    if (ids[i] >= 3 && ids[i] < 259) text += stream.take({&byte, 1});
  }
  return text + stream.finish();
}
