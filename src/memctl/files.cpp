#include "memctl/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "fovea/error.h"
#include "history/raw_bytes.h"

namespace fovea::memctl {

std::string read_file(const std::string& path) {
  RawBytes source(path, Following::no);
  std::string bytes;
  char piece[1 << 16];
  while (const std::size_t got = source.read(piece, sizeof piece)) bytes.append(piece, got);
  return bytes;
}

namespace {

void require_written(const std::ofstream& file, const std::string& path) {
  if (!file) throw Error(ErrorCode::io, path + ": cannot be written: " + std::strerror(errno));
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), file_(path, std::ios::binary) {
  require_written(file_, path_);
}

void OutputFile::write(const std::string& bytes) {
  file_ << bytes;
  file_.close();
  require_written(file_, path_);
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
