#include "bench/encoders/designs.h"

#include <algorithm>
#include <cmath>

#include "fovea/error.h"

namespace fovea::bench {
namespace {

using Tower = Pass::Tower;

constexpr int kPatch = 16;           // of the window tower and of the plain ViT
constexpr int kClipPatch = 14;       // InternViT, Qwen2-VL's ViT, CLIP-L
constexpr int kCompressedSide = 64;  // pixels behind one position after the compressor
constexpr int kInternTile = 448;
constexpr double kBytes = 2;  // of a bfloat16

double square(double x) { return x * x; }

/// Window tower, compressor, global tower over what it leaves: DeepSeek-OCR, arXiv 2510.18234.
void add_serial(Plan& plan, int pictures, int side) {
  plan.passes.push_back({Tower::window, pictures, side / kPatch});
  plan.passes.push_back({Tower::global, pictures, side / kCompressedSide});
  plan.tokens += pictures * (side / kCompressedSide) * (side / kCompressedSide);
  plan.joined = true;
}

Plan deep_encoder(int side) {
  Plan plan{};
  add_serial(plan, 1, side);
  return plan;
}

/// Tiles of 640 and a view of 1024; up to 640 the view alone.
Plan gundam(int side) {
  Plan plan{};
  if (side > 640) add_serial(plan, square_tiles(side, 640, 2, 9), 640);
  add_serial(plan, 1, 1024);
  return plan;
}

/// Tiles of 448 pixels, and the whole picture as one more; four patches in a token.
Plan tiles_with_thumbnail(int side, int max_tiles) {
  const int tiles = square_tiles(side, kInternTile, 1, max_tiles);
  const int all = tiles > 1 ? tiles + 1 : 1, grid = kInternTile / kClipPatch;
  return {{{Tower::global, all, grid, kClipPatch}}, all * grid * grid / 4, 4};
}

Plan native_resolution(int side) {
  const int tokens_on_side = qwen_patches(side);
  return {{{Tower::global, 1, 2 * tokens_on_side, kClipPatch}}, tokens_on_side * tokens_on_side, 4};
}

/// Whatever the picture, 1024 pixels for one tower and 224 for the other.
Plan parallel_towers(int) {
  Plan plan{{{Tower::window, 1, 1024 / kPatch}, {Tower::global, 1, 224 / kClipPatch, kClipPatch}},
            256};
  plan.joined = true;
  return plan;
}

Plan plain_vit(int side) {
  const int grid = side / kPatch;
  return {{{Tower::global, 1, grid, kPatch}}, grid * grid};
}

const Design kDesigns[] = {
    {"DeepEncoder", "arXiv 2510.18234: (side / 64)^2", deep_encoder},
    {"Gundam", "arXiv 2510.18234: 100 a tile of 640, 2 to 9 tiles, and 256", gundam},
    {"InternVL, 12 tiles", "arXiv 2404.16821: 256 a tile of 448 and for the thumbnail",
     [](int side) { return tiles_with_thumbnail(side, 12); }},
    {"InternVL, 40 tiles", "the same, with the most tiles at inference",
     [](int side) { return tiles_with_thumbnail(side, 40); }},
    {"Qwen2-VL", "arXiv 2409.12191: (side / 28)^2, at most 16384", native_resolution},
    {"Vary", "arXiv 2312.06109: 256", parallel_towers},
    {"plain ViT", "arXiv 2010.11929: (side / 16)^2", plain_vit},
};

/// Multiplications of one block's four linear maps for a position, of them `attention` those beside
/// attention and the others those of the feed-forward layer.
double attention_maps(double width) { return 4 * square(width); }
double feed_forward(double width) { return 8 * square(width); }

double window_products(const Pass& pass, const EncoderSizes& sizes) {
  const SamConfig& sam = sizes.sam;
  const double width = sam.width, grid = pass.grid, places = square(grid), window = *sam.window;
  const double padded = square(std::ceil(grid / window) * window);
  // Queries and keys, weights and values, and, in DeepSeek-OCR, a query and its axes' offsets.
  auto attend = [&](double queries, double side) {
    return queries * width * (2 * square(side) + (sam.rel_pos ? 2 * side : 0));
  };
  const double global_blocks = double(sam.global_blocks.size());
  const double window_blocks = sam.layers - global_blocks;
  double sum = places * sam.channels * square(kPatch) * width;
  sum += sam.layers * places * feed_forward(width);
  sum += window_blocks * (padded * attention_maps(width) + attend(padded, window));
  sum += global_blocks * (places * attention_maps(width) + attend(places, grid));
  const double neck = *sam.neck, middle = sam.downsample[0], out = sam.downsample[1];
  sum += places * (width * neck + 9 * square(neck));
  sum += places / 4 * 9 * neck * middle + places / 16 * 9 * middle * out;
  return sum * pass.pictures;
}

double global_products(const Pass& pass, const EncoderSizes& sizes) {
  const double width = sizes.clip.width, places = square(pass.grid) + 1;  // with the class token
  double sum = square(pass.grid) * sizes.sam.channels * square(pass.patch) * width;
  sum += sizes.clip.layers *
         (places * (attention_maps(width) + feed_forward(width)) + 2 * square(places) * width);
  return sum * pass.pictures;
}

/// The inputs of the linear map that makes a token.
double projector_inputs(const Plan& plan, const EncoderSizes& sizes) {
  return double(plan.merged) * sizes.clip.width + (plan.joined ? sizes.sam.downsample[1] : 0);
}

template <typename Cost>
double largest(const Plan& plan, Cost cost) {
  double most = 0;
  for (const Pass& pass : plan.passes) most = std::max(most, pass.pictures * cost(pass));
  return most;
}

}  // namespace

EncoderSizes sizes_named(const std::string& name) {
  EncoderSizes sizes{{}, {}, 1280};
  sizes.sam.window = 14;
  sizes.sam.neck = 256;
  if (name == "deepseek") return sizes;
  if (name == "half") {
    sizes.sam.width = 384;
    sizes.sam.heads = 6;
    sizes.sam.neck = 128;
    sizes.sam.downsample = {256, 512};
    sizes.clip = {.width = 512, .layers = 24, .heads = 8};
    sizes.out = 640;
    return sizes;
  }
  if (name == "nano")
    return {.sam = {.width = 320,
                    .layers = 6,
                    .heads = 5,
                    .channels = 1,
                    .global_blocks = {2, 5},
                    .window = 8,
                    .neck = 256,
                    .downsample = {384, 512},
                    .rel_pos = false},
            .clip = {.width = 512, .layers = 3, .heads = 8},
            .out = 512};
  throw Error(ErrorCode::invalid_argument,
              "no sizes are called \"" + name + "\"; expected deepseek, half or nano");
}

std::span<const Design> encoder_designs() { return kDesigns; }

int square_tiles(int side, int tile_side, int min_tiles, int max_tiles) {
  int best = 1;
  while (best * best < min_tiles) ++best;
  for (int next = best + 1; next * next <= max_tiles; ++next)
    if (square(side) > 0.5 * square(tile_side) * square(next)) best = next;
  return best * best;
}

int qwen_patches(int side) {
  constexpr double kMaxPixels = 16384 * 28 * 28;  // of the published preprocessor_config.json
  const int patches = int(std::nearbyint(side / 28.0));  // half to even, as Python's round()
  if (square(28.0 * patches) <= kMaxPixels) return patches;
  return int(std::floor(side / std::sqrt(square(side) / kMaxPixels) / 28));
}

double flops_of(const Plan& plan, const EncoderSizes& sizes) {
  double products = plan.tokens * projector_inputs(plan, sizes) * sizes.out;
  for (const Pass& pass : plan.passes)
    products +=
        pass.tower == Tower::window ? window_products(pass, sizes) : global_products(pass, sizes);
  return 2 * products;
}

double activation_bytes(const Plan& plan, const EncoderSizes& sizes) {
  return kBytes * largest(plan, [&](const Pass& pass) {
           const bool window = pass.tower == Tower::window;
           const double width = window ? sizes.sam.width : sizes.clip.width;
           const double offsets =
               window && sizes.sam.rel_pos ? 2.0 * pass.grid * sizes.sam.heads : 0;
           return square(pass.grid) * std::max(5 * width + offsets, 6 * width);
         });
}

double score_bytes(const Plan& plan, const EncoderSizes& sizes) {
  return kBytes * largest(plan, [&](const Pass& pass) {
           const int heads = pass.tower == Tower::window ? sizes.sam.heads : sizes.clip.heads;
           return heads * square(square(pass.grid));
         });
}

}  // namespace fovea::bench
