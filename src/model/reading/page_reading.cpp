#include "model/reading/page_reading.h"

#include <algorithm>
#include <string>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

#include "fovea/error.h"
#include "model/operators/in_pieces.h"
#include "model/reading/confidence.h"

namespace fovea {
namespace {

/// `draft_at_least` on a CPU, where a token of a wrong draft costs more than the pass that a right one
/// saves: 0.5 computes a sixth more.
constexpr float kDraftAtLeast = 0.85f;

/// And on a GPU, where passes cost more than tokens: of tiny pages it takes two fifths as many passes
/// for a tenth (prose) to two fifths (code) more tokens.
constexpr float kDraftAtLeastOnGpu = 0.1f;

/// A drafted token that is right with a probability of 0.99 is taken as it is: that saves the
/// decoder's product with the vocabulary, and of such tokens the decoder gets more wrong.
constexpr float kSureLogProbability = -0.01f;

/// Rows that are worth a thread: drafting one takes some ten microseconds.
constexpr std::int64_t kRowsAThread = 32;

/// Finished rows leave the cache when they are this share of it: to move the others costs too.
constexpr double kDoneShare = 0.25;

}  // namespace

PageSight::PageSight(const LineReader& reader, const at::Tensor& tokens, const Grid& grid)
    : reader(reader),
      grid(grid),
      pages(static_cast<int>(tokens.size(0))),
      cells_per_token(static_cast<float>(grid.columns * grid.rows) /
                      static_cast<float>(tokens.size(1))),
      features(reader.glyphs_.features(tokens, grid)),
      inputs(features, grid, reader.cursor_, reader.glimpse_, reader.decoder_) {
  const auto see = [&] {
    draft.emplace(reader.glyphs_.see(features, grid), grid, reader.alphabet_, reader.tokenizer_);
  };
  const auto prefill = [&] {
    const auto prefixes = reader.prefixes(tokens);
    if (pages == 1 && tokens.is_cpu())
      prefix = reader.decoder_.prefill(prefixes[0]);
    else
      pages_prefixes = reader.decoder_.prefill_rows(prefixes);
  };
  if (!reader.own_pieces_) {
    see();
    prefill();
    return;
  }
  in_pieces(2, 1, [&](std::int64_t piece, std::int64_t) { piece ? see() : prefill(); });
}

RowCache PageSight::make_rows(std::span<const int> numbers, std::int64_t capacity) const {
  if (!pages_prefixes)
    return reader.decoder_.make_rows(static_cast<std::int64_t>(numbers.size()), capacity);
  std::vector<std::int64_t> page_of;
  for (const int number : numbers) page_of.push_back(number / grid.rows);
  return reader.decoder_.make_rows_behind(*pages_prefixes, page_of, capacity);
}

void each_row(std::size_t count, const std::function<void(std::size_t)>& work) {
  at::parallel_for(0, static_cast<std::int64_t>(count), kRowsAThread,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (auto i = begin; i < end; ++i) work(static_cast<std::size_t>(i));
                   });
}

RowReading PageSight::reading_of(int row, std::vector<int> ids, std::string text,
                                 const RowEvidence& by_decoder) const {
  RowReading reading{std::move(ids), std::move(text), 1.0f, by_decoder};
  reading.evidence.glyph_reader = draft->disagreement(row, reading.text);
  if (!reading.text.empty())
    reading.confidence = confidence_of(reading.evidence, cells_per_token, reader.confidence_);
  return reading;
}

PageReading::PageReading(const PageSight& sight, std::span<const int> numbers,
                         std::span<const int> row_lengths, const ReadingOptions& options)
    : sight_(sight),
      reader_(sight.reader),
      may_end_(row_lengths.empty()),
      drafting_(options.draft),
      draft_at_least_(options.draft_at_least > 0 ? options.draft_at_least
                      : sight.features.is_cpu()  ? kDraftAtLeast
                                                 : kDraftAtLeastOnGpu) {
  std::vector<int> with_text;
  for (const int number : numbers) {
    const Row row{.number = number,
                  .length = may_end_ ? sight.grid.columns : row_lengths[number],
                  .counter = CellCounter(&reader_.alphabet_.code_points())};
    rows_.push_back(row);
    rows_.back().done = row.length == 0;
    if (row.length == 0) continue;
    cached_.push_back(static_cast<std::int64_t>(rows_.size()) - 1);
    with_text.push_back(number);
  }
  std::vector<std::size_t> drafted(cached_.size());
  each_row(cached_.size(), [&](std::size_t i) {
    const Row& row = rows_[static_cast<std::size_t>(cached_[i])];
    drafted[i] = sight.draft->tokens(row.number, 0, row.length, 0).size();
  });
  const std::size_t longest = drafted.empty() ? 0 : std::ranges::max(drafted);
  cache_ = sight.make_rows(with_text, static_cast<std::int64_t>(longest + longest / 4 + 8));
}

std::vector<DraftToken> PageReading::draft_for(const Row& row) const {
  if (!drafting_ || row.counter.inside_character()) return {};
  return sight_.draft->tokens(row.number, row.counter.cells(), row.length, draft_at_least_);
}

/// Where the rows' lengths are not known, blanks may lie behind the end of one: all are the
/// decoder's choice.
bool PageReading::is_sure(const DraftToken& token) const {
  return !may_end_ && token.log_probability >= kSureLogProbability;
}

PageReading::Proposal PageReading::propose(const Row& row) const {
  Proposal proposal;
  if (row.done) return proposal;
  proposal.draft = draft_for(row);
  CellCounter counter = row.counter;
  int id = row.ids.empty() ? sight_.position_token(row.number) : row.ids.back();
  // The last token of a draft that fills the row need not be followed by anything.
  for (std::size_t i = 0; i <= proposal.draft.size() && counter.cells() < row.length; ++i) {
    proposal.inputs.push_back({id, row.number, counter.cells()});
    proposal.room.push_back(row.length - counter.cells());
    proposal.sure.push_back(i < proposal.draft.size() && is_sure(proposal.draft[i]));
    if (i == proposal.draft.size()) break;
    id = proposal.draft[i].id;
    counter.append(reader_.tokenizer_.bytes_of(id));
  }
  // Nor is the decoder needed for what is sure up to the end of the row.
  if (counter.cells() >= row.length) {
    while (!proposal.sure.empty() && proposal.sure.back()) proposal.pop();
  }
  return proposal;
}

void PageReading::Proposal::pop() {
  inputs.pop_back();
  room.pop_back();
  sure.pop_back();
}

void PageReading::take(Row& row, const ChosenToken& token) const {
  row.evidence.add(token.log_probability);
  row.done = token.id == reader_.decoder_.config().eos;
  if (row.done) return;
  const std::string_view bytes = reader_.tokenizer_.bytes_of(token.id);
  row.ids.push_back(token.id);
  row.text += bytes;
  row.counter.append(bytes);
  row.done = row.room() <= 0 || static_cast<int>(row.ids.size()) >= kTokensPerCell * row.length;
}

/// Takes the decoder's choices as long as the input after them was the one chosen, then what the
/// draft has behind the inputs. Returns how many of the inputs stay.
std::int64_t PageReading::accept(Row& row, const Proposal& proposal,
                                 std::span<const ChosenToken> chosen) {
  std::size_t used = 0;
  bool as_drafted = true;
  while (used < chosen.size() && as_drafted && !row.done) {
    const ChosenToken& token = chosen[used++];
    take(row, token);
    as_drafted = used <= proposal.draft.size() && token.id == proposal.draft[used - 1].id;
  }
  for (std::size_t i = used; i < proposal.draft.size() && as_drafted && !row.done; ++i)
    take(row, {proposal.draft[i].id, proposal.draft[i].log_probability});
  return static_cast<std::int64_t>(used);
}

/// What follows each input of the proposals. `hidden`: the decoder's final states after them.
std::vector<ChosenToken> PageReading::choose(const at::Tensor& hidden,
                                             const std::vector<Proposal>& proposals) {
  std::vector<ChosenToken> all;
  std::vector<std::int64_t> asked;
  std::vector<int> room;
  for (const Proposal& proposal : proposals) {
    for (std::size_t i = 0; i < proposal.inputs.size(); ++i) {
      all.emplace_back();
      if (proposal.sure[i]) {
        all.back() = {proposal.draft[i].id, proposal.draft[i].log_probability};
      } else {
        asked.push_back(static_cast<std::int64_t>(all.size()) - 1);
        room.push_back(proposal.room[i]);
      }
    }
  }
  if (asked.empty()) return all;
  const auto states = hidden.index_select(0, at::tensor(asked).to(hidden.device()));
  const auto chosen = reader_.chooser_.choose(states, room, may_end_);
  for (std::size_t i = 0; i < asked.size(); ++i) all[asked[i]] = chosen[i];
  return all;
}

bool PageReading::step() {
  drop_done_rows();
  if (cached_.empty()) return false;
  std::vector<Proposal> proposals(cached_.size());
  each_row(cached_.size(), [&](std::size_t i) { proposals[i] = propose(rows_[cached_[i]]); });
  std::vector<RowToken> inputs;
  std::vector<std::int64_t> counts, firsts;
  for (const Proposal& proposal : proposals) {
    firsts.push_back(static_cast<std::int64_t>(inputs.size()));
    inputs.insert(inputs.end(), proposal.inputs.begin(), proposal.inputs.end());
    counts.push_back(static_cast<std::int64_t>(proposal.inputs.size()));
  }
  const std::vector<std::int64_t> before = cache_.lengths();
  make_room(counts);
  std::vector<ChosenToken> chosen;
  if (!inputs.empty()) {
    const auto embeds = sight_.inputs.embed(inputs);
    chosen = choose(reader_.decoder_.forward(embeds, sight_.prefix, cache_, counts), proposals);
  }
  std::vector<std::int64_t> used(cached_.size());
  each_row(cached_.size(), [&](std::size_t i) {
    const auto mine = std::span(chosen).subspan(firsts[i], counts[i]);
    used[i] = accept(rows_[cached_[i]], proposals[i], mine);
  });
  for (std::size_t i = 0; i < cached_.size(); ++i) {
    cache_.rewind(static_cast<std::int64_t>(i), before[i] + used[i]);
    cost_.kept += static_cast<int>(used[i]);
  }
  ++cost_.passes;
  cost_.computed += static_cast<int>(inputs.size());
  return true;
}

/// The rows' tokens may be more than the draft made believe.
void PageReading::make_room(const std::vector<std::int64_t>& counts) {
  std::int64_t longest = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    longest = std::max(longest, cache_.lengths()[i] + counts[i]);
  if (longest > cache_.capacity()) cache_.reserve(longest + longest / 4);
}

void PageReading::drop_done_rows() {
  std::vector<std::int64_t> places, left;
  for (std::size_t i = 0; i < cached_.size(); ++i) {
    if (rows_[cached_[i]].done) continue;
    places.push_back(static_cast<std::int64_t>(i));
    left.push_back(cached_[i]);
  }
  const auto done = static_cast<double>(cached_.size() - left.size());
  if (!left.empty() && done < kDoneShare * static_cast<double>(cached_.size())) return;
  if (!left.empty()) cache_.keep(places);
  cached_ = std::move(left);
}

std::vector<RowReading> PageReading::rows() const {
  std::vector<RowReading> readings(rows_.size());
  each_row(rows_.size(), [&](std::size_t i) {
    const Row& row = rows_[i];
    readings[i] = sight_.reading_of(row.number, row.ids, row.text, row.evidence);
  });
  return readings;
}

}  // namespace fovea
