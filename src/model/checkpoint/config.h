#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

/// First tower: a window-attention ViT over 16 px patches, its neck and the two strided
/// convolutions. Defaults are DeepSeek-OCR's, whose config.json names only some of them.
struct SamConfig {
  int width = 768;
  int layers = 12;
  int heads = 12;
  int channels = 3;                            ///< of the picture: 3 RGB, 1 gray
  std::vector<int> global_blocks{2, 5, 8, 11}; ///< blocks that attend to the whole grid
  std::optional<int> window;                   ///< patches on a side; absent: read off rel_pos_h
  std::optional<int> neck;                     ///< channels; absent: read off neck.0.weight
  std::array<int, 2> downsample{512, 1024};    ///< channels after net_2 and net_3
  bool rel_pos = true;                         ///< decomposed relative positions in every block
};

/// Second tower: a plain ViT over the first one's output.
struct ClipConfig {
  int width = 1024;
  int layers = 24;
  int heads = 16;
};

/// The language model. Defaults are those of DeepSeek's own configuration class.
struct DecoderConfig {
  int vocab = 102400;
  int hidden = 4096;
  int layers = 30;
  int heads = 32;
  int kv_heads = 32;
  int intermediate = 11008;      ///< width of a dense feed-forward layer
  int first_dense = 0;           ///< layers below this one are dense
  int moe_frequency = 1;         ///< of the others, every n-th has experts
  int experts = 0;               ///< routed; 0: every layer is dense
  int experts_per_token = 0;
  int expert_intermediate = 1407;
  int shared_experts = 0;        ///< one block of shared_experts * expert_intermediate
  bool normalize_top_k = false;  ///< chosen weights rescaled to sum 1
  double routed_scale = 1.0;
  double norm_epsilon = 1e-6;
  double rope_theta = 10000.0;
  int max_positions = 2048;
  bool tied_embeddings = false;  ///< then no lm_head.weight
  int bos = 100000;
  int eos = 100001;

  int head_dim() const { return hidden / heads; }
  bool has_experts(int layer) const {
    return experts > 0 && layer >= first_dense && layer % moe_frequency == 0;
  }
};

/// How a text row is asked for: by a token that names its vertical position.
struct LineReadingConfig {
  int first_position_token = 0;  ///< id of the one that names the top of the page
  int position_tokens = 256;
};

struct CursorConfig {
  int features = 256;
  double min_cycles = 0.25;  ///< over the page
  double max_cycles = 32.0;
};

struct GlyphReaderConfig {
  int slots = 96;     ///< a vision token
  int features = 48;  ///< a slot
  int hidden = 128;
  int address_features = 48;
  int address_hidden = 96;
  double address_min_cycles = 0.25;  ///< over a vision token's square
  double address_max_cycles = 4.0;
  double address_scale = 2.0;
  int refiner_hidden = 0;  ///< 0: without one
  int refiner_layers = 1;  ///< hidden ones, 1 or 2
};

/// What `confidence_of` weighs; fitted on held-out pages. By default the decoder is believed.
struct ConfidenceConfig {
  double bias = 0;
  double decoder = -1;
  double weakest = 0;
  double glyph_reader = 0;
  double cells_per_token = 0;
};

/// What a checkpoint trained on Fovea's own pages adds; absent from DeepSeek-OCR's.
struct PageReadingConfig {
  std::string name;
  std::vector<std::string> levels;
  std::vector<int> densities;  ///< columns
  LineReadingConfig line_reading;
  CursorConfig cursor;
  GlyphReaderConfig glyph_reader;
  int glimpse_cells = 8;
  ConfidenceConfig confidence;
};

/// The bitmaps of atlas.png.
struct AtlasConfig {
  std::string font;
  int cell_width = 20;   ///< px
  int cell_height = 40;  ///< px
  std::string narrow;    ///< UTF-8, one character a slot
  std::string wide;      ///< UTF-8, two slots a character
  /// Characters that begin a group, counted through narrow and wide ones, rising: see `GlyphHead`.
  /// Empty: all are weighed at once.
  std::vector<int> groups;
};

struct ModelConfig {
  std::string name;  ///< "fovea": name, else _name_or_path or model_type
  SamConfig sam;
  ClipConfig clip;
  DecoderConfig decoder;
  int image_token = 128815;  ///< placeholder id of a vision token in a prompt
  std::optional<PageReadingConfig> page_reading;
  std::optional<AtlasConfig> atlas;
};

/// Reads config.json: official keys with official defaults; language keys are looked for in
/// language_config, then at top level.
/// Throws Error(not_found | corruption | unsupported) naming the file and the key.
ModelConfig read_config(const std::string& path);

}  // namespace fovea
