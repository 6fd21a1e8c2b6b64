#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "fovea/ocr.h"
#include "model/checkpoint/config.h"
#include "model/decoder.h"
#include "model/tokenizer/tokenizer.h"

namespace fovea {

struct PictureAnswer {
  std::string text;  ///< as the model wrote it, UTF-8
  OcrEnd end = OcrEnd::by_model;
  int tokens = 0;
  double log_probability = 0;  ///< of all its tokens together; only if it was asked for
};

struct PictureQuestion {
  std::string prompt;  ///< with its "<image>"; see `ocr_prompt`
  int max_tokens = 8192;
  int ngram = 30, ngram_window = 90;  ///< see OcrOptions
  bool with_probability = false;      ///< takes a pass over the vocabulary for each token
  std::function<bool(std::string_view)> on_text;  ///< see OcrOptions
};

/// The decoder of DeepSeek-OCR answers a prompt about a picture: free generation, greedy, with the
/// official blocker of repetitions. Const and thread-safe after construction.
class PictureReader {
 public:
  /// All must outlive it.
  PictureReader(const ModelConfig& config, const Decoder& decoder, const Tokenizer& tokenizer);

  /// `image`: the picture's vectors in decoder order, [n, d] float32.
  PictureAnswer answer(const at::Tensor& image, const PictureQuestion& question) const;

  int image_token() const { return image_token_; }

 private:
  const ModelConfig& config_;
  const Decoder& decoder_;
  const Tokenizer& tokenizer_;
  int image_token_;
  std::set<std::int64_t> cell_marks_;  // of tables: they rightly come again and again
};

}  // namespace fovea
