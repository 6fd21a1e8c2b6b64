#include "history/raw_bytes.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::size_t kRemembered = 256;  // bytes that tell a rewritten file from a grown one

[[noreturn]] void fail_to_read(const std::string& path, int error) {
  const auto code = error == ENOENT || error == ENOTDIR ? ErrorCode::not_found : ErrorCode::io;
  throw Error(code, path + ": cannot be read: " + std::strerror(error));
}

}  // namespace

RawBytes::RawBytes(const std::string& path, Following following)
    : path_(path), following_(following), file_(STDIN_FILENO) {
  if (path == "-") return;
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) fail_to_read(path, errno);
  struct stat status {};
  if (fstat(file_, &status) != 0 || S_ISDIR(status.st_mode)) {
    const int error = S_ISDIR(status.st_mode) ? EISDIR : errno;
    ::close(file_);
    fail_to_read(path, error);
  }
  if (S_ISREG(status.st_mode)) size_ = static_cast<std::size_t>(status.st_size);
}

RawBytes::~RawBytes() {
  if (file_ != STDIN_FILENO) ::close(file_);
}

std::size_t RawBytes::read(char* into, std::size_t size) {
  const ssize_t got = ::read(file_, into, size);
  if (got < 0) fail_to_read(path_, errno);
  const auto count = static_cast<std::size_t>(got);
  position_ += count;
  if (following_ == Following::yes) {
    last_read_.append(into, count);
    if (last_read_.size() > kRemembered) last_read_.erase(0, last_read_.size() - kRemembered);
  }
  return count;
}

bool RawBytes::is_as_read() const {
  std::string now(last_read_.size(), '\0');
  const ssize_t got =
      pread(file_, now.data(), now.size(), static_cast<off_t>(position_ - now.size()));
  return got >= 0 && static_cast<std::size_t>(got) == now.size() && now == last_read_;
}

FileChange RawBytes::change() const {
  struct stat own {}, named {};
  if (fstat(file_, &own) != 0) fail_to_read(path_, errno);
  if (stat(path_.c_str(), &named) != 0) return FileChange::gone;
  if (own.st_ino != named.st_ino || own.st_dev != named.st_dev) return FileChange::replaced;
  if (!is_as_read()) return FileChange::truncated;
  return static_cast<std::size_t>(own.st_size) > position_ ? FileChange::grown : FileChange::none;
}

}  // namespace fovea
