#include "memctl/experiment/measuring.h"

#include "fovea/measure.h"
#include "fovea/renderer.h"
#include "memctl/experiment/confusions.h"
#include "memctl/experiment/packed_size.h"
#include "memctl/experiment/wrong_cells.h"
#include "memctl/measurement/exact_strings.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

void add_rows(const Page& drawn, const ReadPage& read, PageRecord& record) {
  const bool is_control = record.key.shuffle != Shuffle::none;
  const auto rows = rows_of(drawn);
  const auto cells = cells_by_row(drawn);
  if (!is_control) record.row_lengths = row_lengths(drawn);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ReadRow& row = read.rows.at(i);
    const std::vector<Slip> slips = slips_between(rows[i], row.text);
    if (!rows[i].empty()) {
      record.rows.push_back({row.confidence, row.evidence, row.text == rows[i]});
      count_confusions(slips, record.confusions);
    }
    if (is_control) continue;
    record.wrong_cells.push_back(row.text == rows[i] ? ""
                                                     : wrong_cells_of(cells[i], rows[i], slips));
    if (record.key.page == 0) record.read_rows.push_back(row.text);
  }
}

}  // namespace

PageRecord sizes_of(const Page& drawn, const PageKey& key, std::size_t begin,
                    const std::vector<CountedTokenizer>& tokenizers) {
  PageRecord record;
  record.key = key;
  record.begin = begin;
  record.full = Renderer::is_full(drawn);
  record.characters = count_characters(drawn.text);
  record.text_tokens = count_text_tokens(drawn.text);
  record.tokens_by = tokens_of(drawn.text, tokenizers);
  record.text_bytes = drawn.text.size();
  record.zstd_bytes = zstd_size(drawn.text);
  record.xz_bytes = xz_size(drawn.text);
  const PageReport& report = drawn.report;
  record.unknown_cells =
      static_cast<std::size_t>(report.outside_atlas + report.no_glyph + report.invalid_bytes);
  return record;
}

PageRecord read_back(const Codec& codec, const Page& drawn, Level level, const PageRecord& sizes) {
  PageRecord record = sizes;
  record.key.level = level;
  const Page page = shrink(drawn, level);
  const Stopwatch encoding;
  const VisionTokens tokens = codec.encode({&page, 1}).front();
  record.encode_seconds = encoding.seconds();
  const Stopwatch reading;
  const ReadPage read = codec.decode({&tokens, 1}).front();
  record.read_seconds = reading.seconds();
  const Fidelity fidelity = fidelity_of(drawn, read);
  record.vision_tokens = static_cast<std::size_t>(tokens.count);
  record.token_bytes = byte_count(tokens);
  record.errors = (1 - fidelity.accuracy) * double(record.characters);
  record.exact_rows = fidelity.exact_rows;
  record.word_precision = fidelity.word_precision;
  record.word_recall = word_precision(read.text, drawn.text);
  record.confidence = read.confidence;
  record.exact_strings = exact_strings_in(drawn.text, read.text);
  add_rows(drawn, read, record);
  return record;
}

void add_baselines(const Page& drawn, const TokenFrequencies& frequencies, PageRecord& record) {
  for (const Baseline baseline : kBaselines) {
    const std::string kept = kept_by(baseline, drawn.text, record.vision_tokens, frequencies);
    record.baselines[std::string(name_of(baseline))] = {
        .tokens = count_text_tokens(kept),
        .errors = (1 - accuracy(drawn.text, kept)) * double(record.characters),
        .word_recall = word_precision(kept, drawn.text),
        .exact_strings = sum_of(exact_strings_in(drawn.text, kept)).given_back,
        .zstd_bytes = zstd_size(kept)};
  }
}

}  // namespace fovea::memctl
