#include <fstream>
#include <thread>

#include "fovea/bench.h"
#include "memctl/measurement/run_report.h"

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

}  // namespace fovea::memctl
