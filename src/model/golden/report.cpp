#include "model/golden/report.h"

#include <cstdio>

namespace fovea::golden {

void Report::pass(const std::string& name, const std::string& detail) {
  ++passed_;
  std::printf("ok    %-36s %s\n", name.c_str(), detail.c_str());
}

void Report::fail(const std::string& name, const std::string& detail) {
  ++failed_;
  std::printf("FAIL  %-36s %s\n", name.c_str(), detail.c_str());
}

int Report::finish() const {
  std::printf("%d passed, %d failed\n", passed_, failed_);
  return failed_ ? 1 : 0;
}

}  // namespace fovea::golden
