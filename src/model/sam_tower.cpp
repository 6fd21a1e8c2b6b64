#include "model/sam_tower.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>

#include "fovea/error.h"
#include "model/attention.h"
#include "model/operators/in_pieces.h"

namespace fovea {
namespace {

constexpr double kSamEpsilon = 1e-6;
constexpr std::int64_t kDefaultWindow = 14;
constexpr std::int64_t kPlacesAtOnce = 128;  // that stay in a core's cache
constexpr std::int64_t kWindowsAtOnce = 2;   // of 64 places
const std::string kSamPrefix = "model.sam_model.";

std::string block_name(int index) { return kSamPrefix + "blocks." + std::to_string(index) + "."; }

/// The window's side, from config.json or half the length of a window block's rel_pos_h.
std::int64_t window_side(const Checkpoint& checkpoint, const SamConfig& config,
                         const std::vector<bool>& is_global) {
  if (config.window) return *config.window;
  auto block = std::find(is_global.begin(), is_global.end(), false) - is_global.begin();
  if (!config.rel_pos || block == config.layers) return kDefaultWindow;
  auto table = block_name(static_cast<int>(block)) + "attn.rel_pos_h";
  return (checkpoint.shape(table, 2)[0] + 1) / 2;
}

/// For every query place and every key place of an axis, its row of the table.
/// `table`: [2 * side - 1, head_dim]. Returns [side, head_dim, side].
at::Tensor offset_rows(const at::Tensor& table, std::int64_t side) {
  auto place = at::arange(side, at::TensorOptions().dtype(at::kLong).device(table.device()));
  auto row = place.unsqueeze(1) - place.unsqueeze(0) + (side - 1);
  auto rows = table.index_select(0, row.flatten()).view({side, side, table.size(1)});
  return rows.transpose(1, 2).contiguous();
}

/// q . R of one axis for all queries. `q`: [B, heads, side, side, head_dim] with the axis at
/// dimension `axis`; `rows`: [side, head_dim, side].
/// Returns [B * heads, side * side, side], last = key place.
at::Tensor axis_bias(const at::Tensor& q, const at::Tensor& rows, int axis) {
  auto b = q.size(0), heads = q.size(1), side = q.size(2);
  auto by_place = q.movedim(axis, 0).reshape({side, b * heads * side, q.size(4)});
  auto bias = at::bmm(by_place, rows).view({side, b, heads, side, side});
  return bias.movedim(0, axis).reshape({b * heads, side * side, side});
}

/// What decomposed relative positions add to the scores. `q`: [B, heads, side * side, head_dim],
/// unscaled.
AxisBias relative_bias(const at::Tensor& q, const at::Tensor& rows_h, const at::Tensor& rows_w,
                       const at::Tensor& marks) {
  auto side = rows_h.size(0);
  auto grid = q.to(rows_h.scalar_type()).unflatten(2, {side, side});
  return {axis_bias(grid, rows_h, 2), axis_bias(grid, rows_w, 3), marks};
}

/// A weight of more than two sides as a matrix.
StoredMatrix flat(StoredMatrix weight) {
  auto& values = weight.is_mapped() ? weight.mapped[0] : weight.values;
  values = values.flatten(1);
  return weight;
}

/// The weight of a 3 x 3 convolution as a linear map of windows.
Linear load_convolution(Checkpoint& checkpoint, const std::string& name, std::int64_t out,
                        std::int64_t in) {
  auto weight = checkpoint.matrix(kSamPrefix + name + ".weight", {out, in, 3, 3});
  if (weight.is_mapped()) weight = {weight.dense(), {}};
  weight.values = weight.values.permute({0, 2, 3, 1}).reshape({out, 9 * in});
  return Linear(weight, checkpoint.placement());
}

/// A 3 x 3 convolution with padding 1 as one product: the windows' rows lie side by side in memory
/// when channels come last. `in_rows`: threads take rows of places. `x`: [B, H, W, in].
/// Returns [B, H / stride, W / stride, out].
at::Tensor convolve(const at::Tensor& x, const Linear& map, std::int64_t stride, bool in_rows) {
  auto padded = at::constant_pad_nd(x.to(map.type()), {0, 0, 1, 1, 1, 1}).contiguous();
  auto b = x.size(0), h = (x.size(1) - 1) / stride + 1, w = (x.size(2) - 1) / stride + 1;
  auto down = padded.stride(1), right = padded.stride(2);
  auto windows = padded.as_strided({b, h, w, 3, 3 * x.size(3)},
                                   {padded.stride(0), stride * down, stride * right, down, 1});
  if (!in_rows) return map(windows.reshape({b, h, w, map.in()}));
  auto out = at::empty({b, h, w, map.out()}, padded.options());
  auto rows = std::max<std::int64_t>(1, kPlacesAtOnce / (b * w));
  in_pieces(h, rows, [&](std::int64_t begin, std::int64_t end) {
    auto n = end - begin;
    out.narrow(1, begin, n).copy_(map(windows.narrow(1, begin, n).reshape({b, n, w, map.in()})));
  });
  return out;
}

/// [B, n * side, n * side, width] -> [B * n * n, side, side, width].
at::Tensor to_windows(const at::Tensor& x, std::int64_t side) {
  auto n = x.size(1) / side;
  return x.view({x.size(0), n, side, n, side, x.size(3)})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({x.size(0) * n * n, side, side, x.size(3)});
}

/// And back: `windows`: [b * n * n, side, side, width].
at::Tensor from_windows(const at::Tensor& windows, std::int64_t b, std::int64_t n) {
  auto side = windows.size(1), width = windows.size(3);
  return windows.view({b, n, n, side, side, width})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({b, n * side, n * side, width});
}

void report(const Probe& probe, const std::string& name, const at::Tensor& value) {
  if (probe) probe(name, value);
}

}  // namespace

SamTower::SamTower(Checkpoint& checkpoint, const SamConfig& config)
    : placement_(checkpoint.placement()), heads_(config.heads), blocks_(config.layers) {
  std::vector<bool> is_global(config.layers, false);
  for (int block : config.global_blocks) is_global[block] = true;
  window_ = window_side(checkpoint, config, is_global);

  auto patch = kSamPrefix + "patch_embed.proj";
  Shape patch_shape{config.width, config.channels, kPatchSide, kPatchSide};
  patch_embed_ = Linear(flat(checkpoint.matrix(patch + ".weight", patch_shape)),
                        checkpoint.weight(patch + ".bias", {config.width}), checkpoint.placement());
  auto side = checkpoint.shape(kSamPrefix + "pos_embed", 4)[1];
  positions_ = checkpoint.table(kSamPrefix + "pos_embed", {1, side, side, config.width}).squeeze(0);
  for (int i = 0; i < config.layers; ++i) {
    blocks_[i].global = is_global[i];
    load_block(checkpoint, config, i, blocks_[i]);
  }
  load_compressor(checkpoint, config);
}

void SamTower::load_block(Checkpoint& checkpoint, const SamConfig& config, int index,
                          Block& block) {
  auto name = block_name(index);
  auto width = config.width;
  auto hidden = checkpoint.shape(name + "mlp.lin1.weight", 2)[0];
  block.norm1 = load_layer_norm(checkpoint, name + "norm1", width, kSamEpsilon);
  block.norm2 = load_layer_norm(checkpoint, name + "norm2", width, kSamEpsilon);
  block.qkv = load_linear(checkpoint, name + "attn.qkv", 3 * width, width);
  block.proj = load_linear(checkpoint, name + "attn.proj", width, width);
  block.lin1 = load_linear(checkpoint, name + "mlp.lin1", hidden, width);
  block.lin2 = load_linear(checkpoint, name + "mlp.lin2", width, hidden);
  if (!config.rel_pos) return;
  auto length = block.global ? checkpoint.shape(name + "attn.rel_pos_h", 2)[0] : 2 * window_ - 1;
  auto head_dim = width / heads_;
  block.rel_pos_h = checkpoint.table(name + "attn.rel_pos_h", {length, head_dim});
  block.rel_pos_w = checkpoint.table(name + "attn.rel_pos_w", {length, head_dim});
}

void SamTower::load_compressor(Checkpoint& checkpoint, const SamConfig& config) {
  auto first = kSamPrefix + "neck.0.weight";
  auto neck = config.neck ? *config.neck : checkpoint.shape(first, 4)[0];
  auto [middle, out] = config.downsample;
  neck_in_ =
      Linear(flat(checkpoint.matrix(first, {neck, config.width, 1, 1})), checkpoint.placement());
  neck_norm1_ = load_layer_norm(checkpoint, kSamPrefix + "neck.1", neck, kSamEpsilon);
  neck_conv_ = load_convolution(checkpoint, "neck.2", neck, neck);
  neck_norm2_ = load_layer_norm(checkpoint, kSamPrefix + "neck.3", neck, kSamEpsilon);
  net_2_ = load_convolution(checkpoint, "net_2", middle, neck);
  net_3_ = load_convolution(checkpoint, "net_3", out, middle);
}

at::Tensor SamTower::forward(const at::Tensor& pixels, const Probe& probe) const {
  auto x = embed_patches(pixels);  // [B, G, G, width]
  report(probe, "patch_embed", x);
  auto side = x.size(1);
  x = x + positions_of_.get(side, [&] { return resize_grid(positions_, side); });
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    run_block(blocks_[i], x);
    report(probe, "sam_block" + std::to_string(i), x);
  }
  return compress(x, probe);
}

at::Tensor SamTower::embed_patches(const at::Tensor& pixels) const {
  auto b = pixels.size(0), c = pixels.size(1), side = pixels.size(2) / kPatchSide;
  auto patches = pixels.view({b, c, side, kPatchSide, side, kPatchSide})
                     .permute({0, 2, 4, 1, 3, 5})
                     .reshape({b, side, side, c * kPatchSide * kPatchSide});
  return patch_embed_(patches).to(at::kFloat);
}

/// One block on the residual stream `x` [B, G, G, width].
void SamTower::run_block(const Block& block, at::Tensor& x) const {
  auto pads = x.size(1) % window_ != 0;
  if (!placement_.threads_own_pieces() || (pads && !block.global)) {
    auto normed = block.norm1(x).to(block.qkv.type());  // before windows are copied
    if (block.global)
      block.proj.add_to(x, attention(block, normed));
    else
      x.add_(window_attention(block, normed));
    add_mlp(block, x);
  } else if (block.global) {
    run_global_block(block, x);
  } else {
    run_windows(block, x);
  }
}

/// On the CPU: windows know nothing of each other, so each goes through the whole block by itself.
void SamTower::run_windows(const Block& block, at::Tensor& x) const {
  auto windows = to_windows(x, window_);
  in_pieces(windows.size(0), kWindowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    auto some = windows.narrow(0, begin, end - begin);
    block.proj.add_to(some, attention(block, block.norm1(some)));
    add_mlp(block, some);
  });
  x = from_windows(windows, x.size(0), x.size(1) / window_);
}

/// On the CPU: only attention needs all places at once.
void SamTower::run_global_block(const Block& block, at::Tensor& x) const {
  auto b = x.size(0), places = x.size(1) * x.size(2), width = x.size(3);
  auto rows = x.view({b * places, width});
  auto qkv = map_rows(rows, 3 * width,
                      [&](const at::Tensor& some) { return block.qkv(block.norm1(some)); });
  auto attended = attend(block, qkv.view({b, places, 3 * width}), x.size(1)).view_as(rows);
  in_pieces(b * places, kPlacesAtOnce, [&](std::int64_t begin, std::int64_t end) {
    auto some = rows.narrow(0, begin, end - begin);
    block.proj.add_to(some, attended.narrow(0, begin, end - begin));
    add_mlp(block, some);
  });
}

/// Every place of a square attending to all of its places. `qkv`: [B, side * side, 3 * width].
/// Returns [B, side * side, width].
at::Tensor SamTower::attend(const Block& block, const at::Tensor& qkv, std::int64_t side) const {
  if (!block.rel_pos_h.defined()) return self_attention(qkv, heads_, placement_);
  // On a GPU everything goes into one product, so finer values than its type's would be lost.
  auto options = qkv.options().dtype(qkv.is_cuda() ? qkv.scalar_type() : at::kFloat);
  auto rows = [&](const GridTables& tables, const at::Tensor& table) {
    return tables.get(side, [&] {
      return offset_rows(resize_line(table, 2 * side - 1), side).to(options);
    });
  };
  at::Tensor marks;
  if (qkv.is_cuda())
    marks = marks_of_.get(side,
                          [&] { return key_marks(side, qkv.size(2) / (3 * heads_), options); });
  return self_attention(
      qkv, heads_, placement_,
      relative_bias(queries_of(qkv, heads_), rows(block.offsets_h, block.rel_pos_h),
                    rows(block.offsets_w, block.rel_pos_w), marks));
}

/// Before the projection. `x`: [B, n, n, width], as what it returns.
at::Tensor SamTower::attention(const Block& block, const at::Tensor& x) const {
  auto b = x.size(0), side = x.size(1), width = x.size(3);
  auto qkv = block.qkv(x).view({b, side * side, 3 * width});
  return attend(block, qkv, side).view(x.sizes());
}

/// Attention inside windows. Zero rows fill the grid up to whole windows; they take part like any
/// other, their keys being the bias of the projection.
at::Tensor SamTower::window_attention(const Block& block, const at::Tensor& x) const {
  auto b = x.size(0), side = x.size(1);
  auto n = (side + window_ - 1) / window_;  // windows on a side
  auto pad = n * window_ - side;
  auto padded = pad ? at::constant_pad_nd(x, {0, 0, 0, pad, 0, pad}) : x;
  auto out = from_windows(block.proj(attention(block, to_windows(padded, window_))), b, n);
  return out.narrow(1, 0, side).narrow(2, 0, side);
}

void SamTower::add_mlp(const Block& block, at::Tensor& x) const {
  block.lin2.add_to(x, block.lin1.activated(block.norm2(x), Activation::gelu));
}

at::Tensor SamTower::compress(const at::Tensor& x, const Probe& probe) const {
  auto planes = [](const at::Tensor& y) { return y.permute({0, 3, 1, 2}); };
  auto convolved = [&](const at::Tensor& y, const Linear& map, std::int64_t stride) {
    return convolve(y, map, stride, placement_.threads_own_pieces());
  };
  auto y = neck_norm1_(neck_in_(x));             // [B, G, G, neck]
  y = neck_norm2_(convolved(y, neck_conv_, 1));  // [B, G, G, neck]
  report(probe, "neck", planes(y));
  y = convolved(convolved(y, net_2_, 2), net_3_, 2).to(at::kFloat);  // [B, G/4, G/4, out]
  report(probe, "sam_out", planes(y));
  return y;
}

}  // namespace fovea
