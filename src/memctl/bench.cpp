#include <filesystem>

#include "fovea/bench.h"
#include "fovea/error.h"
#include "memctl/bench_folder.h"
#include "memctl/bench_stages.h"
#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

/// Where the store would stand: its disk is what is measured.
std::string folder_of(const std::string& store) {
  const auto folder = std::filesystem::absolute(store).parent_path();
  return !is_server_url(store) && std::filesystem::exists(folder)
             ? folder.string()
             : std::filesystem::temp_directory_path().string();
}

Json document_of(const Stage& stage) {
  return {{"stage", stage.name},
          {"level", stage.level ? Json(name_of(*stage.level)) : Json(nullptr)},
          {"unit", stage.unit},
          {"rate", stage.rate},
          {"seconds_each", stage.rate > 0 ? 1 / stage.rate : 0},
          {"ceiling", stage.ceiling},
          {"ceiling_rate", stage.ceiling_rate},
          {"ceiling_gflops", stage.gflops ? Json(*stage.gflops) : Json(nullptr)},
          {"share", stage.share()}};
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string text_of(const Stage& stage) {
  std::string name = stage.name;
  if (stage.level) name += " " + std::string(name_of(*stage.level));
  return padded(name, 20) + padded(fixed(stage.rate, stage.rate < 100 ? 2 : 0) + " " + stage.unit + "/s", 20) +
         padded(percent(stage.share(), 1), 9) + "of " + stage.ceiling + "\n";
}

/// Opens an empty store and loads the checkpoint, as the first command of a day does.
double opening_seconds(const BenchSetup& setup) {
  const BenchFolder folder(setup.folder);
  const Stopwatch watch;
  {
    Memory memory(folder.file("store.db"), setup.checkpoint, {}, setup.codec);
    memory.codec();
    memory.renderer();
  }
  return watch.seconds();
}

int bench(const Session& session, const std::vector<std::string>& levels) {
  BenchSetup setup;
  session.require_cells("bench");
  setup.checkpoint = session.checkpoint();
  setup.codec = session.codec;
  setup.folder = folder_of(session.store);
  const double opening = opening_seconds(setup);
  for (const std::string& name : levels) setup.levels.push_back(level_from_name(name));
  if (levels.empty()) setup.levels = Codec(setup.checkpoint, setup.codec).levels();

  std::vector<Stage> stages;
  const auto run = [&](const char* what, auto&& part) {
    say(std::string("measuring ") + what + " ...");
    for (Stage& stage : part(setup)) stages.push_back(std::move(stage));
  };
  run("the renderer", bench_drawing);
  run("the codec", bench_codec);
  run("the store", bench_store);

  const Machine here = machine();
  const double gflops = product_gflops(1600, 1024, 1024);
  const double copies = copy_rate(std::size_t{64} << 20) / 1e9;
  Json entries = Json::array();
  std::string text = "libtorch " + here.libtorch + ", " + std::to_string(here.threads) + " threads, " +
                     (here.bf16 ? "bf16" : "fp32") + " products " + fixed(gflops, 0) +
                     " GFLOP/s, memory copy " + fixed(copies, 1) + " GB/s\n" +
                     "opening a store and loading the checkpoint: " + fixed(opening, 2) + " s\n";
  for (const Stage& stage : stages) {
    entries.push_back(document_of(stage));
    text += text_of(stage);
  }
  session.print({{"machine",
                  {{"libtorch", here.libtorch},
                   {"threads", here.threads},
                   {"bf16", here.bf16},
                   {"product_gflops", gflops},
                   {"copy_gb_per_second", copies}}},
                 {"open_and_load_seconds", opening},
                 {"stages", entries}},
                text);
  return kOk;
}

}  // namespace

void add_bench(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "bench",
                        "Measure every stage on this machine, beside what the machine can do",
                        "memctl bench --json > bench.json");
  auto levels = std::make_shared<std::vector<std::string>>();
  verb->add_option("--levels", *levels, "Levels to measure; default: all that the checkpoint reads")
      ->delimiter(',')
      ->type_name("LEVEL...");
  verb->callback([&session, levels] { session.run = [&session, levels] { return bench(session, *levels); }; });
}

}  // namespace fovea::memctl
