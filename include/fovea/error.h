#pragma once

#include <stdexcept>
#include <string>

namespace fovea {

enum class ErrorCode {
  invalid_argument,  ///< what the caller passed cannot be used
  not_found,         ///< a file, page, scope or level that does not exist
  corruption,        ///< stored data or a checkpoint is damaged or does not belong here
  io,                ///< the system refused: permissions, a full disk, a locked store
  unsupported,       ///< a newer version, or a feature that this build or checkpoint lacks
  incomplete,        ///< a bound was reached; what there is up to it was delivered
};

/// The one exception of the library. `what()` says in one line what was expected, what came and
/// what to do; a file and place in it are named.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace fovea
