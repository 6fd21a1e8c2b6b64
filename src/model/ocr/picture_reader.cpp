#include "model/ocr/picture_reader.h"

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>

#include "model/ocr/sequence.h"
#include "model/tokenizer/text_stream.h"

namespace fovea {
namespace {

/// Absent where the tokenizer takes it for several tokens.
std::optional<int> id_of(const Tokenizer& tokenizer, std::string_view token) {
  const auto ids = tokenizer.encode(token);
  return ids.size() == 1 ? std::optional<int>(ids[0]) : std::nullopt;
}

}  // namespace

PictureReader::PictureReader(const ModelConfig& config, const Decoder& decoder,
                             const Tokenizer& tokenizer)
    : config_(config),
      decoder_(decoder),
      tokenizer_(tokenizer),
      image_token_(id_of(tokenizer, "<image>").value_or(config.image_token)) {
  for (const char* mark : {"<td>", "</td>"})
    if (const auto id = id_of(tokenizer, mark)) cell_marks_.insert(*id);
}

PictureAnswer PictureReader::answer(const at::Tensor& image,
                                    const PictureQuestion& question) const {
  c10::InferenceMode inference;
  const auto tokenize = [this](std::string_view piece) {
    const auto ids = tokenizer_.encode(piece);
    return std::vector<std::int64_t>(ids.begin(), ids.end());
  };
  const Prompt prompt = build_prompt(question.prompt, {{image.size(0)}}, image_token_,
                                     config_.decoder.bos, tokenize);
  PictureAnswer answer;
  TextStream stream;
  bool stopped = false, ended = false;
  at::Tensor logits;  // of the step, [vocab]
  GenerateOptions how;
  how.max_tokens = question.max_tokens;
  how.end_id = config_.decoder.eos;
  how.ngram = {question.ngram, question.ngram_window, cell_marks_};
  how.on_end = [&] { ended = true; };
  if (question.with_probability) {
    how.observe = [&](std::int64_t, const at::Tensor& now) { logits = now.log_softmax(-1); };
  }
  how.on_token = [&](std::int64_t id) {
    if (question.with_probability) answer.log_probability += logits[id].item<double>();
    const std::string text = stream.take(tokenizer_.bytes_of(static_cast<int>(id)));
    answer.text += text;
    stopped = question.on_text && !question.on_text(text);
    return !stopped;
  };
  answer.tokens =
      static_cast<int>(generate(decoder_, embed_prompt(decoder_, prompt, image), how).size());
  const std::string rest = stream.finish();
  answer.text += rest;
  if (question.on_text && !rest.empty() && !question.on_text(rest)) stopped = true;
  answer.end = ended ? OcrEnd::by_model : stopped ? OcrEnd::by_caller : OcrEnd::by_limit;
  return answer;
}

}  // namespace fovea
