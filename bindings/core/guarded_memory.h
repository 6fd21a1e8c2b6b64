#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <nanobind/nanobind.h>

#include "bindings/core/process.h"
#include "bindings/core/unlocked.h"
#include "fovea/memory.h"

namespace fovea::python {

/// A Memory as Python may treat it: used from any thread, one call at a time; closed while another
/// thread is in a call; kept over a fork. The GIL is free while a call runs or waits for its turn.
class GuardedMemory {
 public:
  GuardedMemory(const std::string& store, const std::string& checkpoint, Scope scope,
                const CodecOptions& options, const KeySource& key, Access access);
  /// In a forked child the memory is left as it is: closing it would end the parent's file locks.
  ~GuardedMemory();

  /// Runs `work(Memory&)` with the GIL released. Throws Error(invalid_argument) when closed, and
  /// when called from within a call of this thread (by a callback); Error(unsupported) after a
  /// fork.
  template <class Work>
  auto run(const Work& work) {
    require_usable();
    const Unlocked unlocked;
    const Turn turn(*this);
    return work(open_memory());
  }

  /// Waits for a running call; may be called again.
  void close();
  bool is_closed() const { return closed_; }
  /// As messages may show it.
  const std::string& store() const { return store_; }
  const Scope& scope() const { return scope_; }

 private:
  /// One thread's turn.
  class Turn {
   public:
    explicit Turn(GuardedMemory& memory) : memory_(memory), lock_(memory.mutex_) {
      memory_.user_ = std::this_thread::get_id();
    }
    ~Turn() { memory_.user_ = std::thread::id(); }

   private:
    GuardedMemory& memory_;
    std::lock_guard<std::mutex> lock_;
  };

  void require_usable() const;
  Memory& open_memory();

  OwnProcess process_;
  std::string store_;
  Scope scope_;
  std::unique_ptr<Memory> memory_;
  std::mutex mutex_;
  std::atomic<std::thread::id> user_;
  std::atomic<bool> closed_ = false;
};

}  // namespace fovea::python
