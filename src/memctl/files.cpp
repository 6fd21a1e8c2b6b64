#include "memctl/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "fovea/error.h"

namespace fovea::memctl {

namespace {

[[noreturn]] void fail_to_read(const std::string& path) {
  const auto code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::not_found : ErrorCode::io;
  throw Error(code, path + ": cannot be read: " + std::strerror(errno));
}

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

}  // namespace

std::string read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin
                                                               : std::fopen(path.c_str(), "rbe"));
  if (!file) fail_to_read(path);
  std::string bytes;
  char piece[1 << 16];
  std::size_t got = sizeof piece;
  while (got == sizeof piece) {  // fewer: the end, or an error such as Ctrl-C
    got = std::fread(piece, 1, sizeof piece, file.get());
    bytes.append(piece, got);
  }
  if (std::ferror(file.get())) fail_to_read(path);
  return bytes;
}

Policy policy_from_name(const std::string& name) {
  const auto presets = Policy::preset_names();
  if (std::ranges::find(presets, name) != presets.end()) return Policy::preset(name);
  if (name != "-" && !std::filesystem::exists(name)) {
    throw Error(ErrorCode::not_found,
                "policy \"" + name +
                    "\": neither a file nor a preset; the presets are careful, balanced and lean");
  }
  const std::string json = read_file(name);
  try {
    return Policy::from_json(json);
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
}

}  // namespace fovea::memctl
