#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/codec_options.h"
#include "fovea/page.h"
#include "fovea/vision_tokens.h"

namespace fovea {

/// What a row's confidence is computed from: natural logarithms of probabilities, 0 or less.
struct RowEvidence {
  float decoder = 0;       ///< of all tokens of the row together
  float weakest = 0;       ///< of the token that the decoder is least sure of
  float glyph_reader = 0;  ///< of the cells where the glyph reader sees something else

  /// Counts one more of the decoder's tokens.
  void add(float log_probability) {
    decoder += log_probability;
    weakest = std::min(weakest, log_probability);
  }
};

/// A view of a drawn page's picture in the caller's memory.
struct PagePixels {
  Level level = Level::base;
  Density density = Density::d106;
  std::span<const std::uint8_t> pixels;  ///< [side, side] gray, 0 = black; side == side_of(level)
  std::vector<int> row_lengths;          ///< see VisionTokens
  std::optional<Layout> layout = {};     ///< absent: the layout that the checkpoint reads
};

struct ReadRow {
  std::string text;
  float confidence = 0;  ///< 0..1, that the whole row is exact
  RowEvidence evidence;
};

struct ReadPage {
  std::vector<ReadRow> rows;
  std::string text;      ///< the rows joined
  float confidence = 0;  ///< mean of the rows', weighted by length
  /// False: the model did not reach the end of a document, usually because it repeats itself;
  /// `text` is what it wrote.
  bool complete = true;
};

/// What was read of a page of cells so far.
struct PartRead {
  std::vector<std::string> glance;           ///< the rows as the glyph reader alone sees them
  std::vector<std::optional<ReadRow>> rows;  ///< as the decoder reads them; absent: not yet
};

/// Which rows of the page with that index are to be read next; none: enough of them.
using RowChoice = std::function<std::vector<int>(std::size_t page, const PartRead& so_far)>;

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
  /// Returns one VisionTokens per page. Throws Error(invalid_argument) on mixed or wrong sides.
  std::vector<VisionTokens> encode(std::span<const Page> pages) const;
  /// Encodes pictures in the caller's memory without copying them.
  std::vector<VisionTokens> encode(std::span<const PagePixels> pages) const;

  /// Reads pages back. Cells: all rows of a page in one batch. Documents: the model writes what it
  /// sees, prompted with DeepSeek-OCR's "Free OCR."; there are no rows then, and the confidence is
  /// the mean probability of its tokens, not calibrated.
  /// Throws Error(invalid_argument) for tokens of another checkpoint or layout, Error(unsupported)
  /// for a document checkpoint without tokenizer.json.
  std::vector<ReadPage> decode(std::span<const VisionTokens> tokens) const;
  /// The same with another beam width than that of the options.
  std::vector<ReadPage> decode(std::span<const VisionTokens> tokens, int beam_width) const;

  /// Reads of each page the rows that `next` asks for, greedily, until it asks for none; each row
  /// becomes what `decode` with a beam width of 1 makes of it. `next` is called from several
  /// threads, for each page from one at a time. Throws as `decode` does, Error(unsupported) for
  /// documents, and Error(invalid_argument) for a row that the page does not have.
  std::vector<PartRead> decode_rows(std::span<const VisionTokens> tokens,
                                    const RowChoice& next) const;

  /// Reads pages with the glyph reader alone, in one pass without the decoder: fast, and rough at
  /// coarse levels. Returns the text of each. Throws Error(unsupported) for documents, which have no
  /// glyph reader.
  std::vector<std::string> glance(std::span<const VisionTokens> tokens) const;

  /// Unpacks vision tokens to the vectors that readers and decoder see, [count, dim] row-major.
  /// Throws as `decode` does, and Error(corruption) if they do not fit the checkpoint's code.
  std::vector<float> vectors(const VisionTokens& tokens) const;

  /// True for tokens of this checkpoint, and of an older one with the same weights.
  bool reads(const VisionTokens& tokens) const;
  /// Packs tokens the way this checkpoint does; those of an older one with the same weights then
  /// take fewer bytes. Throws as `decode` does.
  VisionTokens repack(const VisionTokens& tokens) const;

  /// For search: what `glance` sees on the page, as a unit vector [embedding_dim()] of the
  /// decoder's token embeddings, with more weight on rare tokens. The second form embeds any text.
  std::vector<float> embed(const VisionTokens& tokens) const;
  std::vector<float> embed(std::string_view text) const;
  int embedding_dim() const;

  /// How pages must be laid out: cells for a checkpoint with line reading, otherwise document.
  Layout layout() const;
  /// Levels and densities that the checkpoint was trained to read; documents have no density.
  const std::vector<Level>& levels() const;
  const std::vector<Density>& densities() const;
  /// The checkpoint's alphabet: the characters of its atlas, without the space. Others are drawn
  /// but not read. Empty for layout document.
  const std::u32string& characters() const;
  /// SHA-256 over config.json and the tensors, 64 hexadecimal digits.
  const std::string& fingerprint() const;
  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
