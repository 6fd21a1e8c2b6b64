#include "core/whole_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include <unistd.h>

#include "fovea/error.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail_to_write(const std::string& path, int error) {
  throw Error(ErrorCode::io, path + ": cannot be written: " + std::strerror(error));
}

/// Errors call it `path`.
void write_to(const std::string& file, std::string_view bytes, const std::string& path) {
  File out(std::fopen(file.c_str(), "wb"));
  if (!out) fail_to_write(path, errno);
  if (std::fwrite(bytes.data(), 1, bytes.size(), out.get()) != bytes.size())
    fail_to_write(path, errno);
  if (std::fclose(out.release()) != 0) fail_to_write(path, errno);
}

/// A file beside another one, gone again unless it has taken its name.
class Part {
 public:
  explicit Part(std::string whole)
      : whole_(std::move(whole)), name_(whole_ + "." + std::to_string(::getpid()) + ".part") {}
  ~Part() {
    std::error_code ignored;
    fs::remove(name_, ignored);
  }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  const std::string& name() const { return name_; }
  void take_place(const std::string& path) {
    std::error_code error;
    if (const fs::file_status old = fs::status(whole_, error); fs::exists(old))
      fs::permissions(name_, old.permissions(), error);
    fs::rename(name_, whole_, error);
    if (error) fail_to_write(path, error.value());
  }

 private:
  std::string whole_, name_;
};

}  // namespace

void write_whole_file(const std::string& path, std::string_view bytes) {
  std::error_code absent, nameless;
  std::string whole = path;
  if (const fs::file_status there = fs::status(path, absent); fs::exists(there)) {
    // A link stays one: what it leads to is written.
    whole = fs::canonical(path, nameless).string();
    if (nameless || !fs::is_regular_file(there)) return write_to(path, bytes, path);
  }
  Part part(whole);
  write_to(part.name(), bytes, path);
  part.take_place(path);
}

std::string read_whole_file(const std::string& path, std::size_t most) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file)
    throw Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                path + ": cannot be read: " + std::strerror(errno));
  std::string bytes;
  char piece[1 << 16];
  while (const std::size_t count = std::fread(piece, 1, sizeof piece, file.get())) {
    bytes.append(piece, count);
    if (bytes.size() > most)
      throw Error(ErrorCode::corruption, path + ": has more than " + std::to_string(most) +
                                             " bytes, the limit for such a file");
  }
  if (std::ferror(file.get()))
    throw Error(ErrorCode::io, path + ": cannot be read: " + std::strerror(errno));
  return bytes;
}

}  // namespace fovea
