#include "model/checkpoint/config.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/read_json.h"
#include "core/utf8.h"
#include "fovea/error.h"

namespace fovea {
namespace {

using nlohmann::json;

/// One object of config.json and where it stands; a key may fall back to another object.
class Section {
 public:
  Section(std::string file, const json& values, std::string name = "",
          const Section* fallback = nullptr)
      : file_(std::move(file)), values_(values), name_(std::move(name)), fallback_(fallback) {
    if (!values.is_object()) damaged("", "expected an object, found " + shown(values));
  }

  /// The value, or null when it is absent (JSON null counts as absent).
  const json* find(const std::string& key) const {
    auto value = values_.find(key);
    if (value != values_.end() && !value->is_null()) return &*value;
    return fallback_ ? fallback_->find(key) : nullptr;
  }

  Section section(const std::string& key) const {
    static const json kNothing = json::object();
    auto* value = find(key);
    return Section(file_, value ? *value : kNothing, path_of(key));
  }

  template <typename T>
  void read(const std::string& key, T& into) const {
    auto* value = find(key);
    if (!value) return;
    try {
      into = value->get<T>();
    } catch (const json::exception&) {
      damaged(key, "found " + shown(*value));
    }
  }

  /// Reads a list of whole numbers; `into` may be an array, which must have as many.
  template <typename List>
  void read_numbers(const std::string& key, List& into) const {
    auto* value = find(key);
    if (!value) return;
    const auto is_number = [](const json& number) {
      return whole_number(number, -kLargest, kLargest).has_value();
    };
    if (!value->is_array() || !std::ranges::all_of(*value, is_number))
      damaged(key, "expected a list of whole numbers, found " + shown(*value));
    read(key, into);
  }

  /// Reads a size: a whole number from `least` on.
  void read_size(const std::string& key, int& into, int least = 1) const {
    auto* value = find(key);
    if (!value) return;
    const auto number = whole_number(*value, least, kLargest);
    if (!number)
      damaged(key, "expected a whole number from " + std::to_string(least) + " to " +
                       std::to_string(kLargest) + ", found " + shown(*value));
    into = static_cast<int>(*number);
  }

  void require_size(const std::string& key, int& into) const {
    if (!find(key)) damaged(key, "expected a whole number, not found");
    read_size(key, into);
  }

  [[noreturn]] void damaged(const std::string& key, const std::string& what) const {
    throw Error(ErrorCode::corruption, file_ + ": " + path_of(key) + ": " + what);
  }

  [[noreturn]] void unsupported(const std::string& key, const std::string& what) const {
    throw Error(ErrorCode::unsupported, file_ + ": " + path_of(key) + ": " + what);
  }

 private:
  static constexpr int kLargest = 1 << 24;

  static std::string shown(const json& value) { return value.dump().substr(0, 80); }

  std::string path_of(const std::string& key) const {
    if (name_.empty() || key.empty()) return name_ + key;
    return name_ + "." + key;
  }

  std::string file_;
  const json& values_;
  std::string name_;
  const Section* fallback_;
};

SamConfig read_sam(const Section& vision) {
  SamConfig sam;
  auto section = vision.section("width").section("sam_vit_b");
  vision.read_size("in_chans", sam.channels);
  section.read_size("width", sam.width);
  section.read_size("layers", sam.layers);
  section.read_size("heads", sam.heads);
  section.read_numbers("global_attn_indexes", sam.global_blocks);
  section.read_numbers("downsample_channels", sam.downsample);
  section.read("rel_pos", sam.rel_pos);
  int size = 0;
  if (section.read_size("window_size", size); size) sam.window = size;
  size = 0;
  if (section.read_size("neck_channels", size); size) sam.neck = size;
  if (sam.width % sam.heads) section.damaged("heads", "expected a divisor of the width");
  if (std::min(sam.downsample[0], sam.downsample[1]) < 1)
    section.damaged("downsample_channels", "expected two sizes from 1 on");
  for (int block : sam.global_blocks) {
    if (block < 0 || block >= sam.layers)
      section.damaged("global_attn_indexes", "expected blocks from 0 to " +
                                                 std::to_string(sam.layers - 1) + ", found " +
                                                 std::to_string(block));
  }
  return sam;
}

ClipConfig read_clip(const Section& vision) {
  ClipConfig clip;
  auto section = vision.section("width").section("clip-l-14-224");
  section.read_size("width", clip.width);
  section.read_size("layers", clip.layers);
  section.read_size("heads", clip.heads);
  if (clip.width % clip.heads) section.damaged("heads", "expected a divisor of the width");
  return clip;
}

/// Variants of the DeepSeek decoder that DeepSeek-OCR does not use.
void refuse_other_decoders(const Section& language) {
  auto refuse_unless = [&](const std::string& key, std::initializer_list<const char*> known) {
    std::string value = *known.begin();
    language.read(key, value);
    if (std::find(known.begin(), known.end(), value) == known.end())
      language.unsupported(key, "expected " + std::string(*known.begin()) + ", found " + value);
  };
  auto refuse_true = [&](const std::string& key) {
    bool value = false;
    language.read(key, value);
    if (value) language.unsupported(key, "expected false, found true");
  };
  refuse_unless("scoring_func", {"softmax"});
  refuse_unless("topk_method", {"greedy", "gready"});  // the official default is misspelt
  refuse_unless("hidden_act", {"silu"});
  refuse_true("use_mla");
  refuse_true("attention_bias");
  if (language.find("rope_scaling")) language.unsupported("rope_scaling", "expected none");
}

void check_decoder(const Section& language, const DecoderConfig& decoder) {
  auto require = [&](bool holds, const std::string& key, const std::string& what) {
    if (!holds) language.damaged(key, what);
  };
  require(decoder.hidden % decoder.heads == 0, "num_attention_heads",
          "expected a divisor of hidden_size");
  require(decoder.head_dim() % 2 == 0, "num_attention_heads", "expected an even head size");
  require(decoder.heads % decoder.kv_heads == 0, "num_key_value_heads",
          "expected a divisor of num_attention_heads");
  require(decoder.experts == 0 || (decoder.experts_per_token >= 1 &&
                                   decoder.experts_per_token <= decoder.experts),
          "num_experts_per_tok", "expected 1 to n_routed_experts");
  require(decoder.norm_epsilon > 0, "rms_norm_eps", "expected a positive number");
  require(decoder.rope_theta > 0, "rope_theta", "expected a positive number");
}

DecoderConfig read_decoder(const Section& language) {
  refuse_other_decoders(language);
  DecoderConfig decoder;
  language.require_size("vocab_size", decoder.vocab);
  language.require_size("hidden_size", decoder.hidden);
  language.require_size("num_hidden_layers", decoder.layers);
  language.require_size("num_attention_heads", decoder.heads);
  decoder.kv_heads = decoder.heads;
  language.read_size("num_key_value_heads", decoder.kv_heads);
  language.read_size("intermediate_size", decoder.intermediate);
  language.read_size("first_k_dense_replace", decoder.first_dense, 0);
  language.read_size("moe_layer_freq", decoder.moe_frequency);
  language.read_size("n_routed_experts", decoder.experts, 0);
  language.read_size("num_experts_per_tok", decoder.experts_per_token, 0);
  language.read_size("moe_intermediate_size", decoder.expert_intermediate);
  language.read_size("n_shared_experts", decoder.shared_experts, 0);
  language.read("norm_topk_prob", decoder.normalize_top_k);
  language.read("routed_scaling_factor", decoder.routed_scale);
  language.read("rms_norm_eps", decoder.norm_epsilon);
  language.read("rope_theta", decoder.rope_theta);
  language.read_size("max_position_embeddings", decoder.max_positions);
  language.read("tie_word_embeddings", decoder.tied_embeddings);
  language.read_size("bos_token_id", decoder.bos, 0);
  language.read_size("eos_token_id", decoder.eos, 0);
  check_decoder(language, decoder);
  return decoder;
}

LineReadingConfig read_line_reading(const Section& section, const DecoderConfig& decoder) {
  LineReadingConfig lines;
  section.require_size("first_position_token", lines.first_position_token);
  section.read_size("position_tokens", lines.position_tokens);
  if (lines.first_position_token + lines.position_tokens > decoder.vocab)
    section.damaged("first_position_token", "expected position tokens within the vocabulary");
  return lines;
}

/// A place has sine and cosine of two coordinates for every frequency.
void check_features(const Section& section, const std::string& key, int features) {
  if (features % 4) section.damaged(key, "expected a multiple of 4");
}

CursorConfig read_cursor(const Section& section) {
  CursorConfig cursor;
  section.read_size("features", cursor.features);
  section.read("min_cycles", cursor.min_cycles);
  section.read("max_cycles", cursor.max_cycles);
  check_features(section, "features", cursor.features);
  return cursor;
}

GlyphReaderConfig read_glyph_reader(const Section& section) {
  GlyphReaderConfig reader;
  section.read_size("slots", reader.slots);
  section.read_size("features", reader.features);
  section.read_size("hidden", reader.hidden);
  section.read_size("address_features", reader.address_features);
  section.read_size("address_hidden", reader.address_hidden);
  section.read("address_min_cycles", reader.address_min_cycles);
  section.read("address_max_cycles", reader.address_max_cycles);
  section.read("address_scale", reader.address_scale);
  section.read_size("refiner_hidden", reader.refiner_hidden, 0);
  section.read_size("refiner_layers", reader.refiner_layers, 1);
  check_features(section, "address_features", reader.address_features);
  return reader;
}

ConfidenceConfig read_confidence(const Section& section) {
  ConfidenceConfig weights;
  section.read("bias", weights.bias);
  section.read("decoder", weights.decoder);
  section.read("weakest", weights.weakest);
  section.read("glyph_reader", weights.glyph_reader);
  section.read("cells_per_token", weights.cells_per_token);
  return weights;
}

PageReadingConfig read_page_reading(const Section& section, const DecoderConfig& decoder) {
  PageReadingConfig pages;
  section.read("name", pages.name);
  section.read("levels", pages.levels);
  section.read_numbers("densities", pages.densities);
  pages.line_reading = read_line_reading(section.section("line_reading"), decoder);
  pages.cursor = read_cursor(section.section("cursor"));
  pages.glyph_reader = read_glyph_reader(section.section("glyph_reader"));
  section.section("glimpse").read_size("cells", pages.glimpse_cells);
  pages.confidence = read_confidence(section.section("confidence"));
  return pages;
}

void check_groups(const Section& section, const AtlasConfig& atlas) {
  const auto characters = static_cast<int>(utf8_count(atlas.narrow) + utf8_count(atlas.wide));
  int before = 0;
  for (const int first : atlas.groups) {
    if (first <= before || first >= characters)
      section.damaged("groups", "expected rising numbers from 1 to " + std::to_string(characters - 1) +
                                    ", found " + std::to_string(first));
    before = first;
  }
}

AtlasConfig read_atlas(const Section& section) {
  AtlasConfig atlas;
  std::array<int, 2> cell{atlas.cell_width, atlas.cell_height};
  section.read("font", atlas.font);
  section.read_numbers("cell", cell);
  section.read("narrow", atlas.narrow);
  section.read("wide", atlas.wide);
  section.read_numbers("groups", atlas.groups);
  if (cell[0] < 1 || cell[1] < 1) section.damaged("cell", "expected a width and a height");
  check_groups(section, atlas);
  atlas.cell_width = cell[0];
  atlas.cell_height = cell[1];
  return atlas;
}

json parse_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, path + ": cannot be opened");
  std::ostringstream text;
  text << file.rdbuf();
  return read_json<json>(text.str(), path);
}

void check_projector(const Section& root) {
  std::string type = "linear";
  auto section = root.section("projector_config");
  section.read("projector_type", type);
  if (type != "linear") section.unsupported("projector_type", "expected linear, found " + type);
}

/// Controls of `fovea.training` have an encoder without a picture.
void check_encoder(const Section& root) {
  auto fovea = root.section("fovea");
  if (fovea.find("encoder"))
    fovea.unsupported("encoder",
                      "this checkpoint is a control whose encoder sees no pictures; it is read by "
                      "`python -m fovea.training evaluate` alone");
}

}  // namespace

ModelConfig read_config(const std::string& path) {
  auto values = parse_file(path);
  Section root(path, values);
  check_encoder(root);
  auto vision = root.section("vision_config");
  ModelConfig config;
  root.read("model_type", config.name);
  root.read("_name_or_path", config.name);
  config.sam = read_sam(vision);
  config.clip = read_clip(vision);
  check_projector(root);
  auto* language = root.find("language_config");
  config.decoder = read_decoder(
      language ? Section(path, *language, "language_config", &root) : root);
  root.read_size("image_token_id", config.image_token, 0);
  if (root.find("fovea")) {
    config.page_reading = read_page_reading(root.section("fovea"), config.decoder);
    config.name = config.page_reading->name;
  }
  if (root.find("atlas")) config.atlas = read_atlas(root.section("atlas"));
  return config;
}

}  // namespace fovea
