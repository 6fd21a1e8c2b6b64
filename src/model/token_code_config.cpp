#include "model/token_code_config.h"

#include <fstream>
#include <iterator>

#include "core/read_json.h"

namespace fovea {
namespace {

using nlohmann::json;

constexpr int kMostColumns = 1 << 16;
constexpr int kLargestRange = 127;
constexpr std::size_t kMostRates = 16;

TokenRate rate_of(const json& rate) {
  const auto step = rate.at("step").get<float>();
  const auto agreement = rate.value("agreement", 0.0f);
  if (!(step > 0 && step <= 1024) || !(agreement >= 0 && agreement <= 1))
    throw Error(ErrorCode::corruption,
                "expected rates of a step above 0 and an agreement from 0 to 1, found " +
                    rate.dump().substr(0, 80));
  return {step, agreement};
}

std::vector<TokenRate> rates_of(const json& rates) {
  std::vector<TokenRate> all;
  for (const json& rate : rates.get_ref<const json::array_t&>()) all.push_back(rate_of(rate));
  if (all.empty() || all.size() > kMostRates)
    throw Error(ErrorCode::corruption, "expected from 1 to " + std::to_string(kMostRates) +
                                           " rates, found " + std::to_string(all.size()));
  return all;
}

TokenCodeConfig config_of(const json& level) {
  const auto columns = whole_number(level.at("k"), 1, kMostColumns);
  const auto range = whole_number(level.value("range", json(31)), 1, kLargestRange);
  if (!columns || !range)
    throw Error(ErrorCode::corruption, "expected k from 1 to 65536 and a range from 1 to 127, found " +
                                           level.dump().substr(0, 80));
  return {static_cast<int>(*columns), static_cast<int>(*range), rates_of(level.at("rates"))};
}

}  // namespace

TokenCodeConfigs read_token_codes(const std::string& config_path) {
  std::ifstream file(config_path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, config_path + ": cannot be opened");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json config = read_json<json>(text, config_path);
  const json::json_pointer place("/fovea/token_code");
  TokenCodeConfigs codes;
  try {
    if (!config.contains(place)) return codes;
    const json& token_code = config.at(place);
    for (const auto& [level, code] : token_code.at("levels").get_ref<const json::object_t&>())
      codes.levels[level_from_name(level)] = config_of(code);
    if (token_code.contains("also_reads"))
      codes.also_reads = token_code.at("also_reads").get<std::vector<std::string>>();
  } catch (const json::exception& error) {
    throw Error(ErrorCode::corruption, config_path + ": fovea.token_code: " + reason_of(error));
  } catch (const Error& error) {
    throw Error(ErrorCode::corruption, config_path + ": fovea.token_code: " + error.what());
  }
  return codes;
}

}  // namespace fovea
