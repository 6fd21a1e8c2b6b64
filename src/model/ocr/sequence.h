#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/decoder.h"
#include "model/ocr/ngram_blocker.h"

namespace fovea {

/// A prompt as the decoder takes it.
struct Prompt {
  std::vector<std::int64_t> ids;         ///< begin token, text, placeholders, text
  std::vector<std::uint8_t> image_mask;  ///< 1 where an image vector replaces the embedding
};

using Tokenize = std::function<std::vector<std::int64_t>(std::string_view)>;

/// Puts a prompt together as DeepSeek-OCR's "plain" template does: outer white space is stripped,
/// every "<image>" becomes the next count of `image_tokens` placeholders, the pieces between are
/// tokenised on their own. Throws Error(invalid_argument) when the numbers of pictures differ.
Prompt build_prompt(std::string_view text, std::span<const std::int64_t> image_tokens,
                    std::int64_t image_token_id, std::int64_t begin_id, const Tokenize& tokenize);

/// Embeds a prompt with the images' vectors in place. `image_embeds`: [number of 1s in the mask, d],
/// all pictures one after another. Returns float32 [N, d].
at::Tensor embed_prompt(const Decoder& decoder, const Prompt& prompt,
                        const at::Tensor& image_embeds);

struct GenerateOptions {
  std::int64_t max_tokens = 8192;  ///< of output
  std::int64_t end_id = 1;         ///< stops the output, is not part of it; negative: never stop
  NgramRule ngram;
  /// Sees the logits of each step, float32 [vocab], before anything is banned.
  std::function<void(std::int64_t step, const at::Tensor& logits)> observe;
  std::function<bool(std::int64_t id)> on_token;  ///< gets each id as it comes; false: no more
  std::function<void()> on_end;                   ///< called when `end_id` came
};

/// Greedy decoding with a cache. `embeds`: [N, d] of the prompt.
/// Throws Error(invalid_argument) when the prompt alone fills the decoder's context.
std::vector<std::int64_t> generate(const Decoder& decoder, const at::Tensor& embeds,
                                   const GenerateOptions& options);

}  // namespace fovea
