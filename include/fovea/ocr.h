#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fovea/codec.h"
#include "fovea/picture.h"

namespace fovea {

/// How a picture becomes the encoder's input, and how many vision tokens that takes.
enum class OcrMode {
  tiny,    ///< squashed to 512 px: 73 tokens
  small,   ///< squashed to 640 px: 111
  base,    ///< padded to 1024 px: 273
  large,   ///< padded to 1280 px: 421
  gundam,  ///< as base, and up to 9 tiles of 640 px if it is larger than one: 273 to 1,203
};
std::string_view name_of(OcrMode mode);
/// Throws Error(invalid_argument) naming those there are.
OcrMode ocr_mode_from_name(std::string_view name);

/// The prompt that a name stands for: "document", "ocr", "free", "figure" and "describe" are those
/// of DeepSeek-OCR, "locate: WORDS" asks where the words stand. Any other text of more than one
/// word is taken as it is, after the picture unless it has an "<image>" of its own.
/// Throws Error(invalid_argument) for one unknown word and for more than one "<image>".
std::string ocr_prompt(std::string_view name_or_text);

struct OcrOptions {
  OcrMode mode = OcrMode::gundam;
  std::string prompt = "document";  ///< see `ocr_prompt`
  int max_tokens = 8192;            ///< of the answer; the model's context may end it earlier
  /// Against repetition: no run of `ngram` tokens comes twice within `ngram_window` tokens, table
  /// cells' marks aside. DeepSeek's script has 30 and 90 for pictures, 20 and 50 for PDF pages.
  int ngram = 30;
  int ngram_window = 90;
  /// Gets the answer as it comes, whole UTF-8 characters, and an empty text where there is nothing
  /// to tell; false ends the reading.
  std::function<bool(std::string_view)> on_text;
};

enum class OcrEnd {
  by_model,   ///< the whole answer
  by_limit,   ///< max_tokens or the context are used up: mostly a model that repeats itself
  by_caller,  ///< `on_text` said so
};

struct OcrPage {
  std::string answer;  ///< as the model wrote it, with its marks (see fovea/grounding.h); UTF-8
  OcrEnd end = OcrEnd::by_model;
  int columns = 1, rows = 1;  ///< of tiles; 1 x 1: none
  int vision_tokens = 0;      ///< positions that the picture takes in the context
  int tokens = 0;             ///< of the answer
};

/// A checkpoint of DeepSeek-OCR that reads any picture. Const and thread-safe after construction.
class Ocr {
 public:
  /// `checkpoint`: folder with config.json, model.safetensors (or shards with an index),
  /// tokenizer.json. Throws Error(unsupported) for one that reads only pages drawn by Fovea, before
  /// its weights are looked at; Error(not_found | corruption) naming file and tensor.
  explicit Ocr(const std::string& checkpoint, const CodecOptions& options = {});
  ~Ocr();
  Ocr(Ocr&&) noexcept;
  Ocr& operator=(Ocr&&) noexcept;

  /// Throws Error(invalid_argument) for options that mean nothing and for a picture so narrow that
  /// nothing of it would be left.
  OcrPage read(const Picture& picture, const OcrOptions& options = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
