#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace fovea::memctl {

/// A line on stderr with how much is done, the rate and the time left; silent unless stderr is a
/// terminal. Gone when destroyed.
class ProgressBar {
 public:
  /// `thing`: what is counted, such as "pages".
  explicit ProgressBar(std::string thing);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `share`: of the whole work, 0..1; absent: not known.
  void show(std::size_t done, std::optional<double> share);
  /// Takes the line away, so that something else can be said.
  void hide();

 private:
  using Clock = std::chrono::steady_clock;

  std::string thing_;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_{};
};

/// "0:07", "12:34", "1:02:03"
std::string clock_text(double seconds);

/// The line itself, without the carriage return.
std::string progress_line(const std::string& thing, std::size_t done, std::optional<double> share,
                          double seconds);

}  // namespace fovea::memctl
