#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <unistd.h>

namespace fovea::python {

/// The checkpoint that a caller named; without one $FOVEA_MODEL or the one that comes with fovea.
/// Throws Error(not_found) naming the places looked at.
std::string checkpoint_of(const std::optional<std::filesystem::path>& model);

/// The process that something was made in. After a fork neither a store's file locks nor OpenMP's
/// threads are what they were, so the child is told so instead of being left to hang.
class OwnProcess {
 public:
  /// Throws Error(unsupported) in a process that was forked from one that has used `what` already.
  explicit OwnProcess(const char* what);
  bool is_here() const { return process_ == getpid(); }
  /// Throws Error(unsupported) unless `is_here`.
  void require_here() const;

 private:
  const char* what_;
  pid_t process_;
};

}  // namespace fovea::python
