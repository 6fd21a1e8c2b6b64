#include "src/memctl/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "fovea/error.h"
#include "src/history/byte_source.h"

namespace fovea::memctl {

std::string read_file(const std::string& path) {
  ByteSource source(path);
  std::string bytes;
  for (std::string piece = source.take(1 << 20); !piece.empty(); piece = source.take(1 << 20)) {
    bytes += piece;
  }
  return bytes;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) throw Error(ErrorCode::io, path + ": cannot be written: " + std::strerror(errno));
}

Policy policy_from_file(const std::string& path) {
  const std::string json = read_file(path);
  try {
    return Policy::from_json(json);
  } catch (const Error& error) {
    throw Error(error.code(), path + ": " + error.what());
  }
}

}  // namespace fovea::memctl
