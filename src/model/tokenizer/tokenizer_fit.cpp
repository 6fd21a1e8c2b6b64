#include "model/tokenizer/tokenizer_fit.h"

namespace fovea {
namespace {

constexpr const char* kOther =
    ": this is another model's tokenizer; take tokenizer.json from where the weights come from";

}  // namespace

std::vector<std::string> tokenizer_misfits(const Tokenizer& tokenizer, const ModelConfig& config,
                                           const std::string& path) {
  std::vector<std::string> misfits;
  const auto add = [&](const std::string& what) { misfits.push_back(path + ": " + what + kOther); };
  const auto& decoder = config.decoder;
  if (tokenizer.size() > decoder.vocab)
    add("expected ids below the vocab_size " + std::to_string(decoder.vocab) +
        " of config.json, found " + std::to_string(tokenizer.size() - 1));
  if (config.page_reading) return misfits;  // its begin and end are rows of the decoder alone
  if (config.image_token >= decoder.vocab) return misfits;  // a miniature, too small for the tokens
  for (const auto& [key, id] :
       {std::pair("bos_token_id", decoder.bos), {"eos_token_id", decoder.eos}}) {
    if (tokenizer.bytes_of(id).empty())
      add("expected a token " + std::to_string(id) + ", the " + key + " of config.json, found none");
  }
  const auto image = tokenizer.bytes_of(config.image_token);
  if (image != "<image>")
    add("expected <image> as token " + std::to_string(config.image_token) + ", found " +
        (image.empty() ? "none" : '"' + std::string(image) + '"'));
  return misfits;
}

}  // namespace fovea
