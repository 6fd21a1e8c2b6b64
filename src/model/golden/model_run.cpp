#include "model/golden/model_run.h"

#include <algorithm>
#include <fstream>

#include <ATen/core/Tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include "fovea/error.h"
#include "model/golden/png.h"
#include "model/ocr/pixels.h"

namespace fovea::golden {
namespace {

nlohmann::json read_cases(const std::string& folder) {
  auto path = folder + "/cases.json";
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::not_found, path + ": cannot be opened");
  try {
    return nlohmann::json::parse(file);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::corruption, path + ": " + error.what());
  }
}

/// The stand-in tokenizer of the reference: byte b is id b + 3.
std::vector<std::int64_t> byte_ids(std::string_view text) {
  std::vector<std::int64_t> ids;
  for (unsigned char byte : text) ids.push_back(byte + 3);
  return ids;
}

/// Collects what the encoder reports, of one view without its batch dimension.
Probe collect_view(Run& run) {
  return [&run](std::string_view name, const at::Tensor& value) {
    std::string key(name);
    if (key == "patch_embed") key = "sam_patch_embed";
    auto channels_first = key == "neck" || key == "sam_out";
    if (key == "neck") key = "sam_neck";
    run.values[key] = {value[0].clone(), channels_first ? 1 : 0};
  };
}

Probe collect_tiles(Run& run) {
  return [&run](std::string_view name, const at::Tensor& value) {
    std::string key(name == "neck" ? "sam_neck" : name);
    run.values["tile_" + key] = {value.clone(), 2};
  };
}

/// Decoder names: "layer1" -> decoder_layer1, "layer1.attn" -> decoder_layer1_attn,
/// "layer1.router_probs" -> router1_probs.
Probe collect_decoder(Run& run) {
  return [&run](std::string_view name, const at::Tensor& value) {
    std::string key(name);
    auto dot = key.find('.');
    if (dot != key.npos && key.compare(dot + 1, 7, "router_") == 0) {
      key = "router" + key.substr(5, dot - 5) + key.substr(dot + 7);
    } else {
      if (dot != key.npos) key[dot] = '_';
      key = "decoder_" + key;
    }
    run.values[key] = {value.clone()};
  };
}

void run_encoder(const Model& model, const nlohmann::json& spec, Run& run) {
  auto picture = read_png(model.folder + "/" + spec.at("image").get<std::string>());
  int base_size = spec.at("base_size");
  auto pixels = pixels_of({global_view(picture, base_size)});
  run.values["pixels_norm"] = {pixels[0], 1};
  auto global = model.encoder->encode(pixels, collect_view(run))[0];  // [n, d]

  TileGrid grid;
  if (spec.at("crop_mode").get<bool>()) grid = choose_tiles(picture.width, picture.height);
  run.columns = grid.columns;
  run.rows = grid.rows;
  if (grid.columns * grid.rows > 1) {
    auto tiles = model.encoder->encode(pixels_of(cut_tiles(picture, grid)), collect_tiles(run));
    run.image_embeds = arrange_tiles(*model.encoder, tiles, grid.columns, grid.rows, global);
  } else {
    run.image_embeds = arrange_view(*model.encoder, global);
  }
  run.values["image_embeds"] = {run.image_embeds};

  auto rounded = pixels.to(at::kBFloat16).to(at::kFloat);
  run.values["image_embeds_bf16_pixels"] = {
      arrange_view(*model.encoder, model.encoder->encode(rounded)[0])};
}

void run_decoder(const Model& model, const nlohmann::json& spec, Run& run) {
  auto embeds = embed_prompt(*model.decoder, run.prompt, run.image_embeds);
  run.values["inputs_embeds"] = {embeds};
  run.values["logits"] = {prompt_logits(*model.decoder, embeds, collect_decoder(run))};

  std::vector<at::Tensor> logits;
  GenerateOptions options;
  options.max_tokens = static_cast<std::int64_t>(spec.at("greedy_ids").size());
  options.end_id = -1;
  options.ngram.size = 0;
  options.observe = [&](std::int64_t, const at::Tensor& step) { logits.push_back(step.clone()); };
  auto ids = generate(*model.decoder, embeds, options);
  run.values["greedy_ids"] = {at::tensor(ids, at::kLong)};
  run.values["greedy_logits"] = {at::stack(logits)};
}

}  // namespace

Model::Model(const std::string& folder, const Placement& placement)
    : LoadedModel(folder, placement), cases(read_cases(folder)) {
  load_encoder();
  load_decoder();
  finish();
}

at::Tensor prompt_logits(const Decoder& decoder, const at::Tensor& embeds, const Probe& probe) {
  auto rows = decoder.make_rows(1, embeds.size(0));
  return decoder.logits(decoder.forward(embeds, {}, rows, {{embeds.size(0)}}, probe));
}

Run run_case(const Model& model, const nlohmann::json& spec) {
  Run run;
  run_encoder(model, spec, run);
  std::int64_t tokens = run.image_embeds.size(0);
  run.prompt = build_prompt(spec.at("prompt").get<std::string>(), {{tokens}},
                            model.cases.at("image_token_id"), model.cases.at("bos_token_id"),
                            byte_ids);
  run.values["input_ids"] = {at::tensor(run.prompt.ids, at::kLong)};
  run.values["image_mask"] = {at::tensor(run.prompt.image_mask, at::kByte)};
  run_decoder(model, spec, run);
  for (auto& [name, value] : run.values) value.tensor = value.tensor.cpu();
  return run;
}

}  // namespace fovea::golden
