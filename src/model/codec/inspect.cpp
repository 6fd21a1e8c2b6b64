#include "fovea/checkpoint.h"

#include <filesystem>
#include <optional>

#include <c10/core/InferenceMode.h>

#include "fovea/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/checkpoint/fingerprint.h"
#include "model/codec/search_embedding.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/reading/line_reader.h"
#include "model/token_code.h"
#include "model/tokenizer/tokenizer_fit.h"

namespace fovea {
namespace {

std::optional<Tokenizer> find_tokenizer(const std::string& path, const ModelConfig& config,
                                        std::vector<std::string>& misfits) {
  if (!config.page_reading && !std::filesystem::exists(path)) return {};
  try {
    Tokenizer tokenizer(path);
    const auto found = tokenizer_misfits(tokenizer, config, path);
    misfits.insert(misfits.end(), found.begin(), found.end());
    return tokenizer;
  } catch (const Error& error) {
    misfits.push_back(error.what());
    return {};
  }
}

/// Has every part of the model ask for its tensors.
void ask_for_all(Checkpoint& checkpoint, const std::string& folder, const ModelConfig& config,
                 const std::optional<Tokenizer>& tokenizer) {
  const DeepEncoder encoder(checkpoint, config);
  const Decoder decoder(checkpoint, config);
  load_token_codes(checkpoint, read_token_codes(folder + "/config.json"), config.decoder.hidden);
  if (tokenizer && config.page_reading) LineReader(checkpoint, config, encoder, decoder, *tokenizer);
  if (tokenizer) SearchEmbedding(checkpoint, decoder, *tokenizer);
  if (tokenizer || !config.page_reading) checkpoint.require_all_taken();
}

}  // namespace

CheckpointReport inspect_checkpoint(const std::string& folder) {
  c10::InferenceMode inference;
  if (!std::filesystem::is_directory(folder))
    throw Error(ErrorCode::not_found, "the checkpoint folder " + folder + " does not exist");
  const ModelConfig config = read_config(folder + "/config.json");
  CheckpointReport report;
  report.name = config.name;
  Checkpoint checkpoint(folder, report.misfits);
  const auto tokenizer = find_tokenizer(folder + "/tokenizer.json", config, report.misfits);
  report.has_tokenizer = tokenizer.has_value();
  ask_for_all(checkpoint, folder, config, tokenizer);
  for (const auto& [name, entry] : checkpoint.tensors()) {
    const auto& tensor = *entry.tensor;
    report.tensors.push_back({name, std::string(name_of(tensor.type)),
                              std::filesystem::path(entry.file->path()).filename().string(),
                              tensor.shape, tensor.bytes.size()});
    report.tensor_bytes += tensor.bytes.size();
    report.parameters += tensor.bytes.size() / static_cast<std::size_t>(size_of(tensor.type));
  }
  for (const auto& file : checkpoint.files()) report.file_bytes += file->bytes().size();
  report.files = static_cast<int>(checkpoint.files().size());
  if (report.misfits.empty()) report.fingerprint = fingerprint_of(folder, checkpoint);
  return report;
}

}  // namespace fovea
