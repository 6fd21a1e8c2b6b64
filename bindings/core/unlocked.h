#pragma once

#include <nanobind/nanobind.h>

namespace fovea::python {

/// Releases the GIL for a call of the library. Python's end waits for such calls: a daemon thread
/// that came back from C++ after it would crash the process. One that comes too late is parked, as
/// Python parks it at its own locks.
class Unlocked {
 public:
  Unlocked();
  Unlocked(const Unlocked&) = delete;

 private:
  struct Counted {
    Counted();
    ~Counted();
  };
  Counted counted_;  // until the GIL is held again
  nanobind::gil_scoped_release released_;
};

/// True once Python ends: long calls then end after the page in hand.
bool python_is_ending();

}  // namespace fovea::python
