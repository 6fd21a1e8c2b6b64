#include "facade/shared_codec.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <tuple>

namespace fovea {
namespace {

namespace fs = std::filesystem;

/// When a file of the folder changed last.
fs::file_time_type changed_last(const fs::path& folder) {
  std::error_code error;
  fs::file_time_type last = fs::file_time_type::min();
  for (const auto& file : fs::directory_iterator(folder, error))
    last = std::max(last, fs::last_write_time(file.path(), error));
  return last;
}

using Identity = std::tuple<std::string, fs::file_time_type, std::string, Precision, int, Weights>;

Identity identity_of(const std::string& checkpoint, const CodecOptions& options) {
  std::error_code error;
  const fs::path folder = fs::canonical(checkpoint, error);
  return {error ? checkpoint : folder.string(), changed_last(checkpoint), options.device,
          options.precision, options.threads, options.weights};
}

}  // namespace

std::shared_ptr<const Codec> shared_codec(const std::string& checkpoint,
                                          const CodecOptions& options) {
  static std::mutex turn;
  static std::map<Identity, std::weak_ptr<const Codec>> loaded;
  const std::lock_guard lock(turn);
  std::erase_if(loaded, [](const auto& known) { return known.second.expired(); });
  auto& known = loaded[identity_of(checkpoint, options)];
  auto codec = known.lock();
  if (!codec) known = codec = std::make_shared<const Codec>(checkpoint, options);
  return codec;
}

}  // namespace fovea
