#pragma once

#include <iostream>
#include <sstream>
#include <string>

namespace fovea::test {

/// What is said on stderr while it lives.
class CapturedErrors {
 public:
  CapturedErrors() : before_(std::cerr.rdbuf(said_.rdbuf())) {}
  ~CapturedErrors() { std::cerr.rdbuf(before_); }
  CapturedErrors(const CapturedErrors&) = delete;
  CapturedErrors& operator=(const CapturedErrors&) = delete;
  std::string text() const { return said_.str(); }

 private:
  std::ostringstream said_;
  std::streambuf* before_;
};

}  // namespace fovea::test
