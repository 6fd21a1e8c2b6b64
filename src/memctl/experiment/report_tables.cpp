#include <algorithm>

#include "memctl/experiment/confusions.h"
#include "memctl/experiment/references.h"
#include "memctl/experiment/report.h"
#include "memctl/measurement/once.h"
#include "memctl/measurement/tables.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kConfusionsShown = 8;

/// Markdown: a row a key, a column a level.
class LevelTable {
 public:
  LevelTable(std::string title, std::string first, std::vector<Level> levels)
      : title_(std::move(title)), first_(std::move(first)), levels_(std::move(levels)) {}

  void add(const std::string& row, Level level, std::string cell) {
    auto found = std::ranges::find(rows_, row, &Row::name);
    if (found == rows_.end())
      found = rows_.insert(rows_.end(), {row, std::vector<std::string>(levels_.size())});
    const auto column = std::ranges::find(levels_, level) - levels_.begin();
    found->cells[static_cast<std::size_t>(column)] = std::move(cell);
  }

  std::string text() const {
    if (rows_.empty()) return "";
    std::vector<std::string> head{first_};
    for (const Level level : levels_) head.emplace_back(name_of(level));
    std::string text = "\n" + title_ + "\n\n" + table_head(head);
    for (const Row& row : rows_) {
      std::vector<std::string> cells{cell_text(row.name)};
      cells.insert(cells.end(), row.cells.begin(), row.cells.end());
      text += table_line(cells);
    }
    return text;
  }

 private:
  struct Row {
    std::string name;
    std::vector<std::string> cells;
  };
  std::string title_, first_;
  std::vector<Level> levels_;
  std::vector<Row> rows_;
};

std::string row_name(const Curve& curve) {
  if (curve.shuffle == Shuffle::none) return curve.domain;
  return curve.domain + ", " + std::string(name_of(curve.shuffle)) + " shuffled";
}

/// The tables of one density.
class DensityTables {
 public:
  DensityTables(const Findings& findings, Density density)
      : findings_(findings), density_(density) {
    for (const auto* list : {&findings.curves(), &findings.controls()})
      for (const Curve& curve : *list)
        if (curve.density == density) curves_.push_back(&curve);
    // Each text's controls below it.
    const auto place = [&](const Curve* curve) {
      return std::ranges::find(curves_, curve->domain, &Curve::domain) - curves_.begin();
    };
    std::vector<std::pair<std::ptrdiff_t, const Curve*>> placed;
    for (const Curve* curve : curves_) placed.emplace_back(place(curve), curve);
    std::ranges::stable_sort(placed, {}, [](const auto& one) { return one.first; });
    std::ranges::transform(placed, curves_.begin(), [](const auto& one) { return one.second; });
    for (const Curve* curve : curves_) add_once(levels_, curve->level);
  }

  std::string text() const {
    return table("characters read back, % (text tokens per vision token)",
                 [](const Curve& curve) {
                   return percent_text(curve.accuracy) + " (" + fixed(curve.compression(), 1) +
                          "x)";
                 }) +
           table("exact strings (ids, paths, numbers, dates, names) given back, %",
                 [](const Curve& curve) { return percent_text(curve.exact_strings); }) +
           table("unique-word precision, unique-word recall, exact rows, %",
                 [](const Curve& curve) {
                   return percent_text(curve.mean(&PageRecord::word_precision)) + ", " +
                          percent_text(curve.mean(&PageRecord::word_recall)) + ", " +
                          percent_text(curve.mean(&PageRecord::exact_rows));
                 }) +
           tokenizers() + baselines() + trained() + sizes() + confusions() +
           table("seconds a page, encoding + reading", [](const Curve& curve) {
             return fixed(curve.mean(&PageRecord::encode_seconds), 2) + " + " +
                    fixed(curve.mean(&PageRecord::read_seconds), 2);
           });
  }

 private:
  LevelTable begun(const std::string& what, const std::string& first = "text") const {
    return {"Density " + columns_of(density_) + ": " + what, first, levels_};
  }

  template <typename Cell>
  std::string table(const std::string& what, Cell cell) const {
    LevelTable table = begun(what);
    for (const Curve* curve : curves_) table.add(row_name(*curve), curve->level, cell(*curve));
    return table.text();
  }

  std::string tokenizers() const {
    LevelTable table = begun("text tokens per vision token, counted with other tokenizers");
    for (const Curve* curve : curves_) {
      if (curve->shuffle != Shuffle::none) continue;
      for (const auto& [name, counted] : curve->tokens_by())
        table.add(curve->domain + ", " + name, curve->level, fixed(counted.compression, 1) + "x");
    }
    return table.text();
  }

  std::string baselines() const {
    LevelTable table = begun(
        "baselines, text cut to as many tokens as a page has vision tokens: characters, unique "
        "words, exact strings kept, %");
    for (const BaselineCurve& found : findings_.baselines()) {
      if (found.curve->density != density_) continue;
      table.add(found.curve->domain + ", " + std::string(name_of(found.baseline)),
                found.curve->level,
                percent_text(found.accuracy.value, 1) + ", " + percent_text(found.word_recall, 1) +
                    ", " + percent_text(found.exact_strings.value, 1));
    }
    return table.text();
  }

  std::string trained() const {
    LevelTable table = begun("trained controls: characters read back, % (bytes a page)");
    for (const TrainedCurve& found : findings_.trained()) {
      if (found.curve->density != density_) continue;
      table.add(
          found.curve->domain + ", " + found.control->label(), found.curve->level,
          percent_text(found.accuracy) + " (" + grouped(found.token_bytes / found.pages) + ")");
    }
    return table.text();
  }

  std::string sizes() const {
    return table("bytes of a page's vision tokens (of its text, with zstd -19, with xz)",
                 [](const Curve& curve) {
                   const auto each = [&](std::size_t PageRecord::*field) {
                     return grouped(curve.sum(field) / curve.pages.size());
                   };
                   return each(&PageRecord::token_bytes) + " (" + each(&PageRecord::text_bytes) +
                          "; " + each(&PageRecord::zstd_bytes) + "; " +
                          each(&PageRecord::xz_bytes) + ")";
                 });
  }

  std::string confusions() const;

  const Findings& findings_;
  Density density_;
  std::vector<const Curve*> curves_;
  std::vector<Level> levels_;
};

/// A character as Markdown, so that one sees a blank and no table ends.
std::string shown(const std::string& character) {
  if (character.empty()) return "nothing";
  if (character == " ") return "space";
  if (character == "`") return "`` ` ``";
  return "`" + cell_text(character) + "`";
}

std::string DensityTables::confusions() const {
  LevelTable table = begun("most frequent confusions, in all of its pages");
  for (const Curve* curve : curves_) {
    if (curve->shuffle != Shuffle::none) continue;
    std::string list;
    for (const Confusion& one : most_frequent(curve->confusions(), kConfusionsShown))
      list += (list.empty() ? "" : ", ") + shown(one.exact) + " as " + shown(one.read) + " " +
              grouped(one.count);
    table.add(row_name(*curve), curve->level, list.empty() ? "none" : list);
  }
  return table.text();
}

std::string calibration_table(const Calibration& calibration) {
  std::string text = "\nHow sure the reader is of a row, and how often the row is exact\n\n" +
                     table_head({"confidence, %", "rows", "mean confidence, %", "exact, %"});
  for (const Bin& bin : calibration.bins)
    text += table_line({fixed(100 * bin.from, 1) + " to " + fixed(100 * bin.to, 1),
                        grouped(bin.rows), fixed(100 * bin.said, 1),
                        fixed(100 * double(bin.exact) / double(bin.rows), 1)});
  return text + "\nBrier score over " + counted(calibration.rows, "row") + ": " +
         fixed(calibration.brier, 4) + "; " + fixed(calibration.base_brier, 4) +
         " if every row were said to be as sure as rows are exact\n";
}

std::string inputs_table(const std::vector<Text>& texts) {
  std::string text = "\nThe texts; zstd -19 and xz: bytes of the whole text\n\n" +
                     table_head({"text", "file", "format", "file, bytes", "text, bytes", "zstd -19",
                                 "xz", "SHA-256"});
  const auto size = [](const std::optional<std::size_t>& bytes) {
    return bytes ? grouped(*bytes) : "not measured";
  };
  for (const Text& one : texts)
    text += table_line({cell_text(one.name), cell_text(one.file), one.format, grouped(one.bytes),
                        grouped(one.text.size()), size(one.zstd_bytes), size(one.xz_bytes),
                        one.sha256.substr(0, 16)});
  return text;
}

std::string references_table() {
  std::string text =
      "\nPublished by others, of another task than the one above, which is why they are no rows "
      "of it\n\n" +
      table_head({"compressor", "compression: share, %", "measure", "task", "source"});
  for (const Reference& one : references()) {
    std::string points;
    for (const ReferencePoint& point : one.points)
      points += (points.empty() ? "" : ", ") + fixed(point.compression, 1) +
                "x: " + fixed(100 * point.share, 1);
    text += table_line({one.name, points, one.measure, one.task, one.source});
  }
  return text;
}

std::string head_of(const RunReport& report) {
  std::string text = run_line(report.run, "");
  for (const auto& [name, sha256] : report.run.at("tokenizers").items())
    text += "Tokenizer " + name + ": SHA-256 " + sha256.get<std::string>() + "\n";
  if (!report.complete) text += "Interrupted: the figures cover the pages read so far.\n";
  return text + kIntervalsNote;
}

}  // namespace

std::string tables_of(const Findings& findings, const std::vector<Text>& texts,
                      const RunReport& report) {
  std::string text = head_of(report);
  std::vector<Density> densities;
  for (const Curve& curve : findings.curves()) add_once(densities, curve.density);
  for (const Density density : densities) text += DensityTables(findings, density).text();
  return text + calibration_table(findings.calibration()) + references_table() +
         inputs_table(texts);
}

}  // namespace fovea::memctl
