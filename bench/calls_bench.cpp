// What small calls take from C++, for bench/python_calls.py to compare with: a line "name seconds".

#include <chrono>
#include <cstdio>

#include "fovea/memory.h"

namespace {

/// The least mean of several rounds: what the machine does beside it only adds.
template <class Call>
void measure(const char* name, const Call& call) {
  constexpr int kRounds = 1000, kCalls = 10;
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count() / kCalls);
  }
  std::printf("%s %.9f\n", name, best);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: calls_bench STORE MODEL\n");
    return 2;
  }
  fovea::Memory memory(argv[1], argv[2]);
  volatile int kept = 0;
  measure("token_count", [&] { kept = fovea::token_count(fovea::level_from_name("tiny")); });
  measure("count_text_tokens", [&] { kept = static_cast<int>(fovea::count_text_tokens("a log")); });
  measure("lay_out", [&] { memory.renderer().lay_out("a log", fovea::Density::d106); });
  measure("pages", [&] { memory.pages(); });
  measure("stats", [&] { memory.stats(); });
}
