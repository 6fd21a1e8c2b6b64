// Encoder designs side by side on square pictures: vision tokens and operations by formula, time
// and peak memory of the model's own towers with random weights. Prints one Markdown table.
// Usage: encoder_designs [--sizes half|deepseek|nano] [--sides 512,1024] [--limit SECONDS]
//                        [--runs N] [--json FILE]

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/encoders/designs.h"
#include "bench/encoders/measurement.h"
#include "fovea/error.h"

namespace fovea::bench {
namespace {

using nlohmann::json;

constexpr int kPageCells = 106 * 53;  // of a default page

struct Settings {
  std::string sizes = "half";
  std::vector<int> sides{512, 640, 1024, 1280, 2048, 4096};
  double limit = 40;  // processor seconds
  int runs = 3;
  std::string json_file;
};

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

double load_now() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

std::string number(double value, int digits = 0) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// Three digits, or all of a larger number's.
std::string short_number(double value) {
  return number(value, value < 0.995 ? 3 : value < 9.95 ? 2 : value < 99.5 ? 1 : 0);
}

json row_of(Measurement& bench, const Design& design, int side) {
  const Plan plan = design.plan(side);
  const auto measured = bench.measure(design, plan);
  json row = {{"side", side},
              {"design", design.name},
              {"tokens", plan.tokens},
              {"pixels_per_token", double(side) * side / plan.tokens},
              {"cells_per_token", double(kPageCells) / plan.tokens},
              {"gflop", flops_of(plan, bench.sizes()) / 1e9},
              {"activation_bytes", activation_bytes(plan, bench.sizes())},
              {"score_bytes", score_bytes(plan, bench.sizes())},
              {"peak_bytes", nullptr},
              {"processor_seconds", nullptr},
              {"elapsed_seconds", nullptr}};
  if (measured) {
    row["processor_seconds"] = measured->seconds;
    row["elapsed_seconds"] = measured->elapsed;
    if (measured->peak_bytes) row["peak_bytes"] = *measured->peak_bytes;
  }
  return row;
}

/// As a multiple of the DeepEncoder's row of the same side: time, or operations if either was not
/// run.
std::string multiple(const json& row, const json& base) {
  const auto ratio = [&](const char* key) {
    return short_number(row[key].get<double>() / base[key].get<double>());
  };
  if (row["processor_seconds"].is_null() || base["processor_seconds"].is_null())
    return ratio("gflop") + " (GFLOP)";
  return ratio("processor_seconds");
}

void print_row(const json& row, const json& base) {
  const auto of = [&](const char* key) { return row[key].get<double>(); };
  std::string measured = "not run | not run";
  if (!row["processor_seconds"].is_null())
    measured = (row["peak_bytes"].is_null() ? "" : short_number(of("peak_bytes") / 1e6)) + " | " +
               short_number(of("processor_seconds"));
  std::printf("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", number(of("side")).c_str(),
              row["design"].get<std::string>().c_str(), number(of("tokens")).c_str(),
              number(of("pixels_per_token")).c_str(), short_number(of("cells_per_token")).c_str(),
              short_number(of("gflop")).c_str(), short_number(of("activation_bytes") / 1e6).c_str(),
              short_number(of("score_bytes") / 1e6).c_str(), measured.c_str(),
              multiple(row, base).c_str());
  std::fflush(stdout);
}

void run(const Settings& settings) {
  Measurement bench(sizes_named(settings.sizes), settings.runs, settings.limit);
  json document = {{"sizes", settings.sizes},          {"processor", processor()},
                   {"threads", at::get_num_threads()}, {"bf16", bench.bf16()},
                   {"load_before", load_now()},        {"rows", json::array()}};
  std::printf("%s, %d threads, %s, load %.1f before; sizes: %s\n\n", processor().c_str(),
              at::get_num_threads(), bench.bf16() ? "bfloat16" : "float32", load_now(),
              settings.sizes.c_str());
  std::puts(
      "| side | design | tokens | pixels a token | cells a token | GFLOP | activations MB "
      "| scores MB | peak MB | processor s | time |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|");
  for (const int side : settings.sides) {
    json base;
    for (const Design& design : encoder_designs()) {
      const json row = row_of(bench, design, side);
      if (base.is_null()) base = row;
      print_row(row, base);
      document["rows"].push_back(row);
    }
  }
  document["load_after"] = load_now();
  std::printf("\nload %.1f after\n", load_now());
  for (const Design& design : encoder_designs()) {
    document["sources"][design.name] = design.source;
    std::printf("%s: %s\n", design.name, design.source);
  }
  if (settings.json_file.empty()) return;
  std::ofstream file(settings.json_file);
  if (!(file << document.dump(2) << '\n' << std::flush))
    throw Error(ErrorCode::io, "cannot write " + settings.json_file + "; name a file that can be");
}

void check(const Settings& settings) {
  for (const int side : settings.sides)
    if (side < 448 || side % 64 != 0)
      throw Error(ErrorCode::invalid_argument,
                  "--sides: expected multiples of 64 from 448 on, got " + std::to_string(side));
}

int main_of(int count, char** arguments) {
  Settings settings;
  CLI::App app("Encoder designs side by side: tokens, operations, memory and time");
  app.add_option("--sizes", settings.sizes, "widths of the towers, half DeepSeek's by default")
      ->check(CLI::IsMember({"half", "deepseek", "nano"}));
  app.add_option("--sides", settings.sides, "of the pictures, in pixels")->delimiter(',');
  app.add_option("--limit", settings.limit, "processor seconds; what would take longer is not run");
  app.add_option("--runs", settings.runs,
                 "of which the fastest counts, where one takes less than 4 processor seconds");
  app.add_option("--json", settings.json_file, "file for the figures");
  CLI11_PARSE(app, count, arguments);
  check(settings);
  run(settings);
  return 0;
}

}  // namespace
}  // namespace fovea::bench

int main(int count, char** arguments) try {
  return fovea::bench::main_of(count, arguments);
} catch (const std::exception& error) {
  std::fprintf(stderr, "encoder_designs: %s\n", error.what());
  return 1;
}
