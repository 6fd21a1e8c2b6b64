#include "model/reading/glyph_head.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include "model/operators/in_pieces.h"
#include "model/operators/to_vector.h"

namespace fovea {
namespace {

/// Logarithm of the least probability of a right half that the cell before it may be a wide
/// character with: a probability that is not worth a thought.
constexpr float kMayBeRightHalf = -11.0f;

constexpr std::int64_t kCellsScored = 64;  // whose scores of a group stay in the cache
constexpr std::int64_t kScoresAtOnce = 64 << 20;  // of a group, all cells in steps

Argmax room_for(std::int64_t cells) {
  const auto n = static_cast<std::size_t>(cells);
  return {std::vector<std::int64_t>(n), std::vector<float>(n), std::vector<float>(n)};
}

void put(const Argmax& some, std::int64_t first, Argmax& all) {
  std::copy(some.index.begin(), some.index.end(), all.index.begin() + first);
  std::copy(some.score.begin(), some.score.end(), all.score.begin() + first);
  std::copy(some.log_probability.begin(), some.log_probability.end(),
            all.log_probability.begin() + first);
}

/// log(exp(first) + the sum of exp(x) for `n` values), `n` at least 1.
float log_sum(float first, const float* x, std::int64_t n) {
  const float top = std::max(first, *std::max_element(x, x + n));
  float sum = std::exp(first - top);
  for (std::int64_t i = 0; i < n; ++i) sum += std::exp(x[i] - top);
  return top + std::log(sum);
}

}  // namespace

/// What is known of a page's cells while the groups are looked into.
struct GlyphHead::Sight {
  at::Tensor hidden;      ///< [cells, hidden] float32
  at::Tensor gates;       ///< [cells, groups] float32, log probabilities; -infinity: looked into
  Argmax best;
};

GlyphHead::GlyphHead(Checkpoint& checkpoint, const GlyphReaderConfig& config,
                     const Alphabet& alphabet)
    : own_pieces_(checkpoint.placement().threads_own_pieces()), gated_(!alphabet.groups().empty()) {
  const std::string name = "model.glyph_reader.head.";
  in_ = load_linear(checkpoint, name + "0", config.hidden, config.features);
  const auto gates = static_cast<std::int64_t>(alphabet.groups().size());
  const std::int64_t rows = alphabet.classes() + gates;
  auto weight = checkpoint.matrix(name + "2.weight", {rows, config.hidden});
  if (weight.is_mapped()) weight = {weight.dense(), {}, {}};
  const auto bias = checkpoint.weight(name + "2.bias", {rows});
  const auto part = [&](std::int64_t first, std::int64_t count) {
    return Linear({weight.values.narrow(0, first, count),
                   weight.is_int8() ? weight.scales.narrow(0, first, count) : at::Tensor(),
                   {},
                   weight.product_type},
                  bias.narrow(0, first, count), checkpoint.placement());
  };
  if (!gated_) {
    first_ = part(0, alphabet.first_wide());
    groups_.push_back(part(alphabet.first_wide(), alphabet.classes() - alphabet.first_wide()));
    begins_.push_back(alphabet.first_wide());
    return;
  }
  begins_.assign(alphabet.groups().begin(), alphabet.groups().end());
  const auto joined = [&](const at::Tensor& all) {
    if (!all.defined()) return at::Tensor();
    return at::cat({all.narrow(0, 0, begins_[0]), all.narrow(0, alphabet.classes(), gates)});
  };
  first_ = Linear({joined(weight.values), joined(weight.scales), {}, weight.product_type},
                  joined(bias), checkpoint.placement());
  for (std::size_t i = 0; i < begins_.size(); ++i) {
    const std::int64_t end = i + 1 < begins_.size() ? begins_[i + 1] : alphabet.classes();
    groups_.push_back(part(begins_[i], end - begins_[i]));
  }
}

at::Tensor GlyphHead::hidden_of(const at::Tensor& features) const {
  return in_.activated(features, Activation::gelu);
}

at::Tensor GlyphHead::logits(const at::Tensor& features) const {
  const auto hidden = hidden_of(features);
  const auto first = first_(hidden).to(at::kFloat);
  if (!gated_) return at::cat({first, groups_[0](hidden).to(at::kFloat)}, -1);
  std::vector<at::Tensor> parts{first.narrow(-1, 0, begins_[0])};
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const auto gate = first.narrow(-1, begins_[0] + static_cast<std::int64_t>(i), 1);
    parts.push_back(gate + at::log_softmax(groups_[i](hidden).to(at::kFloat), -1));
  }
  return at::cat(parts, -1);
}

Argmax GlyphHead::see(const at::Tensor& features, const Grid& grid) const {
  if (gated_) return own_pieces_ ? see_grouped(features) : see_at_once(features);
  return own_pieces_ ? see_all(features, grid) : argmax_with_log_prob(logits(features));
}

/// Without groups. The wide characters, which may be thousands, are looked at only where the next
/// cell may be a right half.
Argmax GlyphHead::see_all(const at::Tensor& features, const Grid& grid) const {
  Argmax all = room_for(features.size(0));
  in_pieces(features.size(0) / grid.columns, 1, [&](std::int64_t row, std::int64_t) {
    const auto first = row * grid.columns;
    put(see_row(features.narrow(0, first, grid.columns)), first, all);
  });
  return all;
}

/// `features`: [columns, features] of one row of the page.
Argmax GlyphHead::see_row(const at::Tensor& features) const {
  const auto hidden = hidden_of(features);
  const auto narrow = first_(hidden);  // [columns, narrow classes]
  Argmax best = argmax_with_log_prob(narrow);
  const auto scores = narrow.accessor<float, 2>();
  std::vector<std::int64_t> cells;
  for (std::int64_t next = 1; next < narrow.size(0); ++next) {
    const float all = best.score[next] - best.log_probability[next];  // log of the sum of exp
    if (scores[next][Alphabet::kRightHalf] - all > kMayBeRightHalf) cells.push_back(next - 1);
  }
  const Linear& wide_classes = groups_[0];
  if (cells.empty() || !wide_classes.out()) return best;
  const Argmax wide = argmax_with_log_prob(wide_classes(hidden.index_select(0, at::tensor(cells))));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto cell = cells[i];
    const float a = best.score[cell] - best.log_probability[cell];
    const float b = wide.score[i] - wide.log_probability[i];
    const float all = std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
    if (wide.score[i] > best.score[cell]) {
      best.index[cell] = first_.out() + wide.index[i];
      best.score[cell] = wide.score[i];
    }
    best.log_probability[cell] = std::min(0.0f, best.score[cell] - all);
  }
  return best;
}

Argmax GlyphHead::see_grouped(const at::Tensor& features) const {
  const std::int64_t cells = features.size(0), groups = static_cast<std::int64_t>(groups_.size());
  Sight sight{at::empty({cells, in_.out()}, at::kFloat), at::empty({cells, groups}, at::kFloat),
              room_for(cells)};
  in_pieces(cells, kCellsScored, [&](std::int64_t begin, std::int64_t end) {
    const auto hidden = hidden_of(features.narrow(0, begin, end - begin));
    const auto scores = first_(hidden);  // [n, classes before the groups, gates]
    Argmax best = argmax_with_log_prob(scores.narrow(1, 0, begins_[0]));
    const auto logits = scores.accessor<float, 2>();
    auto gates = sight.gates.accessor<float, 2>();
    for (std::int64_t i = 0; i < end - begin; ++i) {
      // The sum is over the gates too, the choice is not.
      float& log_probability = best.log_probability[static_cast<std::size_t>(i)];
      const float score = best.score[static_cast<std::size_t>(i)];
      const float* const of_groups = &logits[i][begins_[0]];
      const float sum = log_sum(score - log_probability, of_groups, groups);
      log_probability = std::min(0.0f, score - sum);
      for (std::int64_t group = 0; group < groups; ++group)
        gates[begin + i][group] = of_groups[group] - sum;
    }
    put(best, begin, sight.best);
    sight.hidden.narrow(0, begin, end - begin).copy_(hidden);
  });
  const auto gates = std::as_const(sight.gates).accessor<float, 2>();
  // The likeliest group of each cell first: with it, few cells need another.
  std::vector<std::vector<std::int64_t>> wanted(groups_.size());
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    std::int64_t likeliest = 0;
    for (std::int64_t i = 1; i < groups; ++i)
      if (gates[cell][i] > gates[cell][likeliest]) likeliest = i;
    if (gates[cell][likeliest] > sight.best.log_probability[cell]) wanted[likeliest].push_back(cell);
  }
  look_into(sight, wanted);
  for (std::int64_t i = 0; i < groups; ++i) {
    wanted.assign(groups_.size(), {});
    for (std::int64_t cell = 0; cell < cells; ++cell)
      if (gates[cell][i] > sight.best.log_probability[cell]) wanted[i].push_back(cell);
    look_into(sight, wanted);
  }
  return std::move(sight.best);
}

/// With groups, in steps over all cells: for a GPU, which is only asked which cells need a group.
Argmax GlyphHead::see_at_once(const at::Tensor& features) const {
  const auto hidden = hidden_of(features);
  const auto groups = static_cast<std::int64_t>(groups_.size());
  const auto scores = first_(hidden).to(at::kFloat);  // [cells, classes before the groups, gates]
  const auto sum = at::logsumexp(scores, -1, /*keepdim=*/true);
  const auto first_best = scores.narrow(1, 0, begins_[0]).max(1);
  auto score = std::get<0>(first_best), index = std::get<1>(first_best);  // [cells]
  auto sure = score - sum.squeeze(1);                                     // log probability
  auto gates = scores.narrow(1, begins_[0], groups) - sum;                // [cells, groups]
  const auto look = [&](std::int64_t group, const at::Tensor& cells) {
    const Linear& classes = groups_[static_cast<std::size_t>(group)];
    const auto at_once = std::max<std::int64_t>(1, kScoresAtOnce / classes.out());
    for (std::int64_t begin = 0; begin < cells.size(0); begin += at_once) {
      const auto some = cells.narrow(0, begin, std::min(at_once, cells.size(0) - begin));
      const auto found = classes(hidden.index_select(0, some)).to(at::kFloat);
      const auto [top, best] = found.max(1);
      const auto gate = gates.select(1, group).index_select(0, some);
      const auto found_sure = gate + top - at::logsumexp(found, 1);
      const auto before = sure.index_select(0, some);
      const auto better = found_sure > before;
      const auto put = [&](at::Tensor& all, const at::Tensor& values) {
        all.index_copy_(0, some, at::where(better, values, all.index_select(0, some)));
      };
      put(index, best + begins_[static_cast<std::size_t>(group)]);
      put(score, top);
      put(sure, found_sure);
      gates.select(1, group).index_fill_(0, some, -std::numeric_limits<float>::infinity());
    }
  };
  // The likeliest group of each cell first: with it, few cells need another.
  const auto likeliest = gates.argmax(1);
  for (std::int64_t i = 0; i < groups; ++i)
    look(i, at::logical_and(likeliest == i, gates.select(1, i) > sure).nonzero().squeeze(1));
  for (std::int64_t i = 0; i < groups; ++i)
    look(i, (gates.select(1, i) > sure).nonzero().squeeze(1));
  sure.clamp_max_(0);
  return {to_vector<std::int64_t>(index), to_vector<float>(score), to_vector<float>(sure)};
}

/// `cells`: those of each group.
void GlyphHead::look_into(Sight& sight, const std::vector<std::vector<std::int64_t>>& cells) const {
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    const std::vector<std::int64_t>& mine = cells[group];
    float* const gates = sight.gates.data_ptr<float>() + group;
    in_pieces(static_cast<std::int64_t>(mine.size()), kCellsScored,
              [&](std::int64_t begin, std::int64_t end) {
                const auto some =
                    at::tensor(at::ArrayRef<std::int64_t>(mine.data() + begin, end - begin));
                const Argmax found =
                    argmax_with_log_prob(groups_[group](sight.hidden.index_select(0, some)));
                for (std::int64_t i = 0; i < end - begin; ++i) {
                  const std::int64_t cell = mine[begin + i];
                  float& gate = gates[cell * static_cast<std::int64_t>(groups_.size())];
                  const float sure = gate + found.log_probability[i];
                  gate = -std::numeric_limits<float>::infinity();
                  if (sure <= sight.best.log_probability[cell]) continue;
                  sight.best.index[cell] = begins_[group] + found.index[i];
                  sight.best.score[cell] = found.score[i];
                  sight.best.log_probability[cell] = sure;
                }
              });
  }
}

}  // namespace fovea
