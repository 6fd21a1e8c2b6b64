#include "memctl/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "fovea/error.h"

namespace fovea::memctl {

namespace {

[[noreturn]] void fail_to_read(const std::string& path) {
  const auto code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::not_found : ErrorCode::io;
  throw Error(code, path + ": cannot be read: " + std::strerror(errno));
}

/// A file that is open for reading; "-": stdin.
class InputFile {
 public:
  explicit InputFile(const std::string& path)
      : path_(path),
        file_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) fail_to_read(path);
  }
  ~InputFile() {
    if (file_ != STDIN_FILENO) ::close(file_);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// 0 at the end.
  std::size_t read(char* into, std::size_t size) const {
    const ssize_t got = ::read(file_, into, size);
    if (got < 0) fail_to_read(path_);
    return static_cast<std::size_t>(got);
  }

 private:
  const std::string& path_;
  int file_;
};

void require_written(const std::ofstream& file, const std::string& path) {
  if (!file) throw Error(ErrorCode::io, path + ": cannot be written: " + std::strerror(errno));
}

}  // namespace

std::string read_file(const std::string& path) {
  const InputFile file(path);
  std::string bytes;
  char piece[1 << 16];
  while (const std::size_t got = file.read(piece, sizeof piece)) bytes.append(piece, got);
  return bytes;
}

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
