#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "fovea/memory.h"

namespace fovea::memctl {

struct ReportOptions {
  std::size_t pages = 200;  ///< how many of the newest get a picture and their text
  bool plan = true;         ///< say what the next ageing would do; measures pages for it
  bool read = true;         ///< read pages back from their vision tokens
  std::string scope;        ///< as the heading names it
  std::string store;        ///< the same
  /// Called after some pages and after each measurement; `thing`: what is counted. Returning false
  /// stops.
  std::function<bool(const std::string& thing, std::size_t done, std::size_t total)> progress;
};

struct ReportResult {
  std::size_t pages = 0;
  std::size_t shown = 0;    ///< with picture or text
  std::size_t damaged = 0;  ///< of these, those that could not be read
  std::size_t steps = 0;    ///< of the next ageing
  std::size_t bytes = 0;
  bool stopped = false;  ///< by `progress`; what was written is not whole
};

/// Writes what the memory's scope holds as one HTML page, piece by piece. Changes nothing but the
/// measurements that a plan makes. A page that cannot be read has the error in its place.
ReportResult write_report(Memory& memory, const ReportOptions& options,
                          const std::function<void(std::string_view)>& write);

}  // namespace fovea::memctl
