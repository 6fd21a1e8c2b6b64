#pragma once

#include <string>

namespace fovea::golden {

/// Prints one line a check and counts the failures.
class Report {
 public:
  void pass(const std::string& name, const std::string& detail);
  void fail(const std::string& name, const std::string& detail);
  void check(bool holds, const std::string& name, const std::string& detail) {
    holds ? pass(name, detail) : fail(name, detail);
  }
  /// Prints the last line. Returns the exit status: 0 when all checks passed, else 1.
  int finish() const;

 private:
  int passed_ = 0;
  int failed_ = 0;
};

}  // namespace fovea::golden
