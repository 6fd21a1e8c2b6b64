#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <span>

#include "fovea/codec.h"
#include "fovea/error.h"
#include "fovea/measure.h"
#include "fovea/renderer.h"
#include "fovea/text.h"
#include "memctl/checks.h"
#include "memctl/files.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/progress_bar.h"
#include "memctl/random_text.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

constexpr const char* kControl = "random";

struct ExperimentOptions {
  std::vector<std::string> files;
  std::string out;
  std::vector<int> densities{106};
  std::vector<std::string> levels;
  int pages = 4;
};

struct Domain {
  std::string name;
  std::string text;
};

/// Sums over the pages of one level, density and kind of text.
struct Curve {
  Level level;
  Density density;
  std::string domain;
  std::size_t pages = 0, characters = 0, text_tokens = 0, vision_tokens = 0;
  std::size_t text_bytes = 0, token_bytes = 0;
  double errors = 0;  ///< edit distance
  double exact_rows = 0, word_precision = 0, confidence = 0;

  double compression() const { return double(text_tokens) / double(vision_tokens); }
  double accuracy() const { return 1 - errors / double(characters); }
  double mean(double sum) const { return sum / double(pages); }
};

/// One row that was read: what was said of it and what it was.
struct ReadLine {
  std::size_t curve;  ///< its number
  float confidence;
  RowEvidence evidence;
  bool exact;
};

struct Findings {
  std::vector<Curve> curves;
  std::vector<ReadLine> lines;
};

/// `count` full pages spread evenly over the text; all of it when `count` is 0 or it is short.
std::vector<Page> pages_of(const Renderer& renderer, const std::string& text, Density density,
                           int count) {
  const Page first = renderer.lay_out(text, density);
  const std::size_t expected = text.size() / std::max<std::size_t>(1, first.text.size());
  if (count == 0 || expected <= static_cast<std::size_t>(count))
    return renderer.render(text, density, Level::large);
  std::vector<Page> pages;
  for (int i = 0; i < count; ++i) {
    const std::size_t room = text.size() - 2 * first.text.size();
    const std::size_t start = character_start(text, room * std::size_t(i) / std::size_t(count));
    pages.push_back(renderer.lay_out(std::string_view(text).substr(start), density));
    renderer.draw(pages.back());
  }
  return pages;
}

class Experiment {
 public:
  Experiment(const Session& session, const ExperimentOptions& options)
      : options_(options), renderer_(session.checkpoint()), codec_(session.checkpoint(), session.codec) {
    for (const std::string& name : options.levels) levels_.push_back(level_from_name(name));
    if (levels_.empty()) levels_ = codec_.levels();
    for (const int columns : options.densities) densities_.push_back(density_from_columns(columns));
    check(levels_, codec_.levels(), [](Level x) { return std::string(name_of(x)); }, "level");
    check(densities_, codec_.densities(),
          [](Density x) { return std::to_string(static_cast<int>(x)); }, "density");
    std::size_t longest = 0;
    for (const std::string& file : options.files) {
      domains_.push_back({file == "-" ? "stdin" : std::filesystem::path(file).stem().string(),
                          read_file(file)});
      if (domains_.back().text.empty())
        throw Error(ErrorCode::invalid_argument, file + ": is empty; give a file with text");
      longest = std::max(longest, domains_.back().text.size());
    }
    const auto per_page = static_cast<std::size_t>(std::max(1, options.pages)) * 20000;
    domains_.push_back({kControl, random_text(options.pages ? per_page : longest, 1)});
  }

  Findings run() {
    Findings findings;
    for (const Density density : densities_) {
      for (const Domain& domain : domains_) {
        const auto pages = pages_of(renderer_, domain.text, density, options_.pages);
        for (const Level level : levels_) {
          findings.curves.push_back({.level = level, .density = density, .domain = domain.name});
          for (const Page& page : pages) {
            if (interrupted()) return findings;
            read(page, level, findings);
            ++done_;
            bar_.show(done_, double(done_) / double(total(pages.size())));
          }
        }
      }
    }
    return findings;
  }

 private:
  template <typename T, typename Name>
  static void check(const std::vector<T>& wanted, const std::vector<T>& known, Name name,
                    const std::string& what) {
    for (const T& one : wanted) {
      if (std::ranges::find(known, one) != known.end()) continue;
      std::string list;
      for (const T& other : known) list += (list.empty() ? "" : ", ") + name(other);
      throw Error(ErrorCode::invalid_argument,
                  what + " " + name(one) + ": the checkpoint reads " + list);
    }
  }

  std::size_t total(std::size_t pages) const {
    return pages * levels_.size() * domains_.size() * densities_.size();
  }

  void read(const Page& drawn, Level level, Findings& findings) {
    const Page page = level == Level::large ? drawn : shrink(drawn, level);
    const VisionTokens tokens = codec_.encode({&page, 1}).front();
    const ReadPage got = codec_.decode({&tokens, 1}).front();
    const Fidelity fidelity = fidelity_of(drawn, got);
    Curve& curve = findings.curves.back();
    const std::size_t characters = count_characters(drawn.text);
    ++curve.pages;
    curve.characters += characters;
    curve.text_tokens += count_text_tokens(drawn.text);
    curve.vision_tokens += static_cast<std::size_t>(tokens.count);
    curve.text_bytes += drawn.text.size();
    curve.token_bytes += byte_count(tokens);
    curve.errors += (1 - fidelity.accuracy) * double(characters);
    curve.exact_rows += fidelity.exact_rows;
    curve.word_precision += fidelity.word_precision;
    curve.confidence += got.confidence;
    const auto rows = rows_of(drawn);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].empty()) continue;
      const ReadRow& row = got.rows.at(i);
      findings.lines.push_back(
          {findings.curves.size() - 1, row.confidence, row.evidence, row.text == rows[i]});
    }
  }

  const ExperimentOptions& options_;
  const Renderer renderer_;
  const Codec codec_;
  std::vector<Level> levels_;
  std::vector<Density> densities_;
  std::vector<Domain> domains_;
  ProgressBar bar_{"pages"};
  std::size_t done_ = 0;
};

/// Of the rows said to be right with a probability from..to: how many there are, what was said of
/// them on average, and how many were right.
struct Bin {
  double from, to;
  std::size_t rows = 0, exact = 0;
  double said = 0;
};

std::vector<Bin> calibration_of(const Findings& findings) {
  constexpr double kEdges[] = {0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.0};
  std::vector<Bin> bins;
  for (std::size_t i = 0; i + 1 < std::size(kEdges); ++i)
    bins.push_back({kEdges[i], kEdges[i + 1]});
  for (const ReadLine& line : findings.lines) {
    const auto bin = std::ranges::find_if(
        bins, [&](const Bin& one) { return line.confidence < one.to || &one == &bins.back(); });
    ++bin->rows;
    bin->exact += line.exact;
    bin->said += line.confidence;
  }
  return bins;
}

Json document_of(const Findings& findings, double seconds, bool complete) {
  Json curves = Json::array();
  for (const Curve& curve : findings.curves) {
    if (curve.pages == 0) continue;
    curves.push_back({{"level", name_of(curve.level)},
                      {"density", static_cast<int>(curve.density)},
                      {"domain", curve.domain},
                      {"pages", curve.pages},
                      {"characters", curve.characters},
                      {"text_tokens", curve.text_tokens},
                      {"vision_tokens", curve.vision_tokens},
                      {"text_bytes", curve.text_bytes},
                      {"token_bytes", curve.token_bytes},
                      {"compression", curve.compression()},
                      {"accuracy", curve.accuracy()},
                      {"exact_rows", curve.mean(curve.exact_rows)},
                      {"word_precision", curve.mean(curve.word_precision)},
                      {"confidence", curve.mean(curve.confidence)}});
  }
  Json calibration = Json::array();
  for (const Bin& bin : calibration_of(findings)) {
    if (bin.rows == 0) continue;
    calibration.push_back({{"from", bin.from},
                           {"to", bin.to},
                           {"rows", bin.rows},
                           {"said", bin.said / double(bin.rows)},
                           {"exact", double(bin.exact) / double(bin.rows)}});
  }
  return {{"curves", curves},
          {"calibration", calibration},
          {"complete", complete},
          {"seconds", seconds}};
}

/// Markdown: a row a kind of text, a column a level. `curves`: of one density.
template <typename Cell>
std::string table_of(std::span<const Curve* const> curves, Cell cell) {
  std::string head = "| text |", rule = "\n|---|", rows;
  for (const Curve* curve : curves) {
    if (curve->domain != curves.front()->domain) break;
    head += " " + std::string(name_of(curve->level)) + " |";
    rule += "---|";
  }
  const std::string* domain = nullptr;
  for (const Curve* curve : curves) {
    if (!domain || *domain != curve->domain) rows += "\n| " + curve->domain + " |";
    domain = &curve->domain;
    rows += " " + cell(*curve) + " |";
  }
  return head + rule + rows + "\n";
}

/// Markdown: for each density accuracy and bytes by kind of text and level, then the calibration.
std::string tables_of(const Findings& findings) {
  std::map<Density, std::vector<const Curve*>> by_density;
  for (const Curve& curve : findings.curves) {
    if (curve.pages > 0) by_density[curve.density].push_back(&curve);
  }
  std::string text;
  for (const auto& [density, curves] : by_density) {
    const std::string columns = "\nDensity " + std::to_string(static_cast<int>(density));
    text += columns + ": characters read back, % (text tokens per vision token)\n\n" +
            table_of(curves, [](const Curve& curve) {
              return fixed(100 * curve.accuracy(), 2) + " (" + fixed(curve.compression(), 1) + "x)";
            });
    text += columns + ": bytes of a page's vision tokens (of its text)\n\n" +
            table_of(curves, [](const Curve& curve) {
              return grouped(curve.token_bytes / curve.pages) + " (" +
                     grouped(curve.text_bytes / curve.pages) + ")";
            });
  }
  text +=
      "\nHow sure the reader is of a row, and how often the row is exact\n\n"
      "| confidence, % | rows | mean confidence, % | exact, % |\n|---|---|---|---|\n";
  for (const Bin& bin : calibration_of(findings)) {
    if (bin.rows == 0) continue;
    text += "| " + fixed(100 * bin.from, 1) + " to " + fixed(100 * bin.to, 1) + " | " +
            grouped(bin.rows) + " | " + fixed(100 * bin.said / double(bin.rows), 1) + " | " +
            fixed(100 * double(bin.exact) / double(bin.rows), 1) + " |\n";
  }
  return text.substr(1);
}

std::string lines_csv(const Findings& findings) {
  std::string text =
      "level,density,domain,cells_per_token,decoder,weakest,glyph_reader,confidence,exact\n";
  for (const ReadLine& line : findings.lines) {
    const Curve& curve = findings.curves[line.curve];
    const Grid grid = grid_of(curve.density);
    text += std::string(name_of(curve.level)) + "," + std::to_string(grid.columns) + "," +
            curve.domain + "," + fixed(double(grid.columns * grid.rows) / token_count(curve.level), 3) +
            "," + fixed(line.evidence.decoder, 6) + "," + fixed(line.evidence.weakest, 6) + "," +
            fixed(line.evidence.glyph_reader, 6) + "," + fixed(line.confidence, 6) + "," +
            (line.exact ? "1" : "0") + "\n";
  }
  return text;
}

int experiment(const Session& session, const ExperimentOptions& options) {
  session.require_cells("experiment");
  if (!options.out.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.out, error);
    if (error) throw Error(ErrorCode::io, options.out + ": cannot be created: " + error.message());
  }
  note_interrupts();
  const Stopwatch watch;
  const Findings findings = Experiment(session, options).run();
  const bool complete = !interrupted();
  const Json document = document_of(findings, watch.seconds(), complete);
  const std::string tables = tables_of(findings);
  if (!options.out.empty()) {
    const std::filesystem::path folder(options.out);
    OutputFile((folder / "experiment.json").string()).write(to_text(document) + "\n");
    OutputFile((folder / "experiment.md").string()).write(tables);
    OutputFile((folder / "rows.csv").string()).write(lines_csv(findings));
  }
  session.print(document, tables);
  if (!complete) say("interrupted: the figures cover the pages read so far");
  return complete ? kOk : kInterrupted;
}

}  // namespace

void add_experiment(CLI::App& app, Session& session) {
  auto* verb =
      add_verb(app, "experiment",
               "Measure how much of each text is read back at each level, beside a control of "
               "random strings",
               "memctl experiment notes.txt src/main.cpp --levels small,tiny --pages 2");
  auto options = std::make_shared<ExperimentOptions>();
  verb->add_option("texts", options->files, "Text files, each a kind of text; - is stdin")
      ->required()
      ->type_name("TEXT");
  verb->add_option("--out", options->out,
                   "Folder for experiment.json, experiment.md and rows.csv (one line per row read)")
      ->type_name("DIR");
  verb->add_option("--densities", options->densities, "Columns of the pages")
      ->check(whole_number(1, 1000))
      ->delimiter(',')
      ->type_name("N,...")
      ->capture_default_str();
  verb->add_option("--levels", options->levels, "Default: all that the checkpoint reads")
      ->delimiter(',')
      ->type_name("LEVEL,...");
  verb->add_option("--pages", options->pages,
                   "Pages of each text, spread evenly over it; 0: all of it")
      ->check(whole_number(0, kMostPages))
      ->type_name("N")
      ->capture_default_str();
  verb->callback([&session, options] {
    session.run = [&session, options] { return experiment(session, *options); };
  });
}

}  // namespace fovea::memctl
