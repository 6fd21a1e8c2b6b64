#include "model/reading/line_reader.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <mutex>
#include <numeric>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include "model/operators/device_memory.h"
#include "model/operators/in_pieces.h"
#include "model/reading/beam_search.h"
#include "model/reading/cell_counter.h"
#include "model/reading/page_reading.h"
#include "model/reading/place_features.h"

namespace fovea {
namespace {

/// A thread of its own pays from this many rows on: each goes through all weights in every pass.
constexpr int kRowsForThread = 6;

/// A batch on a GPU has one key, those of prefixes counted in, for so many bytes of its memory. They
/// take 8 kB each in fovea-nano, its glyph reader's scores as much, and there are two batches at once.
constexpr std::int64_t kBytesAKey = 1 << 18;

/// A beam search finds nothing else in a row that the decoder takes to be right with a probability of
/// 0.98, by its logarithm.
constexpr float kNoDoubt = -0.02f;

}  // namespace

void ReadingCost::add(const ReadingCost& other) {
  passes = std::max(passes, other.passes);
  computed += other.computed;
  kept += other.kept;
}

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
      device_(checkpoint.placement().device),
      own_pieces_(checkpoint.placement().threads_own_pieces()),
      glyphs_(checkpoint, config.page_reading->glyph_reader, config.decoder.hidden, alphabet_),
      chooser_(decoder, tokenizer, alphabet_.code_points()) {}

at::Tensor LineReader::prefixes(const at::Tensor& tokens) const {
  const int grid = static_cast<int>(std::lround(std::sqrt(tokens.size(1))));
  const auto placed = tokens.to(at::kFloat) + cursor_.of_tokens(grid);
  const auto begin = decoder_.embed(at::tensor({decoder_.config().bos}, at::kLong));  // [1, d]
  return at::cat(
      {begin.expand({tokens.size(0), 1, tokens.size(2)}), arrange_views(encoder_, placed)}, 1);
}

int LineReader::position_token(const Grid& grid, int row) const {
  const float y = row_centres(grid)[row];
  return config_.first_position_token +
         static_cast<int>(y * static_cast<float>(config_.position_tokens));
}

std::size_t LineReader::pages_at_once(std::int64_t tokens, Density density) const {
  const Grid grid = grid_of(density);
  const std::int64_t keys = grid.rows * (tokens + grid.columns / 2);
  return static_cast<std::size_t>(
      std::max<std::int64_t>(1, device_memory(device_) / kBytesAKey / keys));
}

std::vector<RowReading> LineReader::read_pages(const at::Tensor& tokens, Density density,
                                               std::span<const int> row_lengths,
                                               const ReadingOptions& options,
                                               ReadingCost* cost) const {
  const PageSight sight(*this, tokens, grid_of(density));
  std::vector<RowReading> rows(static_cast<std::size_t>(sight.rows()));
  std::vector<int> all(rows.size()), doubtful;
  std::iota(all.begin(), all.end(), 0);
  read_rows(
      all, [&](auto numbers) { return PageReading(sight, numbers, row_lengths, options); }, rows,
      cost);
  if (options.beam_width == 1 || row_lengths.empty()) return rows;
  std::ranges::copy_if(all, std::back_inserter(doubtful),
                       [&](int row) { return rows[row].evidence.decoder < kNoDoubt; });
  read_rows(
      doubtful,
      [&](auto numbers) { return BeamSearch(sight, numbers, row_lengths, options.beam_width); },
      rows, cost);
  return rows;
}

template <class Make>
void LineReader::read_rows(std::span<const int> numbers, Make make, std::vector<RowReading>& rows,
                           ReadingCost* cost) const {
  const auto parts = row_parts(numbers);
  std::mutex mutex;
  in_pieces(static_cast<std::int64_t>(parts.size()), 1, [&](std::int64_t part, std::int64_t) {
    const std::vector<int>& mine = parts[part];
    auto reading = make(std::span<const int>(mine));
    while (reading.step()) {
    }
    auto read = reading.rows();
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < mine.size(); ++i) rows[mine[i]] = std::move(read[i]);
    if (cost) cost->add(reading.cost());
  });
}

/// Rows for each thread, where threads work on their own; neighbours, which are alike, in turn.
std::vector<std::vector<int>> LineReader::row_parts(std::span<const int> rows) const {
  const int most =
      at::in_parallel_region() ? 1 : std::max(1, static_cast<int>(rows.size()) / kRowsForThread);
  std::vector<std::vector<int>> parts(own_pieces_ ? std::min(at::get_num_threads(), most) : 1);
  for (std::size_t i = 0; i < rows.size(); ++i) parts[i % parts.size()].push_back(rows[i]);
  return parts;
}

at::Tensor LineReader::row_logits(const at::Tensor& tokens, Density density, int row,
                                  const std::vector<int>& ids) const {
  const Grid grid = grid_of(density);
  const RowInputs inputs(glyphs_.features(tokens.unsqueeze(0), grid), grid, cursor_, glimpse_,
                         decoder_);
  std::vector<RowToken> row_tokens{{position_token(grid, row), row, 0}};
  CellCounter counter(&alphabet_.code_points());
  for (const int id : ids) {
    counter.append(tokenizer_.bytes_of(id));
    row_tokens.push_back({id, row, counter.cells()});
  }
  const auto count = static_cast<std::int64_t>(row_tokens.size());
  RowCache cache = decoder_.make_rows(1, count);
  const auto prefix = decoder_.prefill(prefixes(tokens.unsqueeze(0))[0]);
  const auto hidden = decoder_.forward(inputs.embed(row_tokens), prefix, cache, std::vector{count});
  return decoder_.logits(hidden);
}

std::vector<std::string> LineReader::glimpse_text(const at::Tensor& tokens, Density density,
                                                  std::span<const int> row_lengths) const {
  const Grid grid = grid_of(density);
  const PageDraft draft(glyphs_.see(glyphs_.features(tokens.unsqueeze(0), grid), grid), grid,
                        alphabet_, tokenizer_);
  std::vector<std::string> rows = draft.rows(row_lengths);
  for (std::string& row : rows) row.erase(row.find_last_not_of(' ') + 1);
  return rows;
}

std::vector<std::int64_t> LineReader::glimpse_classes(const at::Tensor& tokens, Density density,
                                                      std::span<const int> rows) const {
  const Grid grid = grid_of(density);
  return glyphs_.see(glyphs_.features(tokens, grid, rows), grid).index;
}

}  // namespace fovea
