#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace fovea::memctl {

/// An option or argument as the command line has it.
struct DescribedOption {
  std::vector<std::string> names;  ///< "--query", "-o"; none: an argument
  std::string argument;            ///< what the help calls an argument
  std::string value;               ///< what it takes: "FILE", "N"; empty: a flag
  std::vector<std::string> choices;  ///< the only values that it takes; empty: others
  std::string description;
  bool is_file() const;
};

/// A verb, or the verb of a verb ("model check").
struct DescribedVerb {
  std::vector<std::string> path;
  std::string description;
  std::string footer;
  std::vector<DescribedOption> options;  ///< its own alone
  std::vector<DescribedVerb> verbs;
};

/// The command line as CLI11 has it, for what is made of it: completions, the manual.
DescribedVerb describe(const CLI::App& app);

/// The script that completes command lines in bash, zsh or fish.
std::string completion_for_bash(const DescribedVerb& program);
std::string completion_for_zsh(const DescribedVerb& program);
std::string completion_for_fish(const DescribedVerb& program);
/// The manual page, in man's macros.
std::string manual_page(const DescribedVerb& program, const std::string& version);

}  // namespace fovea::memctl
