#include "memctl/progress_bar.h"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

#include "memctl/output.h"

namespace fovea::memctl {

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::max(0.0, seconds) + 0.5);
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  }
  return text;
}

std::string progress_line(const std::string& thing, std::size_t done, std::optional<double> share,
                          double seconds) {
  constexpr int kWidth = 24;
  std::string line;
  if (share) {
    const int filled = static_cast<int>(std::clamp(*share, 0.0, 1.0) * kWidth);
    line.append(1, '[').append(filled, '#').append(kWidth - filled, '.').append("] ");
    line += percent(*share, 0) + "  ";
  }
  line += grouped(done) + " " + thing;
  if (seconds > 0) line += "  " + fixed(static_cast<double>(done) / seconds, 1) + "/s";
  if (share && *share > 0.01) line += "  " + clock_text(seconds / *share - seconds) + " left";
  return line;
}

ProgressBar::ProgressBar(std::string thing)
    : thing_(std::move(thing)), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::show(std::size_t done, std::optional<double> share) {
  const auto now = Clock::now();
  if (!terminal_ || now - shown_ < std::chrono::milliseconds(100)) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::fprintf(stderr, "\r\x1b[K%s", progress_line(thing_, done, share, seconds).c_str());
  std::fflush(stderr);
}

void ProgressBar::hide() {
  if (terminal_ && shown_ != Clock::time_point{}) std::fprintf(stderr, "\r\x1b[K");
}

}  // namespace fovea::memctl
