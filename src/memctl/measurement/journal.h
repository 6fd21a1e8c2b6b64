#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

namespace fovea::memctl {

using Json = nlohmann::ordered_json;

/// Lines of JSON that an experiment which was stopped goes on from. In its folder stand run.json
/// (what was asked for) and the file of lines, each written as soon as there is something to say.
class Journal {
 public:
  /// `folder`: empty: nothing is kept beyond the run. `file`: of the lines. `run`: what the figures
  /// depend on. `take`: gets the lines of earlier calls and throws for one that it cannot read.
  /// Throws Error(invalid_argument) naming what differs when the folder has another experiment,
  /// Error(io) when it cannot be written or another memctl is writing there, Error(corruption).
  Journal(const std::string& folder, const std::string& file, const Json& run,
          const std::function<void(const Json&)>& take);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Throws Error(io); the file then ends with the line before.
  void add(const Json& added);

 private:
  void open();
  void read_lines(const std::function<void(const Json&)>& take);

  std::string path_;  // of the lines
  int file_ = -1;
  std::size_t length_ = 0;  // bytes of whole lines
};

/// What `now` has otherwise than `before`, in a line for people, empty when they are equal.
std::string difference_of(const Json& before, const Json& now);

}  // namespace fovea::memctl
