#include "src/memctl/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "fovea/error.h"
#include "src/history/raw_bytes.h"

namespace fovea::memctl {

std::string read_file(const std::string& path) {
  RawBytes source(path, Following::no);
  std::string bytes;
  char piece[1 << 16];
  while (const std::size_t got = source.read(piece, sizeof piece)) bytes.append(piece, got);
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
