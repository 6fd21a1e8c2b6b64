#include <cstdio>
#include <exception>
#include <filesystem>

#include <c10/core/InferenceMode.h>

#include "model/golden/checks.h"
#include "model/golden/vectors.h"
#include "model/placement.h"

namespace {

constexpr const char* kUsage =
    "usage: fovea_golden FOLDER [DEVICE]\n"
    "Compares the model with reference vectors. FOLDER holds config.json, model.safetensors,\n"
    "vectors.safetensors, cases.json and images/. DEVICE: cpu, cuda, cuda:N; by default a GPU if\n"
    "there is one. Calculates in float32. Prints each tensor's largest difference.\n"
    "Exit status: 0 all within tolerance, 1 not, 2 wrong usage.\n";

int compare_folder(const char* folder, const char* device) {
  using namespace fovea::golden;
  c10::InferenceMode inference;
  Model model(folder, fovea::placement_of({.device = device, .precision = fovea::Precision::fp32}));
  std::map<std::string, Run> runs;
  for (auto& [name, spec] : model.cases.at("cases").items()) runs[name] = run_case(model, spec);
  Report report;
  check_vectors(model, runs, report);
  check_runs(model, runs, report);
  check_pictures(model, report);
  check_ngrams(model, report);
  return report.finish();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3 || !std::filesystem::is_directory(argv[1])) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  try {
    return compare_folder(argv[1], argc > 2 ? argv[2] : "auto");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fovea_golden: %s\n", error.what());
    return 1;
  }
}
