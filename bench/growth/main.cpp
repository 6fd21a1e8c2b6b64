// What one operation takes in a store of made-up pages, without a codec. growth.py calls it.
// Usage: growth_bench fill FILE PAGES
//        growth_bench FILE OPERATION MODEL [LEVEL WORDS]    prints a line of JSON

#include <ctime>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "bench/growth/operations.h"
#include "bench/store/fill.h"
#include "core/process_memory.h"
#include "memory/measure/median.h"

namespace {

using namespace fovea;
using namespace fovea::bench;

/// Processor time of all threads: a busy machine leaves it as it is.
double seconds_now() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double seconds_of(const std::function<void()>& work) {
  const double begin = seconds_now();
  work();
  return seconds_now() - begin;
}

nlohmann::json measured(const std::string& name, const Operand& operand) {
  const auto operation = operations().at(name)(operand);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak counts from here on
  const std::uint64_t before = process_bytes("VmRSS");
  const double first = seconds_of(operation.first);
  std::vector<double> seconds;
  for (std::size_t i = 0; i < operation.times; ++i) seconds.push_back(seconds_of(operation.each));
  const std::uint64_t peak = process_bytes("VmHWM");
  return {{"first", first},
          {"seconds", seconds.empty() ? first : median(seconds)},
          {"bytes", peak > before ? peak - before : 0}};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 4 && std::string(argv[1]) == "fill") {
      fill(argv[2], std::stoul(argv[3]));
    } else if (argc == 4 || argc == 6) {
      Operand operand{.file = argv[1], .model = argv[3]};
      if (argc == 6) {
        operand.level = level_from_name(argv[4]);
        operand.words = std::stoul(argv[5]);
      }
      std::cout << measured(argv[2], operand) << '\n';
    } else {
      std::fprintf(stderr,
                   "usage: growth_bench fill FILE PAGES | FILE OPERATION MODEL [LEVEL WORDS]\n");
      return 2;
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "growth_bench: %s\n", error.what());
    return 1;
  }
}
