#include <algorithm>
#include <array>
#include <utility>

#include "fovea/error.h"
#include "fovea/search.h"

namespace fovea {
namespace {

constexpr std::array<std::pair<std::string_view, Field>, 7> kFields = {
    {{"agent", Field::agent},
     {"session", Field::session},
     {"run", Field::run},
     {"role", Field::role},
     {"source", Field::source},
     {"time", Field::time},
     {"level", Field::level}}};

// Longer ones first: "<=" begins with "<".
constexpr std::array<std::pair<std::string_view, Comparison>, 9> kComparisons = {
    {{"not in ", Comparison::none_of},
     {"in ", Comparison::one_of},
     {"!=", Comparison::not_equal},
     {"<=", Comparison::at_most},
     {">=", Comparison::at_least},
     {"=", Comparison::equal},
     {"<", Comparison::less},
     {">", Comparison::greater},
     {"~", Comparison::like}}};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

[[noreturn]] void refuse_condition(std::string_view text) {
  throw Error(ErrorCode::invalid_argument,
              "condition \"" + std::string(text) +
                  "\": expected FIELD OPERATOR VALUE, such as \"role = user\"; fields: agent, "
                  "session, run, role, source, time, level; operators: = != < <= > >= ~ in, not in");
}

std::vector<std::string> values_of(std::string_view list) {
  std::vector<std::string> values;
  while (true) {
    const std::size_t comma = list.find(',');
    values.emplace_back(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return values;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Condition condition_from_text(std::string_view text) {
  const std::string_view all = trimmed(text);
  const std::size_t name_end = std::min(all.find_first_not_of("abcdefghijklmnopqrstuvwxyz"),
                                        all.size());
  const auto field = std::ranges::find(kFields, all.substr(0, name_end),
                                       &std::pair<std::string_view, Field>::first);
  const std::string_view rest = trimmed(all.substr(name_end));
  const auto comparison = std::ranges::find_if(
      kComparisons, [&](const auto& known) { return rest.starts_with(known.first); });
  if (field == kFields.end() || comparison == kComparisons.end()) refuse_condition(text);
  const std::string_view value = trimmed(rest.substr(comparison->first.size()));
  const bool is_list =
      comparison->second == Comparison::one_of || comparison->second == Comparison::none_of;
  if (value.empty()) refuse_condition(text);
  return {field->second, comparison->second,
          is_list ? values_of(value) : std::vector{std::string(value)}};
}

}  // namespace fovea
