#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "fovea/error.h"
#include "memctl/bench_folder.h"
#include "memctl/checks.h"
#include "memctl/files.h"
#include "memctl/interrupt.h"
#include "memctl/lifetime/pictures.h"
#include "memctl/lifetime/report.h"
#include "memctl/lifetime/simulation.h"
#include "memctl/output.h"
#include "memctl/output_file.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

constexpr const char* kLifetimeExplained =
    "The texts are spread evenly over the days, and each policy gets a store of its own: its\n"
    "messages come day by day, and each day ends with a round of forgetting. --store is not used.\n"
    "Policies that have no file and no preset:\n"
    "  none   nothing fades: every page stays at base\n"
    "  paper  by age, as DeepSeek-OCR's paper draws it: large, after a week base, after a month\n"
    "         small, after a year tiny\n"
    "Beside each policy stands the newest text in as many tokens as the policy takes.\n"
    "On two cores a page takes some 5 seconds: examples/sample_day.jsonl, 35 pages, 3 minutes.\n"
    "With --out, the same command goes on where it was stopped or killed.\n\n";

struct LifetimeOptions {
  std::vector<std::string> files;
  std::string format = "auto";
  std::string out;
  std::vector<std::string> policies{"none", "paper", "careful", "balanced", "lean"};
  std::string archive = "keep";
  int days = 180;
  int every = 7;
  std::size_t pages = 8;
  std::size_t questions = 3;
  int k = 5;
  std::uint64_t seed = 1;
};

Policy policy_by_age(std::vector<AgeBand> bands) {
  Policy policy;
  policy.bands = std::move(bands);
  return policy;
}

NamedPolicy policy_of(const std::string& given) {
  if (given == "none") return {given, policy_by_age({{.level = Level::base}})};
  if (given == "paper")
    return {given, policy_by_age({{.level = Level::large},
                                  {.older_than = 7 * kDay, .level = Level::base},
                                  {.older_than = 30 * kDay, .level = Level::small},
                                  {.older_than = 365 * kDay, .level = Level::tiny}})};
  const auto presets = Policy::preset_names();
  if (std::ranges::find(presets, given) == presets.end() && !std::filesystem::exists(given))
    throw Error(ErrorCode::not_found,
                "--policies \"" + given +
                    "\": not a file, and not one of none, paper, careful, balanced and lean");
  return {std::filesystem::path(given).stem().string(), policy_from_name(given)};
}

std::vector<NamedPolicy> policies_of(const std::vector<std::string>& given) {
  std::vector<NamedPolicy> policies;
  std::set<std::string> taken;
  for (const std::string& one : given) {
    NamedPolicy policy = policy_of(one);
    if (!taken.insert(policy.name).second)
      throw Error(ErrorCode::invalid_argument,
                  "--policies: two are called " + policy.name + "; name each once");
    policies.push_back(std::move(policy));
  }
  return policies;
}

Json run_of(const Session& session, const LifetimeOptions& options, const LifetimePlan& plan,
            const std::vector<Text>& texts, const Codec& codec) {
  Json run = run_facts(session, codec, texts);
  Json policies = Json::object();
  for (const NamedPolicy& one : plan.policies)
    policies[one.name] = Json::parse(one.policy.to_json());
  run["seed"] = options.seed;
  run["days"] = options.days;
  run["every"] = options.every;
  run["archive"] = options.archive;
  run["pages"] = options.pages;
  run["questions"] = options.questions;
  run["k"] = options.k;
  run["resamples"] = kResamples;
  run["policies"] = policies;
  return run;
}

void write_lifetime(const std::string& out, const Json& document, const std::string& tables,
                    const LifeFigures& figures) {
  if (out.empty()) return;
  const std::filesystem::path folder(out);
  write_file((folder / "lifetime.json").string(), to_text(document) + "\n");
  write_file((folder / "lifetime.md").string(), tables);
  write_file((folder / "lifetime.csv").string(), lifetime_csv(figures));
  write_figures((folder / "pictures").string(), life_pictures(figures));
}

/// In stores below `out`, or where there is none in a temporary folder.
bool live_through(const Simulated& simulated, const std::string& out, LifeRecords& records,
                  ProgressBar& bar) {
  namespace fs = std::filesystem;
  if (out.empty()) {
    const BenchFolder temporary(fs::temp_directory_path().string());
    return simulate(simulated, temporary.path(), records, bar);
  }
  const fs::path stores = fs::path(out) / "stores";
  const bool complete = simulate(simulated, stores.string(), records, bar);
  std::error_code ignored;
  if (complete) fs::remove(stores, ignored);
  return complete;
}

int lifetime(const Session& session, const LifetimeOptions& options) {
  session.require_cells("lifetime");
  note_interrupts();
  const Stopwatch watch;
  const LifetimePlan plan{.policies = policies_of(options.policies),
                          .archive = archive_from_name(options.archive),
                          .every = options.every,
                          .pages = options.pages,
                          .questions = options.questions,
                          .k = options.k,
                          .seed = options.seed};
  ProgressBar bar("days");
  const std::vector<Text> texts = read_texts(options.files, options.format, bar);
  const Life life = life_of(texts, options.days, Renderer(session.checkpoint()));
  const auto questions = questions_of(life, plan.questions, plan.seed);

  RunReport report{
      .run = run_of(session, options, plan, texts, Codec(session.checkpoint(), session.codec)),
      .command = session.arguments};
  LifeRecords records(options.out, report.run);
  report.known = records.readings();
  report.complete = live_through({plan, life, questions, session}, options.out, records, bar);
  bar.hide();
  report.seconds = watch.seconds();

  const LifeFigures figures = figures_of(plan, life, questions, records);
  const Json document = document_of(figures, texts, report);
  const std::string tables = tables_of(figures, texts, report);
  write_lifetime(options.out, document, tables, figures);
  session.print(document, tables);
  if (report.complete) return kOk;
  say("interrupted: the figures cover what was lived so far" +
      std::string(options.out.empty() ? "" : "; the same command goes on from there"));
  return kInterrupted;
}

void add_sizes(CLI::App& verb, LifetimeOptions& options) {
  verb.add_option("--days", options.days, "How long the life is that the texts are spread over")
      ->check(whole_number(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  verb.add_option("--every", options.every, "Days between two looks at the store")
      ->check(whole_number(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  verb.add_option("--pages", options.pages, "Pages of each range of ages that a look reads")
      ->check(whole_number(1, kMostPages))
      ->type_name("N")
      ->capture_default_str();
  verb.add_option("--questions", options.questions, "Of each page that is read")
      ->check(whole_number(0, 1000))
      ->type_name("N")
      ->capture_default_str();
  verb.add_option("-k", options.k, "Pages that a search may return for a question")
      ->check(columns())
      ->type_name("N")
      ->capture_default_str();
  verb.add_option("--seed", options.seed, "Of the pages, the questions and the intervals")
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()))
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void add_lifetime(CLI::App& app, Session& session) {
  auto* verb = add_verb(
      app, "lifetime",
      "Measure what forgetting does over simulated months: what each policy holds and still knows",
      "memctl lifetime session.jsonl --days 180 --policies balanced,mine.json --out measured");
  verb->footer(kLifetimeExplained + verb->get_footer());
  auto options = std::make_shared<LifetimeOptions>();
  verb->add_option("texts", options->files,
                   "Transcripts and text files, read as `compact` does, one after the other; - is "
                   "stdin")
      ->required()
      ->type_name("TEXT");
  verb->add_option("--format", options->format,
                   "Of all texts: auto, text, or a format of transcripts that `compact` names")
      ->capture_default_str();
  verb->add_option(
          "--out", options->out,
          "Folder for lifetime.json, lifetime.md, lifetime.csv, pictures, and lifetime.jsonl (a "
          "line per page read and per look)")
      ->type_name("DIR");
  verb->add_option("--policies", options->policies,
                   "none, paper, careful, balanced, lean, or JSON files")
      ->delimiter(',')
      ->type_name("POLICY,...")
      ->capture_default_str();
  verb->add_option("--archive", options->archive,
                   "keep: policies measure pages on their exact text, and only vision tokens are "
                   "read; drop: stores have no exact text")
      ->check(CLI::IsMember({"keep", "drop"}))
      ->capture_default_str();
  add_sizes(*verb, *options);
  verb->callback([&session, options] {
    session.run = [&session, options] { return lifetime(session, *options); };
  });
}

}  // namespace fovea::memctl
