#include "bindings/core/guarded_memory.h"

#include "bindings/core/unlocked.h"
#include "fovea/error.h"
#include "fovea/server_url.h"

namespace fovea::python {

GuardedMemory::GuardedMemory(const std::string& store, const std::string& checkpoint, Scope scope,
                             const CodecOptions& options, const KeySource& key, Access access)
    : process_("Memory"),
      store_(shown_store(store)),
      scope_(std::move(scope)),
      memory_(std::make_unique<Memory>(store, checkpoint, scope_, options, key, access)) {}

GuardedMemory::~GuardedMemory() {
  if (!process_.is_here()) static_cast<void>(memory_.release());
}

void GuardedMemory::close() {
  if (closed_ && !memory_) return;
  require_usable();
  const Unlocked unlocked;
  const Turn turn(*this);
  memory_.reset();
  closed_ = true;
}

void GuardedMemory::require_usable() const {
  process_.require_here();
  if (user_ == std::this_thread::get_id()) {
    throw Error(ErrorCode::invalid_argument,
                "the memory " + store_ +
                    " is already in a call on this thread; a callback or a "
                    "generator of messages may not use the memory that called it");
  }
}

Memory& GuardedMemory::open_memory() {
  if (!memory_) {
    throw Error(ErrorCode::invalid_argument,
                "the memory " + store_ + " is closed; open it again with fovea.Memory(path)");
  }
  return *memory_;
}

}  // namespace fovea::python
