#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz.h"

namespace fovea::fuzz {

InputFile::InputFile(std::string_view bytes) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::runtime_error("memfd_create");
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written <= 0) throw std::runtime_error("write to a memory file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

InputFile::~InputFile() { ::close(descriptor_); }

Folder::Folder() {
  path_ = (std::filesystem::temp_directory_path() / "fovea-fuzz-XXXXXX").string();
  if (!mkdtemp(path_.data())) throw std::runtime_error("mkdtemp");
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be opened");
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw std::runtime_error(path + " cannot be written");
}

}  // namespace fovea::fuzz
