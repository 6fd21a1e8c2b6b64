#include "model/reading/beam_search.h"

#include <algorithm>
#include <utility>

namespace fovea {

BeamSearch::BeamSearch(const PageSight& sight, std::span<const int> numbers,
                       std::span<const int> row_lengths, int width)
    : sight_(sight), reader_(sight.reader), width_(static_cast<std::size_t>(width)) {
  std::size_t longest = 0;
  std::vector<int> number_of;  // of the slots
  slots_.resize(numbers.size() * width_);
  for (const int number : numbers) {
    const int length = row_lengths[static_cast<std::size_t>(number)];
    if (length > 0)
      slots_[rows_.size() * width_] = {.counter = CellCounter(&reader_.alphabet_.code_points())};
    rows_.push_back({.number = number, .length = length});
    number_of.insert(number_of.end(), width_, number);
    longest = std::max(longest, sight.draft->tokens(number, 0, length, 0).size());
  }
  cache_ = sight.make_rows(number_of, static_cast<std::int64_t>(longest + longest / 4 + 8));
}

float BeamSearch::Candidate::score_a_cell() const {
  return next.evidence.decoder / static_cast<float>(std::max(1, next.counter.cells()));
}

BeamSearch::Candidate BeamSearch::extended(std::size_t slot, const ChosenToken& token) const {
  Candidate candidate{*slots_[slot], slot};
  const std::string_view bytes = reader_.tokenizer_.bytes_of(token.id);
  candidate.next.ids.push_back(token.id);
  candidate.next.text += bytes;
  candidate.next.counter.append(bytes);
  candidate.next.evidence.add(token.log_probability);
  return candidate;
}

bool BeamSearch::is_whole(const Row& row, const Hypothesis& hypothesis) const {
  return row.room(hypothesis) <= 0 ||
         static_cast<int>(hypothesis.ids.size()) >= kTokensPerCell * row.length;
}

/// Puts the best candidates into the row's slots. The first child of a hypothesis stays in its
/// parent's slot, where its keys and values are; the others are copied to slots that became free.
void BeamSearch::advance(std::size_t row, std::vector<Candidate> candidates) {
  const std::size_t kept = std::min(width_, candidates.size());
  std::ranges::partial_sort(candidates, candidates.begin() + static_cast<std::ptrdiff_t>(kept),
                            std::ranges::greater{}, &Candidate::score_a_cell);
  candidates.resize(kept);
  std::optional<Hypothesis>& best = rows_[row].best;
  for (Candidate& candidate : candidates) {
    if (!is_whole(rows_[row], candidate.next)) continue;
    if (!best || candidate.next.evidence.decoder > best->evidence.decoder)
      best = std::move(candidate.next);
  }
  // Probabilities only fall: what is behind a whole reading already never gets before it.
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return candidate.next.ids.empty() || is_whole(rows_[row], candidate.next) ||
           (best && candidate.next.evidence.decoder <= best->evidence.decoder);
  });
  const std::size_t first = row * width_, end = first + width_;
  for (std::size_t slot = first; slot < end; ++slot) slots_[slot].reset();
  std::vector<Candidate> later;
  for (Candidate& candidate : candidates) {
    if (slots_[candidate.parent])
      later.push_back(std::move(candidate));
    else
      slots_[candidate.parent] = std::move(candidate.next);
  }
  std::size_t slot = first;
  for (Candidate& candidate : later) {
    while (slots_[slot]) ++slot;
    cache_.copy(static_cast<std::int64_t>(candidate.parent), static_cast<std::int64_t>(slot));
    slots_[slot] = std::move(candidate.next);
  }
}

bool BeamSearch::step() {
  std::vector<RowToken> inputs;
  std::vector<int> room;
  std::vector<std::int64_t> counts;
  std::int64_t longest = sight_.held();
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    counts.push_back(slots_[slot] ? 1 : 0);
    if (!slots_[slot]) continue;
    const Row& row = rows_[slot / width_];
    const Hypothesis& hypothesis = *slots_[slot];
    const int id =
        hypothesis.ids.empty() ? sight_.position_token(row.number) : hypothesis.ids.back();
    inputs.push_back({id, row.number, hypothesis.counter.cells()});
    room.push_back(row.room(hypothesis));
    longest =
        std::max(longest, sight_.held() + static_cast<std::int64_t>(hypothesis.ids.size()) + 1);
  }
  if (inputs.empty()) return false;
  if (longest > cache_.capacity()) cache_.reserve(longest + longest / 4);
  const auto hidden =
      reader_.decoder_.forward(sight_.inputs.embed(inputs), sight_.prefix, cache_, counts);
  const auto chosen = reader_.chooser_.choose_several(hidden, room, static_cast<int>(width_));
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    std::vector<Candidate> candidates;
    for (std::size_t slot = row * width_; slot < (row + 1) * width_; ++slot) {
      if (!slots_[slot]) continue;
      for (const ChosenToken& token : chosen[next++]) candidates.push_back(extended(slot, token));
    }
    advance(row, std::move(candidates));
  }
  ++cost_.passes;
  cost_.computed += static_cast<int>(inputs.size());
  return true;
}

std::vector<RowReading> BeamSearch::rows() const {
  std::vector<RowReading> readings;
  for (const Row& row : rows_) {
    const Hypothesis none;
    const Hypothesis& read = row.best ? *row.best : none;
    readings.push_back(sight_.reading_of(row.number, read.ids, read.text, read.evidence));
  }
  return readings;
}

}  // namespace fovea
