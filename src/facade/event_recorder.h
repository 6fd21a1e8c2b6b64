#pragma once

#include <chrono>

#include "facade/memory_core.h"

namespace fovea {

/// Times one operation of the facade and tells the listener of it.
class EventRecorder {
 public:
  EventRecorder(const MemoryCore& memory, const char* name) : memory_(memory), name_(name) {}

  enum class Changes { nothing, scope };
  /// The operation ended well.
  void done(std::size_t pages, std::int64_t tokens_saved, Changes changes = Changes::nothing) const;

 private:
  using Clock = std::chrono::steady_clock;

  const MemoryCore& memory_;
  const char* name_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace fovea
