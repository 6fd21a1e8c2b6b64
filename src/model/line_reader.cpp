#include "model/line_reader.h"

#include <cmath>

#include <ATen/ATen.h>

#include "model/cell_counter.h"
#include "model/page_reading.h"
#include "model/place_features.h"

namespace fovea {

LineReader::LineReader(Checkpoint& checkpoint, const ModelConfig& config,
                       const DeepEncoder& encoder, const Decoder& decoder,
                       const Tokenizer& tokenizer)
    : encoder_(encoder),
      decoder_(decoder),
      tokenizer_(tokenizer),
      config_(config.page_reading->line_reading),
      confidence_(config.page_reading->confidence),
      alphabet_(*config.atlas),
      cursor_(checkpoint, config.page_reading->cursor, config.decoder.hidden),
      glimpse_(load_linear(
          checkpoint, "model.glimpse", config.decoder.hidden,
          config.page_reading->glimpse_cells * config.page_reading->glyph_reader.features)),
      glyphs_(checkpoint, config.page_reading->glyph_reader, config.decoder.hidden,
              alphabet_.classes()),
      chooser_(decoder, tokenizer) {}

at::Tensor LineReader::prefix(const at::Tensor& tokens) const {
  const int grid = static_cast<int>(std::lround(std::sqrt(tokens.size(0))));
  const auto placed = tokens.to(at::kFloat) + cursor_.of_tokens(grid);
  const auto begin = decoder_.embed(at::tensor({decoder_.config().bos}, at::kLong));  // [1, d]
  return at::cat({begin, arrange_view(encoder_, placed)});
}

int LineReader::position_token(const Grid& grid, int row) const {
  const float y = row_centres(grid)[row];
  return config_.first_position_token +
         static_cast<int>(y * static_cast<float>(config_.position_tokens));
}

std::vector<RowReading> LineReader::read(const at::Tensor& tokens, Density density,
                                         std::span<const int> row_lengths,
                                         const ReadingOptions& options, ReadingCost* cost) const {
  PageReading reading(*this, tokens, grid_of(density), row_lengths, options);
  while (reading.step()) {
  }
  if (cost) *cost = reading.cost();
  return reading.rows();
}

at::Tensor LineReader::row_logits(const at::Tensor& tokens, Density density, int row,
                                  const std::vector<int>& ids) const {
  const Grid grid = grid_of(density);
  const RowInputs inputs(glyphs_.features(tokens, grid), grid, cursor_, glimpse_, decoder_);
  std::vector<RowToken> row_tokens{{position_token(grid, row), row, 0}};
  CellCounter counter;
  for (const int id : ids) {
    counter.append(tokenizer_.bytes_of(id));
    row_tokens.push_back({id, row, counter.cells()});
  }
  const auto count = static_cast<std::int64_t>(row_tokens.size());
  RowCache cache = decoder_.make_rows(1, count);
  const auto hidden = decoder_.forward(inputs.embed(row_tokens), decoder_.prefill(prefix(tokens)),
                                       cache, std::vector{count});
  return decoder_.logits(hidden);
}

std::vector<std::string> LineReader::glimpse_text(const at::Tensor& tokens, Density density,
                                                  std::span<const int> row_lengths) const {
  const Grid grid = grid_of(density);
  const PageDraft draft(glyphs_.logits(glyphs_.features(tokens, grid)), grid, alphabet_,
                        tokenizer_);
  std::vector<std::string> rows;
  for (int row = 0; row < grid.rows; ++row) {
    rows.push_back(draft.text(row, 0, row_lengths.empty() ? grid.columns : row_lengths[row]));
    rows.back().erase(rows.back().find_last_not_of(' ') + 1);
  }
  return rows;
}

}  // namespace fovea
