#pragma once

#include <string>
#include <vector>

#include "memctl/lifetime/figures.h"

namespace fovea::test {

/// A line of `size` bytes with its end, filled up with words.
inline std::string line_of_size(std::string begins, std::size_t size) {
  while (begins.size() < size) begins += " and so on";
  begins.resize(size - 1);
  return begins + '\n';
}

inline constexpr std::size_t kMadePageBytes = 100;

/// A life in which each day has one message of 100 bytes, which fills a page; said a second after
/// midnight.
inline memctl::Life life_of_days(const std::vector<std::string>& days) {
  memctl::Life life;
  life.days = static_cast<int>(days.size());
  for (std::size_t day = 0; day < days.size(); ++day) {
    const std::size_t begin = life.text.size();
    life.text += line_of_size(days[day], kMadePageBytes);
    const Time said = life.end_of_day(static_cast<int>(day) - 1) + 1;
    life.messages.push_back({begin, life.text.size(), "user", said});
    life.pages.push_back({begin, life.text.size(), said, kMadePageBytes, 40});
  }
  return life;
}

inline memctl::LifetimePlan plan_of(const std::vector<std::string>& policies) {
  memctl::LifetimePlan plan{.policies = {}, .every = 1, .pages = 10, .questions = 2, .seed = 1};
  for (const std::string& name : policies)
    plan.policies.push_back({name, Policy::preset("balanced")});
  return plan;
}

/// What run.json says of a run over a life, as far as reports show it.
inline memctl::Json made_run() {
  return {{"memctl", "1.2"},
          {"checkpoint", {{"name", "nano"}, {"fingerprint", std::string(64, 'f')}}},
          {"seed", 7},
          {"days", 30},
          {"archive", "keep"},
          {"tokenizers", {{"qwen", "ab12"}}},
          {"inputs", {{"ships", "elsewhere"}}},
          {"machine", {{"processor", "Some Processor"}}}};
}

}  // namespace fovea::test
