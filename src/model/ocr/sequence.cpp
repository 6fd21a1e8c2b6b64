#include "model/ocr/sequence.h"

#include <algorithm>
#include <limits>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::string_view kImageTag = "<image>";
constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

std::string_view strip(std::string_view text) {
  auto begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

void ban(at::Tensor& logits, std::span<const std::int64_t> ids, const NgramRule& rule) {
  for (auto id : banned_next(ids, rule))
    logits[id].fill_(-std::numeric_limits<float>::infinity());
}

}  // namespace

Prompt build_prompt(std::string_view text, std::span<const std::int64_t> image_tokens,
                    std::int64_t image_token_id, std::int64_t begin_id, const Tokenize& tokenize) {
  Prompt prompt{.ids = {begin_id}, .image_mask = {}};
  auto add_text = [&](std::string_view piece) {
    auto ids = tokenize(piece);
    prompt.ids.insert(prompt.ids.end(), ids.begin(), ids.end());
    prompt.image_mask.resize(prompt.ids.size(), 0);
  };
  text = strip(text);
  std::size_t images = 0;
  for (auto tag = text.find(kImageTag); tag != text.npos; tag = text.find(kImageTag), ++images) {
    add_text(text.substr(0, tag));
    text.remove_prefix(tag + kImageTag.size());
    if (images >= image_tokens.size()) continue;
    prompt.ids.resize(prompt.ids.size() + image_tokens[images], image_token_id);
    prompt.image_mask.resize(prompt.ids.size(), 1);
  }
  add_text(text);
  if (images != image_tokens.size())
    throw Error(ErrorCode::invalid_argument,
                "expected " + std::to_string(image_tokens.size()) + " <image> in the prompt, got " +
                    std::to_string(images));
  return prompt;
}

at::Tensor embed_prompt(const Decoder& decoder, const Prompt& prompt,
                        const at::Tensor& image_embeds) {
  c10::InferenceMode inference;
  auto marked = std::count(prompt.image_mask.begin(), prompt.image_mask.end(), 1);
  if (marked != image_embeds.size(0))
    throw Error(ErrorCode::invalid_argument,
                "expected " + std::to_string(marked) + " image vectors, got " +
                    std::to_string(image_embeds.size(0)));
  auto embeds = decoder.embed(at::tensor(prompt.ids, at::kLong));
  auto mask = at::tensor(prompt.image_mask, at::kByte).to(embeds.device(), at::kBool);
  return embeds.index_put_({mask}, image_embeds.to(embeds.options()));
}

std::vector<std::int64_t> generate(const Decoder& decoder, const at::Tensor& embeds,
                                   const GenerateOptions& options) {
  c10::InferenceMode inference;
  std::int64_t room = decoder.config().max_positions - embeds.size(0);
  if (room < 1)
    throw Error(ErrorCode::invalid_argument,
                "a prompt of " + std::to_string(embeds.size(0)) +
                    " tokens leaves no room in the model's context of " +
                    std::to_string(decoder.config().max_positions));
  auto limit = std::min(options.max_tokens, room);
  auto cache = decoder.make_rows(1, embeds.size(0) + limit);
  std::vector<std::int64_t> ids;
  auto input = embeds;  // [N, d], then [1, d]
  while (static_cast<std::int64_t>(ids.size()) < limit) {
    auto hidden = decoder.forward(input, {}, cache, {{input.size(0)}});
    auto logits = decoder.logits(hidden[-1]);  // [vocab]
    if (options.observe) options.observe(static_cast<std::int64_t>(ids.size()), logits);
    ban(logits, ids, options.ngram);
    auto next = logits.argmax();
    auto id = next.item<std::int64_t>();
    if (id == options.end_id) {
      if (options.on_end) options.on_end();
      break;
    }
    ids.push_back(id);
    if (options.on_token && !options.on_token(id)) break;
    input = decoder.embed(next.view({1}));
  }
  return ids;
}

}  // namespace fovea
