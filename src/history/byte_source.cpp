#include "src/history/byte_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::size_t kReadBytes = 1 << 18;
constexpr std::size_t kRemembered = 256;  // bytes that tell a rewritten file from a grown one

[[noreturn]] void fail_to_read(const std::string& path, int error) {
  const auto code = error == ENOENT || error == ENOTDIR ? ErrorCode::not_found : ErrorCode::io;
  throw Error(code, path + ": cannot be read: " + std::strerror(error) +
                        "; give a file with a history, or - for stdin");
}

}  // namespace

void ByteSource::Close::operator()(std::FILE* file) const {
  if (file != stdin) std::fclose(file);
}

ByteSource::ByteSource(const std::string& path, Following following)
    : path_(path), following_(following) {
  if (path == "-") {
    name_ = "stdin";
    file_.reset(stdin);
    return;
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) fail_to_read(path, EISDIR);
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) fail_to_read(path, errno);
  name_ = std::filesystem::path(path).filename().string();
  if (std::filesystem::is_regular_file(path, error)) size_ = std::filesystem::file_size(path, error);
}

bool ByteSource::fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  const std::size_t got = std::fread(buffer_.data() + before, 1, kReadBytes, file_.get());
  buffer_.resize(before + got);
  if (got < kReadBytes) {
    if (std::ferror(file_.get())) fail_to_read(path_, errno);
    ended_ = !follows();
    std::clearerr(file_.get());
  }
  if (follows()) {
    last_read_.append(buffer_, before);
    if (last_read_.size() > kRemembered) last_read_.erase(0, last_read_.size() - kRemembered);
  }
  return got > 0;
}

std::string ByteSource::pass(std::size_t bytes) {
  std::string taken = buffer_.substr(begin_, bytes);
  begin_ += bytes;
  offset_ += bytes;
  return taken;
}

std::string_view ByteSource::peek(std::size_t bytes) {
  while (buffer_.size() - begin_ < bytes && fill()) {
  }
  return std::string_view(buffer_).substr(begin_, bytes);
}

std::string ByteSource::take(std::size_t bytes) { return pass(peek(bytes).size()); }

std::optional<std::string> ByteSource::take_line() {
  std::size_t seen = 0;  // bytes from begin_ on that hold no line feed
  while (true) {
    const std::size_t end = buffer_.find('\n', begin_ + seen);
    if (end != std::string::npos) {
      std::string line = pass(end - begin_);
      pass(1);
      return line;
    }
    seen = buffer_.size() - begin_;
    if (!fill()) break;
  }
  if (seen == 0 || follows()) return std::nullopt;
  return pass(seen);
}

std::optional<double> ByteSource::share_taken() const {
  if (size_ == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(offset_) / static_cast<double>(size_));
}

bool ByteSource::is_as_read() const {
  std::string now(last_read_.size(), '\0');
  const auto place = static_cast<off_t>(offset_ + buffer_.size() - begin_ - now.size());
  const ssize_t got = pread(fileno(file_.get()), now.data(), now.size(), place);
  return got >= 0 && static_cast<std::size_t>(got) == now.size() && now == last_read_;
}

FileChange ByteSource::change() const {
  struct stat own {}, named {};
  if (fstat(fileno(file_.get()), &own) != 0) fail_to_read(path_, errno);
  if (stat(path_.c_str(), &named) != 0) return FileChange::gone;
  if (own.st_ino != named.st_ino || own.st_dev != named.st_dev) return FileChange::replaced;
  if (!is_as_read()) return FileChange::truncated;
  const std::size_t read = offset_ + buffer_.size() - begin_;
  return static_cast<std::size_t>(own.st_size) > read ? FileChange::grown : FileChange::none;
}

}  // namespace fovea
