#include "memctl/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include <unistd.h>

#include "fovea/error.h"
#include "fovea/text.h"

namespace fovea::memctl {

namespace {

bool controls_pass = false;

}  // namespace

void pass_controls() { controls_pass = true; }

void write_out(std::string_view text) {
  static const bool terminal = isatty(STDOUT_FILENO) == 1;
  std::string safe;
  if (terminal && !controls_pass) text = safe = terminal_text(text);
  errno = 0;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw BrokenPipe();
  throw Error(ErrorCode::io, std::string("stdout: cannot be written: ") + std::strerror(errno));
}

void say(const std::string& line) { std::cerr << "memctl: " + escaped_line(line) + "\n"; }

std::string to_text(const nlohmann::ordered_json& document) {
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string line_of(const nlohmann::ordered_json& document) {
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string fixed(double number, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string percent(double share, int digits) { return fixed(share * 100, digits) + " %"; }

std::string counted(std::size_t number, const std::string& thing) {
  return grouped(number) + " " + thing + (number == 1 ? "" : "s");
}

}  // namespace fovea::memctl
