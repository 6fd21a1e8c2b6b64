#include "model/golden/tolerance.h"

#include <array>
#include <regex>
#include <string>

namespace fovea::golden {
namespace {

struct Row {
  const char* pattern;  ///< of the name after the case, "tiny." or "tables."
  Tolerance tolerance;
};

const std::array kRows = {
    Row{"(sam|clip)_pos_[0-9]+|sam_rel_pos_[hw]_block[0-9]+_[0-9]+", {Rule::absolute, 1e-5}},
    Row{"input_ids|image_mask|logits_rows|greedy_ids", {Rule::exact}},
    Row{"pixels_norm(_s[0-9]+)?", {Rule::normals, 1e-6}},
    Row{"(tile_)?(sam_|clip_|projector|image_embeds).*|inputs_embeds", {Rule::absolute, 2e-4}},
    Row{"decoder_layer[0-9]+(_attn|_moe_in|_moe_out)?", {Rule::absolute, 3e-4}},
    Row{"router[0-9]+_(probs|weight)", {Rule::absolute, 2e-5}},
    Row{"router[0-9]+_idx", {Rule::experts, 1e-4}},
    Row{"logits|logits_sel|greedy_logits", {Rule::absolute, 5e-4}},
    Row{".+\\.(tiny|small|base|large|gundam|gundam_tiles)(_s[0-9]+)?", {Rule::pixels}},
};

}  // namespace

std::optional<Tolerance> tolerance_of(std::string_view name) {
  auto dot = name.find('.');
  if (dot == name.npos) return {};
  std::string rest(name.substr(dot + 1));
  for (auto& row : kRows) {
    if (std::regex_match(rest, std::regex(row.pattern))) return row.tolerance;
  }
  return {};
}

}  // namespace fovea::golden
