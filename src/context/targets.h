#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/text_tokens.h"

namespace fovea {

/// How a provider counts a picture's tokens. Which fields count follows from `kind`; see
/// doc/context.md.
struct CountRule {
  enum class Kind { none, grid, tiles, patches, area, flat };
  Kind kind = Kind::none;
  int patch = 0;           ///< px; grid, patches
  int row_end = 0;         ///< grid: tokens at the end of each row
  int view_end = 0;        ///< grid: tokens at the end of the picture
  int tile = 0;            ///< px; tiles
  int base = 0;            ///< tiles: tokens of every picture
  int per_tile = 0;        ///< tiles
  int fit = 0;             ///< tiles: the picture is first shrunk into this square, px; 0: not
  int short_side = 0;      ///< tiles: then its short side to this, px; 0: not
  double factor = 1;       ///< patches: tokens a patch
  bool nearest = false;    ///< patches: sides go to the nearest multiple of a patch, not up
  int least = 0;           ///< patches: a picture of fewer is enlarged
  int most = 0;            ///< patches: a picture of more is shrunk; 0: no limit
  int max_side = 0;        ///< patches: a longer side is shrunk to this, px; 0: no limit
  double per_megapixel = 0;  ///< area
  int tokens = 0;          ///< flat
};

struct TargetLimits {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::size_t images = kNone;         ///< a request
  std::size_t image_bytes = kNone;    ///< a picture, in base64
  std::size_t request_bytes = kNone;  ///< all pictures and text
  int side = std::numeric_limits<int>::max();  ///< px
};

/// A model, or models that count alike, that a context is made for.
struct Target {
  enum class Pages {
    as_remembered,  ///< at their own density and level: our codec reads them
    redrawn,        ///< drawn for this model, with cells of at least `min_cell`
    never,          ///< text only
  };
  std::string name;
  Pages pages = Pages::never;
  CountRule count;
  std::array<int, 2> min_cell = {0, 0};  ///< px, width and height as the model sees them
  std::vector<int> sides;                ///< px that the model takes; empty: any
  TargetLimits limits;
  TextRates text_rates;  ///< of its tokenizer
  std::string detail;  ///< OpenAI's "detail" of a picture; empty: none
};

/// The data file of targets: models/targets.json.
class Targets {
 public:
  /// Throws Error(not_found | corruption | unsupported) naming the file and the key.
  static Targets read(const std::string& path);
  static Targets parse(std::string_view json, const std::string& name);

  /// By the target's name, or that of a model: whatever its case, its provider's prefix and what
  /// follows the name of its family ("openai/GPT-4o-2024-11-20" is of gpt-4o). Nothing for a model
  /// that no target names.
  const Target* find(std::string_view name) const;
  /// The target that sees no pictures, for models that nobody has counted for.
  const Target& text() const;
  /// "fovea, text, ..."
  std::string names() const;
  const std::string& version() const { return version_; }

 private:
  struct Entry {
    Target target;
    std::vector<std::string> models;
  };
  std::string version_;
  std::vector<Entry> entries_;
};

}  // namespace fovea
