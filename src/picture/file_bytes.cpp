#include "picture/file_bytes.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::string read_bytes(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file)
    throw Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                "cannot open the picture " + path + ": " + std::strerror(errno));
  std::string bytes;
  char piece[1 << 16];
  while (const std::size_t count = std::fread(piece, 1, sizeof piece, file.get())) {
    bytes.append(piece, count);
    if (bytes.size() > kMaxBytes)  // also what /dev/zero comes to
      throw Error(ErrorCode::unsupported,
                  path + " has more than 1 GiB, the limit for a picture file; split it");
  }
  if (std::ferror(file.get()))
    throw Error(ErrorCode::io, "cannot read the picture " + path + ": " + std::strerror(errno));
  return bytes;
}

}  // namespace fovea
