#include "memctl/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "fovea/error.h"

namespace fovea::memctl {

namespace fs = std::filesystem;

OutputFile::OutputFile(const std::string& path, Existing existing)
    : path_(path), existing_(existing) {
  require_place();
  std::error_code error;
  const auto type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::not_found || type == fs::file_type::regular) {
    beside_ = path + ".XXXXXX";
    const int descriptor = mkstemp(beside_.data());
    if (descriptor >= 0) file_.reset(fdopen(descriptor, "wb"));
  } else {
    file_.reset(std::fopen(path.c_str(), "wbe"));
  }
  if (!file_) {
    beside_.clear();
    fail();
  }
}

OutputFile::~OutputFile() {
  if (!beside_.empty()) unlink(beside_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail();
}

void OutputFile::keep() {
  if (std::fclose(file_.release()) != 0) fail();
  if (beside_.empty()) return;
  require_place();
  if (std::rename(beside_.c_str(), path_.c_str()) != 0) fail();
  beside_.clear();
}

void OutputFile::require_place() const {
  std::error_code error;
  if (fs::is_directory(path_, error))
    throw Error(ErrorCode::invalid_argument, path_ + " is a folder; name a file in it");
  if (existing_ == Existing::refused && fs::exists(path_, error))
    throw Error(ErrorCode::invalid_argument, path_ + " exists; give the name of a new file");
}

void OutputFile::fail() const {
  throw Error(ErrorCode::io, path_ + ": cannot be written: " + std::strerror(errno));
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw Error(ErrorCode::io, path + ": cannot be created: " + error.message());
}

void write_file(const std::string& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.keep();
}

}  // namespace fovea::memctl
