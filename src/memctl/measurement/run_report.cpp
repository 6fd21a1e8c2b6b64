#include "memctl/measurement/run_report.h"

#include "memctl/output.h"

namespace fovea::memctl {
namespace {

Json text_json(const Text& text) {
  return {{"domain", text.name},
          {"file", text.file},
          {"format", text.format},
          {"bytes", text.bytes},
          {"sha256", text.sha256},
          {"text_bytes", text.text.size()},
          {"zstd_bytes", or_null(text.zstd_bytes)},
          {"xz_bytes", or_null(text.xz_bytes)}};
}

}  // namespace

void add_run(Json& document, const RunReport& report, const std::vector<Text>& texts) {
  document["command"] = report.command;
  Json& inputs = document["inputs"] = Json::array();
  for (const Text& text : texts) inputs.push_back(text_json(text));
  for (const auto& [name, value] : report.run.items())
    if (name != "inputs") document[name] = value;
}

std::string run_line(const Json& run, const std::string& asked) {
  const auto word = [](const Json& value) { return value.get<std::string>(); };
  return "memctl " + word(run.at("memctl")) + ", " + word(run.at("checkpoint").at("name")) + " " +
         word(run.at("checkpoint").at("fingerprint")).substr(0, 16) + ", " + asked + "seed " +
         run.at("seed").dump() + ", " + word(run.at("machine").at("processor")) + "\n";
}

Json interval_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

}  // namespace fovea::memctl
