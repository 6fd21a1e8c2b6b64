// What it costs to find out how far pages may fade: a round of forgetting by fidelity that reads the
// rows that decide (as `age` does), beside one that reads every page whole at each level tried, on
// copies of one store. Says how many decisions are equal, whether the figures that were estimated
// are as far off as they say at most, and the processor time of both. Prints a Markdown table.
// Usage: ageing_bench [--pages N] [--floors 0.98,0.9] TEXT...

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "fovea/error.h"
#include "fovea/memory.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

const std::string kCheckpoint = FOVEA_SOURCE_DIR "/models/fovea-nano";
constexpr Time kNow = 1'900'000'000;

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Arguments {
  std::size_t pages = 4;
  std::vector<double> floors = {0.995, 0.98, 0.9};
  std::vector<std::string> texts;
};

Arguments arguments_of(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--pages" && i + 1 < count) {
      arguments.pages = std::strtoul(words[++i], nullptr, 10);
    } else if (word == "--floors" && i + 1 < count) {
      arguments.floors.clear();
      std::istringstream list(words[++i]);
      for (std::string floor; std::getline(list, floor, ',');)
        arguments.floors.push_back(std::stod(floor));
    } else {
      arguments.texts.push_back(word);
    }
  }
  if (arguments.texts.empty() || arguments.pages == 0)
    throw Error(ErrorCode::invalid_argument,
                "usage: ageing_bench [--pages N] [--floors 0.98,0.9] TEXT...");
  return arguments;
}

/// As much of the file's middle as fills so many pages.
std::string middle_of(const std::string& path, std::size_t pages) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, path + ": cannot be opened");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t size = std::min(text.size(), pages * 5800 + 3000);
  std::size_t begin = (text.size() - size) / 2;
  while (begin < text.size() && (text[begin] & 0xC0) == 0x80) ++begin;
  return text.substr(begin, size);
}

/// A store of pages at base, none of them measured.
void fill(const std::string& store, const std::string& text) {
  Memory memory(store, kCheckpoint);
  MemoryOptions options;
  options.level = Level::base;
  options.measured_pages = 0;
  options.keep_secrets = true;
  memory.add(make_message("user", text), options);
}

struct Round {
  std::map<std::int64_t, Level> levels;
  std::map<std::int64_t, Step> steps;
  std::size_t measured = 0;
  double seconds = 0;
};

Round aged(const std::string& store, double floor, bool whole) {
  Memory memory(store, kCheckpoint);
  std::map<std::int64_t, Page> drawn;
  AgeOptions options;
  options.policy = Policy();
  options.policy->bands = {{.older_than = 0, .level = {}, .floor = floor}};
  options.now = kNow;
  if (whole) {
    options.measure = [&](std::int64_t id, Level level) {
      const Page page = memory.picture(id, Level::large), small = shrink(page, level);
      const auto tokens = memory.codec().encode({&small, 1});
      return fidelity_of(page, memory.codec().decode(tokens, 1).front());
    };
  }
  memory.codec();
  const double start = processor_seconds();
  const AgeResult result = memory.age(options);
  Round round;
  round.seconds = processor_seconds() - start;
  round.measured = result.measured;
  for (const Step& step : result.steps) round.steps[step.id] = step;
  for (const PageInfo& page : memory.pages()) round.levels[page.id] = page.level;
  return round;
}

struct Sums {
  std::size_t pages = 0, equal = 0, estimated = 0, outside = 0;
  double error = 0, stated = 0, whole = 0, rows = 0;

  void add(const Round& by_whole, const Round& by_rows) {
    whole += by_whole.seconds;
    rows += by_rows.seconds;
    for (const auto& [id, level] : by_whole.levels) {
      ++pages;
      equal += by_rows.levels.at(id) == level;
      const auto found = by_rows.steps.find(id), exact = by_whole.steps.find(id);
      const bool both = found != by_rows.steps.end() && exact != by_whole.steps.end();
      if (!both || found->second.to != exact->second.to) continue;
      const double off = std::abs(*found->second.fidelity - *exact->second.fidelity);
      ++estimated;
      outside += off > found->second.fidelity_error + 1e-9;
      error += off;
      stated += found->second.fidelity_error;
    }
  }
};

void print(const std::string& name, double floor, const Sums& sums) {
  const double steps = static_cast<double>(std::max<std::size_t>(1, sums.estimated));
  std::printf("| %s | %g | %zu | %zu | %.2f | %.2f | %zu | %.2f s | %.2f s | %.2f |\n",
              name.c_str(), 100 * floor, sums.pages, sums.equal, 100 * sums.error / steps,
              100 * sums.stated / steps, sums.outside, sums.whole, sums.rows,
              sums.rows / sums.whole);
  std::fflush(stdout);
}

void run(const Arguments& arguments) {
  const fs::path folder =
      fs::temp_directory_path() / ("fovea_ageing_bench_" + std::to_string(std::time(nullptr)));
  fs::create_directories(folder);
  std::printf(
      "| text | floor, %% | pages | at the same level | off by, %% | stated, %% | off further "
      "| read whole | rows that decide | ratio |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n");
  Sums all;
  for (const std::string& path : arguments.texts) {
    const std::string name = fs::path(path).filename().string();
    const std::string full = (folder / "full.db").string();
    fs::remove(full);
    fill(full, middle_of(path, arguments.pages));
    for (const double floor : arguments.floors) {
      Round rounds[2];
      for (const bool whole : {true, false}) {
        const std::string copy = (folder / (whole ? "whole.db" : "rows.db")).string();
        fs::remove(copy);
        Memory(full, kCheckpoint).backup(copy);
        rounds[whole] = aged(copy, floor, whole);
      }
      Sums sums;
      sums.add(rounds[true], rounds[false]);
      all.add(rounds[true], rounds[false]);
      print(name, floor, sums);
    }
  }
  print("all", 0, all);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace fovea

int main(int count, char** words) try {
  fovea::run(fovea::arguments_of(count, words));
} catch (const std::exception& error) {
  std::fprintf(stderr, "ageing_bench: %s\n", error.what());
  return 1;
}
