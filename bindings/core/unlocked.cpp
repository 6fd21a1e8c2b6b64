#include "bindings/core/unlocked.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <pthread.h>

#include "bindings/core/module.h"

namespace fovea::python {
namespace {

std::atomic<int> calls{0};
std::atomic<bool> ending{false};
std::thread::id ending_thread;

void wait_for_calls() {
  ending_thread = std::this_thread::get_id();
  ending = true;
  const nb::gil_scoped_release released;
  while (calls > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void park() {
  const nb::gil_scoped_release released;
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace

Unlocked::Counted::Counted() {
  if (ending && std::this_thread::get_id() != ending_thread) park();
  ++calls;
}

Unlocked::Counted::~Counted() { --calls; }

Unlocked::Unlocked() = default;

bool python_is_ending() { return ending; }

void bind_ending(nb::module_&) {
  nb::module_::import_("atexit").attr("register")(nb::cpp_function(&wait_for_calls));
  // A child of a fork has none of the threads that were in a call.
  pthread_atfork(nullptr, nullptr, [] { calls = 0; });
  // What daemon threads hold is never released; that is no fault of theirs to be told of.
  nb::set_leak_warnings(false);
}

}  // namespace fovea::python
