#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/page.h"
#include "fovea/vision_tokens.h"

namespace fovea {

struct CodecOptions {
  /// "cpu", "cuda", "cuda:1"; "auto": the GPU if libtorch was built for CUDA and finds one.
  std::string device = "auto";
  /// "bf16": the big matrix products in bfloat16, twice as fast on CPUs that know it; "fp32":
  /// slower, for comparing with the training code; "auto": bf16 where the CPU has it.
  std::string precision = "auto";
  int threads = 0;  ///< 0: libtorch's choice
  /// "stored": as they stand in the file; "int8": the decoder's matrices rounded to 8 bits with a
  /// scale a row, on a CPU: half the memory to be read for a token, answers nearly the same.
  std::string weights = "stored";
};

/// What a row's confidence rests on: natural logarithms of probabilities, 0 at most.
struct RowEvidence {
  float decoder = 0;       ///< of all tokens of the row together
  float weakest = 0;       ///< of the token that the decoder is least sure of
  float glyph_reader = 0;  ///< of the cells in which the glyph reader sees something else
};

/// A drawn page's picture where it already lies in memory.
struct PagePixels {
  Level level = Level::base;
  Density density = Density::d106;
  std::span<const std::uint8_t> pixels;  ///< [side, side] gray, 0 = black; side == side_of(level)
  std::vector<int> row_lengths;          ///< see VisionTokens
};

struct ReadRow {
  std::string text;
  float confidence = 0;  ///< 0..1, how sure the reader is that the whole row is exact
  RowEvidence evidence;
};

struct ReadPage {
  std::vector<ReadRow> rows;
  std::string text;      ///< the rows joined
  float confidence = 0;  ///< mean of the rows', weighted by length
};

/// A checkpoint: DeepEncoder and MoE decoder. Const and thread-safe after construction.
class Codec {
 public:
  /// `checkpoint`: folder with config.json, model.safetensors (or shards with an index),
  /// tokenizer.json. Throws Error(not_found | corruption | unsupported) naming file and tensor.
  explicit Codec(const std::string& checkpoint, const CodecOptions& options = {});
  ~Codec();
  Codec(Codec&&) noexcept;
  Codec& operator=(Codec&&) noexcept;

  /// `pages`: drawn pages of one level, [side, side] u8 gray each, side == side_of(level).
  /// Returns one VisionTokens a page. Throws Error(invalid_argument) on mixed or wrong sides.
  std::vector<VisionTokens> encode(std::span<const Page> pages) const;
  /// The same for pictures that belong to someone else; nothing is copied.
  std::vector<VisionTokens> encode(std::span<const PagePixels> pages) const;

  /// Reads pages back, row by row, all rows of a page in one batch.
  /// Throws Error(invalid_argument) when tokens come from another checkpoint.
  std::vector<ReadPage> decode(std::span<const VisionTokens> tokens) const;

  /// What the glyph reader alone sees on the page, in one pass without the decoder: fast, and rough
  /// where the page is coarse.
  std::string glance(const VisionTokens& tokens) const;

  /// For search: what the glyph reader sees on the page, as a unit vector [embedding_dim()] of the
  /// decoder's word embeddings, rare tokens weighing more. The second form embeds a question.
  std::vector<float> embed(const VisionTokens& tokens) const;
  std::vector<float> embed(std::string_view text) const;
  int embedding_dim() const;

  /// Levels and densities that the checkpoint was trained to read.
  const std::vector<Level>& levels() const;
  const std::vector<Density>& densities() const;
  /// SHA-256 over config.json and the tensors, 64 hex digits.
  const std::string& fingerprint() const;
  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
