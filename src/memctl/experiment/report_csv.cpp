#include "memctl/experiment/report.h"
#include "memctl/measurement/tables.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

std::string line_of(const Curve& curve) {
  CsvLine line(
      name_of(curve.level), columns_of(curve.density), curve.domain, name_of(curve.shuffle),
      "vision tokens", number(curve.pages.size()), number(curve.sum(&PageRecord::characters)),
      number(curve.sum(&PageRecord::text_tokens)), number(curve.sum(&PageRecord::vision_tokens)),
      number(curve.compression()), number(curve.characters_per_token()), curve.accuracy,
      curve.exact_strings, number(curve.mean(&PageRecord::word_recall)),
      number(curve.mean(&PageRecord::word_precision)), number(curve.mean(&PageRecord::exact_rows)),
      number(curve.sum(&PageRecord::text_bytes)), number(curve.sum(&PageRecord::token_bytes)),
      number(curve.sum(&PageRecord::zstd_bytes)), number(curve.sum(&PageRecord::xz_bytes)),
      number(curve.mean(&PageRecord::confidence)), number(curve.brier()),
      number(curve.mean(&PageRecord::encode_seconds)),
      number(curve.mean(&PageRecord::read_seconds)));
  for (const auto& [name, counted] : curve.tokens_by()) {
    line.add(number(counted.tokens));
    line.add(number(counted.compression));
  }
  return line.text();
}

/// Counted by other tokenizers it would keep other tokens, so there are no figures of these.
std::string line_of(const BaselineCurve& found) {
  const Curve& curve = *found.curve;
  const std::size_t characters = curve.sum(&PageRecord::characters);
  std::optional<double> per_token;
  if (found.tokens > 0) per_token = double(characters) / double(found.tokens);
  CsvLine line(name_of(curve.level), columns_of(curve.density), curve.domain,
               name_of(curve.shuffle), name_of(found.baseline), number(curve.pages.size()),
               number(characters), number(curve.sum(&PageRecord::text_tokens)),
               number(found.tokens), number(found.compression()), number(per_token), found.accuracy,
               found.exact_strings, number(found.word_recall), "", "",
               number(curve.sum(&PageRecord::text_bytes)), "",
               number(curve.sum(&PageRecord::zstd_bytes)), number(curve.sum(&PageRecord::xz_bytes)),
               "", "", "", "");
  for (std::size_t i = 0; i < 2 * curve.pages.front()->tokens_by.size(); ++i) line.add("");
  return line.text();
}

/// Of other pages than the curve's, of which only the characters are known.
std::string line_of(const TrainedCurve& found) {
  const Curve& curve = *found.curve;
  CsvLine line(name_of(curve.level), columns_of(curve.density), curve.domain,
               name_of(curve.shuffle), found.control->label(), number(found.pages),
               number(found.characters), "", number(found.vision_tokens()),
               number(found.compression()),
               number(double(found.characters) / double(found.vision_tokens())), found.accuracy, "",
               "", "", "", "", "", "", number(found.token_bytes), "", "", "", "", "", "");
  for (std::size_t i = 0; i < 2 * curve.pages.front()->tokens_by.size(); ++i) line.add("");
  return line.text();
}

}  // namespace

std::string curves_csv(const Findings& findings) {
  std::string text =
      "level,density,domain,shuffle,method,pages,characters,text_tokens,tokens,compression,"
      "characters_per_token,accuracy,accuracy_low,accuracy_high,exact_strings,exact_strings_low,"
      "exact_strings_high,word_recall,word_precision,exact_rows,text_bytes,token_bytes,zstd_bytes,"
      "xz_bytes,confidence,brier,encode_seconds,read_seconds";
  if (!findings.curves().empty())
    for (const auto& [name, counted] : findings.curves().front().tokens_by())
      text += "," + csv_field("text_tokens " + name) + "," + csv_field("compression " + name);
  text += "\n";
  for (const auto* curves : {&findings.curves(), &findings.controls()})
    for (const Curve& curve : *curves) text += line_of(curve);
  for (const BaselineCurve& found : findings.baselines()) text += line_of(found);
  for (const TrainedCurve& found : findings.trained()) text += line_of(found);
  return text;
}

std::string rows_csv(const Findings& findings) {
  std::string text =
      "level,density,domain,cells_per_token,decoder,weakest,glyph_reader,confidence,exact\n";
  for (const Curve& curve : findings.curves()) {
    const Grid grid = grid_of(curve.density);
    const std::string cells = fixed(double(grid.columns * grid.rows) / token_count(curve.level), 3);
    for (const PageRecord* page : curve.pages) {
      for (const RowRecord& row : page->rows)
        text += CsvLine(name_of(curve.level), columns_of(curve.density), curve.domain, cells,
                        fixed(row.evidence.decoder, 6), fixed(row.evidence.weakest, 6),
                        fixed(row.evidence.glyph_reader, 6), fixed(row.confidence, 6),
                        row.exact ? "1" : "0")
                    .text();
    }
  }
  return text;
}

}  // namespace fovea::memctl
