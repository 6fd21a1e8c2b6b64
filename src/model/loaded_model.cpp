#include "model/loaded_model.h"

#include <filesystem>

#include "fovea/error.h"
#include "model/tokenizer/tokenizer_fit.h"

namespace fovea {
namespace {

std::string tokenizer_path(const std::string& folder) { return folder + "/tokenizer.json"; }

}  // namespace

ModelConfig read_model_config(const std::string& folder) {
  if (!std::filesystem::is_directory(folder))
    throw Error(ErrorCode::not_found, "the checkpoint folder " + folder + " does not exist");
  return read_config(folder + "/config.json");
}

LoadedModel::LoadedModel(const std::string& folder, const Placement& placement)
    : folder(folder),
      placement(placement),
      config(read_model_config(folder)),
      checkpoint(std::in_place, folder, placement) {}

bool LoadedModel::has_tokenizer_file() const {
  return std::filesystem::exists(tokenizer_path(folder));
}

void LoadedModel::load_tokenizer() {
  const std::string path = tokenizer_path(folder);
  tokenizer.emplace(path);
  const auto misfits = tokenizer_misfits(*tokenizer, config, path);
  if (!misfits.empty()) throw Error(ErrorCode::corruption, misfits.front());
}

void LoadedModel::load_encoder() { encoder.emplace(*checkpoint, config); }
void LoadedModel::load_decoder() { decoder.emplace(*checkpoint, config); }

void LoadedModel::finish() {
  checkpoint->require_all_taken();
  checkpoint.reset();
}

}  // namespace fovea
