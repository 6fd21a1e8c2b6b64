#include "memctl/new_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <unistd.h>

#include "fovea/error.h"

namespace fovea::memctl {

NewFile::NewFile(const std::string& path, bool replaces)
    : path_(path), replaces_(replaces), written_to_(path + ".XXXXXX") {
  require_new();
  const int descriptor = mkstemp(written_to_.data());
  if (descriptor == -1) {
    written_to_.clear();
    fail();
  }
  file_.reset(fdopen(descriptor, "wb"));
}

NewFile::~NewFile() {
  if (!written_to_.empty()) unlink(written_to_.c_str());
}

void NewFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail();
}

void NewFile::keep() {
  if (std::fclose(file_.release()) != 0) fail();
  require_new();
  if (std::rename(written_to_.c_str(), path_.c_str()) != 0) fail();
  written_to_.clear();
}

void NewFile::require_new() const {
  if (std::filesystem::is_directory(path_))
    throw Error(ErrorCode::invalid_argument, path_ + ": is a folder; name a file in it");
  if (!replaces_ && std::filesystem::exists(path_)) {
    throw Error(ErrorCode::invalid_argument,
                path_ + ": there is such a file already; --force replaces it");
  }
}

void NewFile::fail() const {
  throw Error(ErrorCode::io, path_ + ": cannot be written: " + std::strerror(errno));
}

}  // namespace fovea::memctl
