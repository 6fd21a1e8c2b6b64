#include "memctl/measurement/run_facts.h"

#include <fstream>
#include <thread>

#include "fovea/bench.h"

namespace fovea::memctl {
namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

Json size_or_null(const std::optional<std::size_t>& size) {
  return size ? Json(*size) : Json(nullptr);
}

}  // namespace

Json run_facts(const Session& session, const Codec& codec, const std::vector<Text>& texts) {
  Json inputs = Json::object();
  for (const Text& text : texts)
    inputs[text.name] = {{"sha256", text.sha256}, {"bytes", text.bytes}, {"format", text.format}};
  const Machine here = machine();
  return {{"memctl", FOVEA_VERSION},
          {"checkpoint", {{"name", codec.name()}, {"fingerprint", codec.fingerprint()}}},
          {"weights", session.weights},
          {"device", session.codec.device},
          {"inputs", inputs},
          {"machine",
           {{"processor", processor()},
            {"processors", std::thread::hardware_concurrency()},
            {"threads", here.threads},
            {"bf16", here.bf16},
            {"libtorch", here.libtorch}}}};
}

Json number_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json interval_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

Json text_json(const Text& text) {
  return {{"domain", text.name},
          {"file", text.file},
          {"format", text.format},
          {"bytes", text.bytes},
          {"sha256", text.sha256},
          {"text_bytes", text.text.size()},
          {"zstd_bytes", size_or_null(text.zstd_bytes)},
          {"xz_bytes", size_or_null(text.xz_bytes)}};
}

}  // namespace fovea::memctl
