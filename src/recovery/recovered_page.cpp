#include "recovery/recovered_page.h"

#include <algorithm>
#include <array>

#include "core/utf8.h"

namespace fovea {
namespace {

/// A unit of a row's text.
struct PlacedUnit {
  std::size_t begin;  ///< byte
  std::size_t length;
  int column;
  int width;

  int end_column() const { return column + width; }
};

std::vector<PlacedUnit> units_of(std::string_view row, const CodePoints* alphabet) {
  std::vector<PlacedUnit> units;
  int column = 0;
  for (std::size_t at = 0; at < row.size();) {
    const TextUnit unit = next_unit(row, at, alphabet);
    units.push_back({at, unit.length, column, unit.width});
    at += unit.length;
    column += unit.width;
  }
  return units;
}

/// Characters of `text` that the row shows at these columns.
int matches_at(std::string_view row, const std::vector<PlacedUnit>& units, int column,
               std::string_view text) {
  int matches = 0;
  for (const PlacedUnit& unit : units) {
    const int at = unit.column - column;
    if (at < 0 || at >= static_cast<int>(text.size()) || unit.length != 1) continue;
    matches += row[unit.begin] == text[static_cast<std::size_t>(at)];
  }
  return matches;
}

/// Where the text fits best, were cells read too many or too few before it.
int best_column(std::string_view row, const std::vector<PlacedUnit>& units, int column, int surplus,
                std::string_view text) {
  int best = column, most = matches_at(row, units, column, text);
  const int step = surplus < 0 ? -1 : 1;
  for (int shift = step; shift * step <= surplus * step && surplus != 0; shift += step) {
    if (column + shift < 0) break;
    const int matches = matches_at(row, units, column + shift, text);
    if (matches > most) {
      most = matches;
      best = column + shift;
    }
  }
  return best;
}

}  // namespace

ReadPage as_one_row(const ReadPage& read) {
  ReadPage page = read;
  page.rows = {{.text = read.text, .confidence = read.confidence, .evidence = {}}};
  return page;
}

RecoveredPage::RecoveredPage(const ReadPage& read, Density density,
                             std::span<const int> row_lengths, const CodePoints* alphabet)
    : columns_(grid_of(density).columns), alphabet_(alphabet) {
  for (std::size_t i = 0; i < read.rows.size(); ++i) {
    const ReadRow& row = read.rows[i];
    rows_.push_back({.text = row.text,
                     .marks = std::vector<Mark>(row.text.size(), {Origin::decoded, row.confidence}),
                     .cells = i < row_lengths.size() ? row_lengths[i] : -1,
                     .confidence = row.confidence});
  }
}

void RecoveredPage::put(const std::vector<Anchor>& anchors) {
  for (const Anchor& anchor : anchors) {
    const auto size = static_cast<int>(anchor.text.size());
    for (const int cell : anchor.cells) {
      for (int done = 0; done < size;) {
        const int column = (cell + done) % columns_;
        const auto row = static_cast<std::size_t>((cell + done) / columns_);
        const int part = std::min(size - done, columns_ - column);
        if (row < rows_.size())
          put(rows_[row], column, std::string_view(anchor.text).substr(done, part));
        done += part;
      }
    }
  }
}

void RecoveredPage::put(Row& row, int column, std::string_view text) const {
  const auto units = units_of(row.text, alphabet_);
  const int cells = units.empty() ? 0 : units.back().end_column();
  const int surplus = row.cells < 0 ? 0 : cells - row.cells;
  const int at = best_column(row.text, units, column, surplus, text);
  std::size_t begin = row.text.size(), end = begin;
  for (const PlacedUnit& unit : units) {
    if (unit.end_column() <= at) continue;
    begin = std::min(begin, unit.begin);
    if (unit.column >= at + static_cast<int>(text.size())) {
      end = std::min(end, unit.begin);
    }
  }
  end = std::max(begin, end);
  // Where the row has all its cells, there is no doubt about the place.
  const Mark mark{Origin::anchor, surplus == 0 ? 1 : row.confidence};
  row.text.replace(begin, end - begin, text);
  row.marks.erase(row.marks.begin() + static_cast<std::ptrdiff_t>(begin),
                  row.marks.begin() + static_cast<std::ptrdiff_t>(end));
  row.marks.insert(row.marks.begin() + static_cast<std::ptrdiff_t>(begin), text.size(), mark);
}

void RecoveredPage::correct(const Corrections& corrections) {
  for (const Corrections::Row& correction : corrections.rows) {
    const auto number = static_cast<std::size_t>(correction.number);
    if (correction.whole) {
      put_whole(number, *correction.whole);
      continue;
    }
    if (number >= rows_.size() || row_check_of(rows_[number].text) != correction.check) continue;
    apply(rows_[number], correction.edits);
  }
  exact_ = check_of(text()) == corrections.text_check;
  if (!exact_) return;
  for (Row& row : rows_) {
    for (Mark& mark : row.marks) mark.confidence = 1;
  }
}

void RecoveredPage::put_whole(std::size_t number, const std::string& text) {
  rows_.resize(std::max(rows_.size(), number + 1));
  rows_[number].text = text;
  rows_[number].marks.assign(text.size(), {Origin::corrected, 1});
}

/// False, and nothing changed, when the edits do not fit the row.
bool RecoveredPage::apply(Row& row, const std::vector<Edit>& edits) {
  Row corrected{.text = {}, .marks = {}, .cells = row.cells, .confidence = row.confidence};
  std::size_t at = 0;
  const auto keep = [&](std::size_t count) {
    corrected.text.append(row.text, at, count);
    for (std::size_t i = 0; i < count; ++i, ++at)
      corrected.marks.push_back({row.marks[at].origin, 1});
  };
  for (const Edit& edit : edits) {
    if (edit.keep + edit.remove > row.text.size() - at) return false;
    keep(edit.keep);
    at += edit.remove;
    corrected.text += edit.insert;
    corrected.marks.insert(corrected.marks.end(), edit.insert.size(), {Origin::corrected, 1});
  }
  keep(row.text.size() - at);
  row = std::move(corrected);
  return true;
}

bool RecoveredPage::is_improved() const {
  return exact_ || std::ranges::any_of(rows_, [](const Row& row) {
           return std::ranges::any_of(
               row.marks, [](const Mark& mark) { return mark.origin != Origin::decoded; });
         });
}

std::vector<std::string> RecoveredPage::rows() const {
  std::vector<std::string> rows;
  for (const Row& row : rows_) rows.push_back(row.text);
  return rows;
}

std::string RecoveredPage::text() const {
  std::string text;
  for (const Row& row : rows_) text += row.text;
  return text;
}

std::vector<RecalledSpan> RecoveredPage::spans() const {
  std::vector<RecalledSpan> spans;
  std::size_t at = 0;
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.text.size();) {
      const std::size_t end = utf8_next(row.text, i);
      const auto [origin, confidence] = mark_of(row, i, end);
      if (spans.empty() || spans.back().origin != origin || spans.back().confidence != confidence)
        spans.push_back({.begin = at, .length = 0, .origin = origin, .confidence = confidence});
      spans.back().length += end - i;
      at += end - i;
      i = end;
    }
  }
  return spans;
}

/// A character that is corrected in one of its bytes is a corrected one.
RecoveredPage::Mark RecoveredPage::mark_of(const Row& row, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (row.marks[i].origin == Origin::corrected) return row.marks[i];
  }
  return row.marks[begin];
}

float confidence_of(const std::vector<RecalledSpan>& spans) {
  double sum = 0, length = 0;
  for (const RecalledSpan& span : spans) {
    sum += static_cast<double>(span.confidence) * static_cast<double>(span.length);
    length += static_cast<double>(span.length);
  }
  return length == 0 ? 1 : static_cast<float>(sum / length);
}

}  // namespace fovea
