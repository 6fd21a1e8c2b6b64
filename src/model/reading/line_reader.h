#pragma once

#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "fovea/codec.h"
#include "fovea/level.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/reading/alphabet.h"
#include "model/reading/cursor.h"
#include "model/reading/glyph_reader.h"
#include "model/reading/page_draft.h"
#include "model/reading/row_inputs.h"
#include "model/reading/token_chooser.h"
#include "model/tokenizer/tokenizer.h"

namespace fovea {

/// A row as it was read.
struct RowReading {
  std::vector<int> ids;
  std::string text;
  float confidence = 1;  ///< 0..1 that the whole row is exact
  RowEvidence evidence;
};

struct ReadingOptions {
  /// Let the glyph reader draft rows that the decoder verifies several tokens at a time; where the
  /// glyph reader is all but certain, its token is taken. Only tests turn it off.
  bool draft = true;
  /// A token is drafted while the draft up to it is right with this probability at least; 0: what
  /// suits the device.
  float draft_at_least = 0;
  int beam_width = 1;  ///< see CodecOptions
};

/// How much work a reading was.
struct ReadingCost {
  int passes = 0;    ///< of the decoder, by the thread that had most
  int computed = 0;  ///< tokens of all passes
  int kept = 0;      ///< tokens of the text

  void add(const ReadingCost& other);
};

/// Reads pages: one sequence a text row, all rows of a page in one batch over the page's vision
/// tokens. Greedy. Every row ends when its cells are full, so a page takes as many passes as its
/// longest row has tokens, or far fewer where the glyph reader's draft is good.
/// Const and thread-safe after construction.
class LineReader {
 public:
  /// Takes model.cursor, model.glimpse and model.glyph_reader from the checkpoint. Encoder, decoder
  /// and tokenizer must outlive it.
  LineReader(Checkpoint& checkpoint, const ModelConfig& config, const DeepEncoder& encoder,
             const Decoder& decoder, const Tokenizer& tokenizer);

  /// `tokens`: [g * g, d] float32, as stored. `row_lengths`: cells used on each row, empty: not
  /// known, then the end of a row is the decoder's choice. Returns one reading a row of the grid.
  std::vector<RowReading> read(const at::Tensor& tokens, Density density,
                               std::span<const int> row_lengths, const ReadingOptions& options = {},
                               ReadingCost* cost = nullptr) const {
    return read_pages(tokens.unsqueeze(0), density, row_lengths, options, cost);
  }
  /// Reads the rows of pages in one batch, which is what keeps a GPU busy: `pages_at_once` of them,
  /// not many more. `tokens`: [B, g * g, d]; `row_lengths`: of all rows, page after page, or empty.
  /// Returns one reading a row, page after page.
  std::vector<RowReading> read_pages(const at::Tensor& tokens, Density density,
                                     std::span<const int> row_lengths,
                                     const ReadingOptions& options = {},
                                     ReadingCost* cost = nullptr) const;
  /// Pages of so many vision tokens that the device best reads at once: one on a CPU.
  std::size_t pages_at_once(std::int64_t tokens, Density density) const;

  /// What the glyph reader alone sees: the rows' text, blank ends cut off.
  std::vector<std::string> glimpse_text(const at::Tensor& tokens, Density density,
                                        std::span<const int> row_lengths) const;

  /// The classes (see `Alphabet`) that the glyph reader sees on some rows of pages.
  /// `tokens`: [B, g * g, d]. Returns [B * rows * columns].
  std::vector<std::int64_t> glimpse_classes(const at::Tensor& tokens, Density density,
                                            std::span<const int> rows) const;

  const GlyphReader& glyph_reader() const { return glyphs_; }
  /// The decoder's input before the rows, [B, 1 + g * (g + 1) + 1, d] float32.
  at::Tensor prefixes(const at::Tensor& tokens) const;
  /// The token that names a row's height on the page.
  int position_token(const Grid& grid, int row) const;
  /// The decoder's logits for a row whose text is known, float32 [1 + ids, vocab]: the first for
  /// what follows the position token. For comparing with the training code.
  at::Tensor row_logits(const at::Tensor& tokens, Density density, int row,
                        const std::vector<int>& ids) const;

 private:
  friend class BeamSearch;
  friend class PageReading;
  friend struct PageSight;

  std::vector<std::vector<int>> row_parts(std::span<const int> rows) const;
  /// Reads rows by `reading(numbers)`, a PageReading or BeamSearch, each thread some of them.
  template <class Make>
  void read_rows(std::span<const int> numbers, Make reading, std::vector<RowReading>& rows,
                 ReadingCost* cost) const;

  const DeepEncoder& encoder_;
  const Decoder& decoder_;
  const Tokenizer& tokenizer_;
  LineReadingConfig config_;
  ConfidenceConfig confidence_;
  Alphabet alphabet_;
  Cursor cursor_;
  Linear glimpse_;
  at::Device device_;
  bool own_pieces_;  // threads read rows of their own
  GlyphReader glyphs_;
  TokenChooser chooser_;
};

}  // namespace fovea
