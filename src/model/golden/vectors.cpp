#include "model/golden/vectors.h"

#include <array>
#include <cstring>
#include <optional>
#include <regex>

#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include "model/checkpoint/safetensors.h"
#include "model/golden/compare.h"
#include "model/golden/png.h"
#include "model/golden/tolerance.h"
#include "model/ocr/pixels.h"
#include "model/operators/table_resize.h"

namespace fovea::golden {
namespace {

/// Steps whose logits are kept when not all are.
constexpr std::array<std::int64_t, 4> kLogitSteps = {0, 1, 7, 23};
/// Of the prompt's logits every 16th row is kept, and the last.
constexpr std::int64_t kLogitRowStep = 16;

at::Tensor to_tensor(const StoredTensor& stored) {
  auto type = stored.type == StoredType::f32   ? at::kFloat
              : stored.type == StoredType::i64 ? at::kLong
              : stored.type == StoredType::i32 ? at::kInt
                                               : at::kByte;
  auto tensor = at::empty(stored.shape, type);
  std::memcpy(tensor.data_ptr(), stored.bytes.data(), stored.bytes.size());
  return tensor;
}

at::Tensor every(const at::Tensor& x, int dimension, std::int64_t step) {
  return x.slice(dimension, 0, x.size(dimension), step);
}

at::Tensor thinned(const Value& value, std::int64_t step) {
  return every(every(value.tensor, value.spatial, step), value.spatial + 1, step);
}

/// Finds the value that a name of the file stands for.
class Lookup {
 public:
  Lookup(const Model& model, const std::map<std::string, Run>& runs,
         std::map<std::string, at::Tensor> expected)
      : model_(model), runs_(runs), expected_(std::move(expected)) {}

  std::optional<at::Tensor> find(const std::string& name) const {
    auto dot = name.find('.');
    auto group = name.substr(0, dot), rest = dot == name.npos ? "" : name.substr(dot + 1);
    if (group == "tables") return table(rest);
    if (group == "pre") return preprocessed(rest);
    if (group == "multi") return two_pictures(rest);
    auto run = runs_.find(group);
    return run == runs_.end() ? std::nullopt : of_run(run->second, group, rest);
  }

  /// "tiny.router1_idx" -> the probabilities of that router.
  at::Tensor router_probs(const std::string& name) const {
    auto probs = name.substr(0, name.rfind('_')) + "_probs";
    auto dot = probs.find('.');
    return runs_.at(probs.substr(0, dot)).values.at(probs.substr(dot + 1)).tensor;
  }

 private:
  static std::optional<at::Tensor> value_of(const Run& run, const std::string& name) {
    auto value = run.values.find(name);
    if (value != run.values.end()) return value->second.tensor;
    std::smatch match;
    if (!std::regex_match(name, match, std::regex("(.+)_(s|head)([0-9]+)"))) return {};
    value = run.values.find(match[1]);
    if (value == run.values.end()) return {};
    auto n = std::stoll(match[3]);
    if (match[2] == "s") return thinned(value->second, n);
    return value->second.tensor.narrow(-1, 0, n);
  }

  std::optional<at::Tensor> of_run(const Run& run, const std::string& group,
                                   const std::string& name) const {
    auto& logits = run.values.at("logits").tensor;
    auto last = logits.size(0) - 1;
    if (name == "logits_rows") {
      auto rows = at::arange(kLogitRowStep - 1, last, kLogitRowStep, at::kLong);
      return at::cat({rows, at::tensor({last}, at::kLong)});
    }
    if (name == "logits_sel")
      return logits.index_select(0, expected_.at(group + ".logits_rows"));
    auto value = value_of(run, name);
    if (name == "greedy_logits" && expected_.at(group + "." + name).size(0) != value->size(0))
      return value->index_select(0, at::tensor(at::IntArrayRef(kLogitSteps), at::kLong));
    return value;
  }

  /// Resized tables, straight from the checkpoint's tensors.
  std::optional<at::Tensor> table(const std::string& name) const {
    std::smatch match;
    if (std::regex_match(name, match, std::regex("(sam|clip)_pos_([0-9]+)"))) {
      auto side = std::stoll(match[2]);
      return match[1] == "sam" ? sam_positions(side) : clip_positions(name, side);
    }
    if (std::regex_match(name, match, std::regex("sam_(rel_pos_[hw])_block([0-9]+)_([0-9]+)"))) {
      auto table = stored("model.sam_model.blocks." + match[2].str() + ".attn." + match[1].str());
      return resize_line(table, 2 * std::stoll(match[3]) - 1);
    }
    return {};
  }

  at::Tensor stored(const std::string& name) const {
    Checkpoint checkpoint(model_.folder);
    return checkpoint.table(name, checkpoint.tensors().at(name).tensor->shape);
  }

  at::Tensor sam_positions(std::int64_t side) const {
    return resize_grid(stored("model.sam_model.pos_embed")[0], side).narrow(2, 0, 1);
  }

  at::Tensor clip_positions(const std::string& name, std::int64_t side) const {
    auto table = resize_tokens(stored("model.vision_model.embeddings.position_embedding.weight"),
                               side);
    return table.narrow(1, 0, expected_.at("tables." + name).size(1));
  }

  /// "<picture>.<mode>_sN" and "<picture>.gundam_tiles_sN".
  std::optional<at::Tensor> preprocessed(const std::string& name) const {
    std::smatch match;
    if (!std::regex_match(name, match, std::regex("(.+)\\.([a-z_]+)_s([0-9]+)"))) return {};
    auto picture = read_png(model_.folder + "/images/" + match[1].str() + ".png");
    auto step = std::stoll(match[3]);
    auto mode = match[2].str();
    if (mode != "gundam_tiles") {
      auto side = side_of_mode(mode);
      if (!side) return {};
      return thinned({bytes_of(global_view(picture, side)), 0}, step);
    }
    std::vector<at::Tensor> tiles;
    for (auto& tile : cut_tiles(picture, choose_tiles(picture.width, picture.height)))
      tiles.push_back(thinned({bytes_of(tile), 0}, step));
    return at::stack(tiles);
  }

  static int side_of_mode(const std::string& mode) {
    if (mode == "tiny") return 512;
    if (mode == "small") return 640;
    if (mode == "base" || mode == "gundam") return 1024;
    return mode == "large" ? 1280 : 0;
  }

  /// The tiny prompt, then the small one without its begin token, as one sequence.
  std::optional<at::Tensor> two_pictures(const std::string& name) const {
    auto &first = runs_.at("tiny"), &second = runs_.at("small");
    Prompt prompt = first.prompt;
    prompt.ids.insert(prompt.ids.end(), second.prompt.ids.begin() + 1, second.prompt.ids.end());
    prompt.image_mask.insert(prompt.image_mask.end(), second.prompt.image_mask.begin() + 1,
                             second.prompt.image_mask.end());
    if (name == "input_ids") return at::tensor(prompt.ids, at::kLong);
    if (name != "logits_sel") return {};
    auto embeds =
        embed_prompt(*model_.decoder, prompt, at::cat({first.image_embeds, second.image_embeds}));
    auto logits = prompt_logits(*model_.decoder, embeds);
    auto kept = expected_.at("multi.logits_sel").size(0);
    return logits.narrow(0, logits.size(0) - kept, kept).cpu();
  }

  const Model& model_;
  const std::map<std::string, Run>& runs_;
  std::map<std::string, at::Tensor> expected_;
};

}  // namespace

void check_vectors(const Model& model, const std::map<std::string, Run>& runs, Report& report) {
  SafetensorsFile file(model.folder + "/vectors.safetensors");
  std::map<std::string, at::Tensor> expected;
  for (auto& [name, stored] : file.tensors()) expected[name] = to_tensor(stored);
  Lookup lookup(model, runs, expected);
  for (auto& [name, value] : expected) {
    auto tolerance = tolerance_of(name);
    auto actual = tolerance ? lookup.find(name) : std::nullopt;
    if (!actual) {
      report.fail(name, "is not known");
      continue;
    }
    compare(report, name, *tolerance, value, *actual,
            [&, name = name] { return lookup.router_probs(name); });
  }
}

}  // namespace fovea::golden
