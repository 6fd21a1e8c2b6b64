#include "facade/shared_checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

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

using Files = std::pair<std::string, fs::file_time_type>;

Files files_of(const std::string& checkpoint) {
  std::error_code error;
  const fs::path folder = fs::canonical(checkpoint, error);
  return {error ? checkpoint : folder.string(), changed_last(checkpoint)};
}

/// Things by what they were loaded from.
template <class Identity, class Thing>
class Loaded {
 public:
  template <class... Arguments>
  std::shared_ptr<const Thing> get(const Identity& identity, const Arguments&... arguments) {
    const std::lock_guard lock(turn_);
    std::erase_if(known_, [](const auto& known) { return known.second.expired(); });
    auto& known = known_[identity];
    auto thing = known.lock();
    if (!thing) known = thing = std::make_shared<const Thing>(arguments...);
    return thing;
  }

 private:
  std::mutex turn_;
  std::map<Identity, std::weak_ptr<const Thing>> known_;
};

}  // namespace

std::shared_ptr<const Codec> shared_codec(const std::string& checkpoint,
                                          const CodecOptions& options) {
  using Identity = std::tuple<Files, std::string, Precision, int, Weights, int>;
  static Loaded<Identity, Codec> loaded;
  return loaded.get({files_of(checkpoint), options.device, options.precision, options.threads,
                     options.weights, options.beam_width},
                    checkpoint, options);
}

std::shared_ptr<const Renderer> shared_renderer(const std::string& checkpoint) {
  static Loaded<Files, Renderer> loaded;
  return loaded.get(files_of(checkpoint), checkpoint);
}

}  // namespace fovea
