#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <set>

#include "fovea/codec.h"
#include "fovea/error.h"
#include "fovea/renderer.h"
#include "fovea/text.h"
#include "memctl/checks.h"
#include "memctl/experiment/experiment_run.h"
#include "memctl/experiment/figures.h"
#include "memctl/experiment/packed_size.h"
#include "memctl/experiment/page_journal.h"
#include "memctl/experiment/random_text.h"
#include "memctl/experiment/report.h"
#include "memctl/files.h"
#include "memctl/interrupt.h"
#include "memctl/measurement/once.h"
#include "memctl/measurement/sha256.h"
#include "memctl/output.h"
#include "memctl/output_file.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

constexpr const char* kExplained =
    "Controls beside each text: its words shuffled, its characters shuffled, random strings.\n"
    "Baselines beside each level, without a codec or a model: as many text tokens of a page\n"
    "as it has vision tokens there.\n"
    "  truncation  the page's first tokens\n"
    "  newest      its last tokens\n"
    "  sentences   its sentences nearest to the mean of all, by TF-IDF\n"
    "  bm25        its sentences that best answer to its most distinctive words\n"
    "  dropping    its rarest words, in the manner of LLMLingua-2, without its classifier\n"
    "With --out, the same command goes on where it was stopped or killed.\n\n";

struct ExperimentOptions {
  std::vector<std::string> files;
  std::string format = "auto";
  std::string out;
  std::vector<int> densities{106};
  std::vector<std::string> levels;
  std::vector<std::string> tokenizers;
  std::vector<std::string> controls;
  std::size_t pages = 4;
  std::uint64_t seed = 1;
  bool no_shuffles = false;
};

template <typename T, typename Name>
void check(const std::vector<T>& wanted, const std::vector<T>& known, Name name,
           const std::string& what) {
  for (const T& one : wanted) {
    if (std::ranges::find(known, one) != known.end()) continue;
    std::string list;
    for (const T& other : known) list += (list.empty() ? "" : ", ") + name(other);
    throw Error(ErrorCode::invalid_argument,
                what + " " + name(one) + ": the checkpoint reads " + list);
  }
}

std::string name_of_level(Level level) { return std::string(name_of(level)); }

/// What is to be read, of what the command line asks for.
ExperimentPlan plan_of(const ExperimentOptions& options, const std::vector<Text>& texts) {
  ExperimentPlan plan{.pages = options.pages, .seed = options.seed};
  for (const std::string& name : options.levels) add_once(plan.levels, level_from_name(name));
  for (const int columns : options.densities)
    add_once(plan.densities, density_from_columns(columns));
  std::size_t longest = 0;
  for (const Text& text : texts) {
    plan.sources.push_back({text.name, text.text, !options.no_shuffles});
    longest = std::max(longest, text.text.size());
  }
  // Enough for all pages, but not much more than the longest text has, whatever --pages says.
  constexpr std::size_t kMoreThanAPage = 20000, kEnough = 4 * kMoreThanAPage;
  const std::size_t enough = std::max(longest, kEnough);
  const std::size_t length =
      options.pages > 0 ? std::min(options.pages * kMoreThanAPage, enough) : longest;
  plan.sources.push_back({kRandomDomain, random_text(length, options.seed), false});
  return plan;
}

/// Reads what `evaluate` wrote. Throws Error(invalid_argument) for a file with nothing to stand
/// beside what is planned.
std::vector<TrainedControl> read_controls(const std::vector<std::string>& files,
                                          const ExperimentPlan& plan) {
  const auto planned = [&](const TrainedFigures& figures) {
    return std::ranges::count(plan.levels, figures.level) > 0 &&
           std::ranges::count(plan.densities, figures.density) > 0 &&
           std::ranges::count(plan.sources, figures.domain, &PlannedText::name) > 0;
  };
  std::vector<TrainedControl> controls;
  std::set<std::string> taken;
  for (const std::string& file : files) {
    const std::string json = read_file(file);
    TrainedControl& control = controls.emplace_back(trained_control_from(json, file));
    control.name = unused_name(escaped_line(std::filesystem::path(file).stem().string()), taken);
    control.sha256 = sha256_of(json);
    if (std::ranges::any_of(control.figures, planned)) continue;
    std::vector<std::string> domains;
    for (const TrainedFigures& figures : control.figures) add_once(domains, figures.domain);
    std::string list;
    for (const std::string& domain : domains) list += (list.empty() ? "" : ", ") + domain;
    throw Error(ErrorCode::invalid_argument,
                "--control " + file + ": none of its texts (" + list +
                    ") is measured here at its levels and densities; texts are known by the names "
                    "of their files");
  }
  return controls;
}

/// What the figures depend on.
Json run_of(const Session& session, const ExperimentOptions& options, const ExperimentPlan& plan,
            const std::vector<Text>& texts, const Codec& codec) {
  Json run = run_facts(session, codec, texts);
  Json levels = Json::array(), densities = Json::array();
  for (const Level level : plan.levels) levels.push_back(name_of(level));
  for (const Density density : plan.densities) densities.push_back(static_cast<int>(density));
  Json tokenizers = Json::object();
  for (const CountedTokenizer& one : plan.tokenizers) tokenizers[one.name] = one.sha256;
  run["seed"] = options.seed;
  run["densities"] = densities;
  run["levels"] = levels;
  run["pages"] = options.pages;
  run["resamples"] = kResamples;
  run["tokenizers"] = tokenizers;
  run["shuffles"] = !options.no_shuffles;
  run["beam_width"] = session.codec.beam_width;
  return run;
}

void pack(std::vector<Text>& texts) {
  constexpr std::size_t kMostPacked = std::size_t{64} << 20;  // xz takes 2 to 3 MB/s
  for (Text& text : texts) {
    if (text.text.size() > kMostPacked) continue;
    text.zstd_bytes = zstd_size(text.text);
    text.xz_bytes = xz_size(text.text);
  }
}

void write_results(const std::string& out, const Json& document, const std::string& tables,
                   const Findings& findings) {
  if (out.empty()) return;
  const std::filesystem::path folder(out);
  write_file((folder / "experiment.json").string(), to_text(document) + "\n");
  write_file((folder / "experiment.md").string(), tables);
  write_file((folder / "curves.csv").string(), curves_csv(findings));
  write_file((folder / "rows.csv").string(), rows_csv(findings));
}

void draw_results(const std::string& out, const Findings& findings, const std::vector<Text>& texts,
                  const ExperimentPlan& plan, const Renderer& renderer) {
  if (out.empty()) return;
  std::vector<NamedFigure> figures = accuracy_figures(findings);
  const auto add = [&](std::vector<NamedFigure> more) {
    std::ranges::move(more, std::back_inserter(figures));
  };
  add(rate_figures(findings, texts));
  add(error_maps(findings));
  add(page_figures(findings, plan, renderer));
  write_figures((std::filesystem::path(out) / "pictures").string(), figures);
}

void say_what_is_short(const Findings& findings, Level level) {
  for (const Curve& curve : findings.curves())
    if (curve.level == level && curve.pages.size() == 1 && !curve.pages.front()->full)
      say(curve.domain + ": does not fill a page of " + columns_of(curve.density) +
          " columns, so its compression is lower than that of a full one");
}

int experiment(const Session& session, const ExperimentOptions& options) {
  session.require_cells("experiment");
  note_interrupts();
  const Stopwatch watch;
  ProgressBar bar("pages");
  std::vector<Text> texts = read_texts(options.files, options.format, bar);
  ExperimentPlan plan = plan_of(options, texts);
  plan.tokenizers = read_tokenizers(options.tokenizers);
  const Renderer renderer(session.checkpoint());
  const Codec codec(session.checkpoint(), session.codec);
  if (plan.levels.empty()) plan.levels = codec.levels();
  check(plan.levels, codec.levels(), name_of_level, "level");
  check(plan.densities, codec.densities(), columns_of, "density");
  std::vector<TrainedControl> controls = read_controls(options.controls, plan);

  RunReport report{.run = run_of(session, options, plan, texts, codec),
                   .command = session.arguments};
  PageJournal journal(options.out, report.run);
  pack(texts);
  report.known = journal.records().size();
  report.complete = run_experiment(plan, renderer, codec, journal, bar);
  report.seconds = watch.seconds();

  std::vector<std::string> domains;
  for (const PlannedText& source : plan.sources) domains.push_back(source.name);
  const Findings findings(journal.records(), plan.densities, domains, plan.levels, plan.seed,
                          std::move(controls));
  say_what_is_short(findings, plan.levels.front());
  const Json document = document_of(findings, texts, report);
  const std::string tables = tables_of(findings, texts, report);
  write_results(options.out, document, tables, findings);
  draw_results(options.out, findings, texts, plan, renderer);
  session.print(document, tables);
  if (report.complete) return kOk;
  say("interrupted: the figures cover the pages read so far" +
      std::string(options.out.empty() ? "" : "; the same command goes on from there"));
  return kInterrupted;
}

}  // namespace

void add_experiment(CLI::App& app, Session& session) {
  auto* verb = add_verb(
      app, "experiment",
      "Measure how much of each text is read back at each level, beside controls and baselines",
      "memctl experiment notes.txt session.jsonl --levels small,tiny --pages 20 --out measured");
  verb->footer(kExplained + verb->get_footer());
  auto options = std::make_shared<ExperimentOptions>();
  verb->add_option("texts", options->files,
                   "Text files and transcripts, read as `compact` does, each a kind of text; - is "
                   "stdin")
      ->required()
      ->type_name("TEXT");
  verb->add_option("--format", options->format,
                   "Of all texts: auto, text, or a format of transcripts that `compact` names")
      ->capture_default_str();
  verb->add_option("--out", options->out,
                   "Folder for experiment.json, experiment.md, curves.csv, rows.csv (one line per "
                   "row read), pages.jsonl (one per page, as it is read) and pictures/ (PNG, SVG)")
      ->type_name("DIR");
  verb->add_option("--densities", options->densities, "Columns of the pages")
      ->check(columns())
      ->delimiter(',')
      ->type_name("N,...")
      ->capture_default_str();
  verb->add_option("--levels", options->levels, "Default: all that the checkpoint reads")
      ->delimiter(',')
      ->type_name("LEVEL,...");
  verb->add_option("--tokenizer", options->tokenizers,
                   "A tokenizer.json to count text tokens with too; may be given again "
                   "(tools/fetch_tokenizers.py fetches some)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  verb->add_option("--control", options->controls,
                   "What `python -m fovea.training evaluate --texts` wrote of another codec on the "
                   "same texts, to stand beside; may be given again, also for a finished --out")
      ->allow_extra_args(false)
      ->type_name("FILE");
  verb->add_option("--pages", options->pages,
                   "Pages of each text, spread evenly over it; 0: all of it")
      ->check(whole_number(0, kMostPages))
      ->type_name("N")
      ->capture_default_str();
  verb->add_option("--seed", options->seed,
                   "Of the controls, and of the bootstrap that makes the intervals")
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()))
      ->type_name("N")
      ->capture_default_str();
  verb->add_flag("--no-shuffles", options->no_shuffles,
                 "Without the controls that shuffle a text, which take two thirds of the time");
  verb->callback([&session, options] {
    session.run = [&session, options] { return experiment(session, *options); };
  });
}

}  // namespace fovea::memctl
