#include "memctl/where.h"

namespace fovea::memctl {

void add_where(CLI::App& verb, std::vector<std::string>& where, const std::string& fields) {
  verb.add_option("--where", where,
                  "FIELD OPERATOR VALUE; may be repeated, all must hold. Fields: " + fields +
                      "; operators: = != < <= > >=, ~ (a pattern with * and ?), in and not in (a "
                      "list with commas)")
      ->type_name("CONDITION")
      ->allow_extra_args(false);
}

std::vector<Condition> conditions_of(const std::vector<std::string>& where) {
  std::vector<Condition> conditions;
  for (const std::string& text : where) conditions.push_back(condition_from_text(text));
  return conditions;
}

}  // namespace fovea::memctl
