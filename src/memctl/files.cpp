#include "src/memctl/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "fovea/error.h"
#include "src/history/byte_source.h"

namespace fovea::memctl {

std::string read_file(const std::string& path) {
  ByteSource source(path);
  std::string bytes;
  for (std::string piece = source.take(1 << 20); !piece.empty(); piece = source.take(1 << 20)) {
    bytes += piece;
  }
  return bytes;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) throw Error(ErrorCode::io, path + ": cannot be written: " + std::strerror(errno));
}

Policy policy_from_name(const std::string& name) {
  const auto presets = Policy::preset_names();
  if (std::ranges::find(presets, name) != presets.end()) return Policy::preset(name);
  if (name != "-" && !std::filesystem::exists(name)) {
    throw Error(ErrorCode::not_found, "policy \"" + name +
                                          "\": neither a file nor a preset; there are careful, "
                                          "balanced and lean");
  }
  const std::string json = read_file(name);
  try {
    return Policy::from_json(json);
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
}

}  // namespace fovea::memctl
