#include <filesystem>

#include "fovea/error.h"
#include "memctl/bench_stages.h"
#include "memctl/bench_store.h"
#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"
#include "model/measure/ceiling.h"

namespace fovea::memctl {
namespace {

/// Where the store would stand: its disk is what is measured.
std::string folder_of(const std::string& store) {
  const auto folder = std::filesystem::absolute(store).parent_path();
  return std::filesystem::exists(folder) ? folder.string()
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

/// The store's figures, at a size that takes a moment.
std::vector<Stage> bench_small_store(const BenchSetup& setup) {
  constexpr std::size_t kPages = 200;
  const Json pages = bench_pages(setup.folder, kPages), searching = bench_searching(setup.folder, kPages);
  const auto rate = [](const Json& figures, double unit) { return unit / figures["median"].get<double>(); };
  const double bare_ms = searching["bare_fts5_ms"]["median"].get<double>() +
                         searching["bare_faiss_ms"]["median"].get<double>();
  return {{.name = "store insert",
           .level = {},
           .unit = "pages",
           .rate = rate(pages["store_us"], 1e6),
           .ceiling = "bare SQLite insert of the same bytes",
           .ceiling_rate = rate(pages["bare_us"], 1e6),
           .gflops = {}},
          {.name = "search among " + std::to_string(kPages),
           .level = {},
           .unit = "queries",
           .rate = rate(searching["store_ms"], 1000),
           .ceiling = "bare FTS5 and bare FAISS",
           .ceiling_rate = 1000 / bare_ms,
           .gflops = {}}};
}

/// One line a figure, indented by what it is part of.
void write_figures(const Json& figures, const std::string& indent, std::string& text) {
  for (const auto& [name, value] : figures.items()) {
    if (value.is_object()) {
      text += indent + name + "\n";
      write_figures(value, indent + "  ", text);
    } else {
      text += padded(indent + name, 40) +
              (value.is_number_float() ? fixed(value, value < 100 ? 2 : 0) : value.dump()) + "\n";
    }
  }
}

struct StoreSizes {
  bool store = false;
  std::size_t pages = 100'000;
  std::size_t vectors = 1'000'000;
};

int bench_store(const Session& session, const StoreSizes& sizes) {
  const std::string folder = folder_of(session.store);
  Json figures;
  say("adding messages and pages ...");
  figures["adding_a_message"] = bench_adding(folder, 5000);
  figures["adding_a_page"] = bench_pages(folder, 300);
  say("searching among " + counted(sizes.pages, "page") + " ...");
  figures["searching"] = bench_searching(folder, sizes.pages);
  say("the vector index with " + counted(sizes.vectors, "vector") + " ...");
  figures["index"] = bench_index(folder, sizes.vectors);
  std::string text;
  write_figures(figures, "", text);
  session.print(figures, text);
  return kOk;
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
  run("the store", bench_small_store);

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
  auto sizes = std::make_shared<StoreSizes>();
  verb->add_flag("--store", sizes->store,
                 "The store alone, at a size, beside bare SQLite and bare FAISS; needs no checkpoint");
  verb->add_option("--pages", sizes->pages, "Of --store: pages to search among")
      ->check(whole_number(1, 100'000'000))
      ->capture_default_str();
  verb->add_option("--vectors", sizes->vectors, "Of --store: vectors in the index, 1000 or more")
      ->check(whole_number(1000, 100'000'000))
      ->capture_default_str();
  verb->callback([&session, levels, sizes] {
    session.run = [&session, levels, sizes] {
      return sizes->store ? bench_store(session, *sizes) : bench(session, *levels);
    };
  });
}

}  // namespace fovea::memctl
