#include "memctl/command_line.h"

#include <algorithm>

namespace fovea::memctl {
namespace {

/// Of a type's name such as "TEXT:{keep,drop}".
std::vector<std::string> choices_in(const std::string& type) {
  const std::size_t begin = type.find('{'), end = type.find('}');
  std::vector<std::string> choices;
  if (begin == std::string::npos || end == std::string::npos) return choices;
  std::string rest = type.substr(begin + 1, end - begin - 1);
  for (std::size_t at = 0; at <= rest.size();) {
    const std::size_t comma = std::min(rest.find(',', at), rest.size());
    choices.push_back(rest.substr(at, comma - at));
    at = comma + 1;
  }
  return choices;
}

DescribedOption option_of(const CLI::Option& option) {
  DescribedOption described;
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  const std::string type = option.get_type_name();
  described.description = option.get_description();
  if (option.get_items_expected_max() == 0) return described;
  described.choices = choices_in(type);
  described.value = type.substr(0, type.find_first_of(":{"));
  if (described.names.empty()) described.argument = option.get_name();
  return described;
}

}  // namespace

bool DescribedOption::is_file() const {
  return value.find("FILE") != std::string::npos || value.find("DIR") != std::string::npos ||
         value == "POLICY" || value.find(".fvt") != std::string::npos;
}

DescribedVerb describe(const CLI::App& app) {
  DescribedVerb verb;
  for (const CLI::App* at = &app; at->get_parent() != nullptr; at = at->get_parent())
    verb.path.insert(verb.path.begin(), at->get_name());
  verb.description = app.get_description();
  verb.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) verb.options.push_back(option_of(*option));
  for (const CLI::App* below : app.get_subcommands(nullptr)) verb.verbs.push_back(describe(*below));
  return verb;
}

}  // namespace fovea::memctl
