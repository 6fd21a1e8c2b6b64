#include "memctl/interrupt.h"

#include <csignal>

namespace fovea::memctl {
namespace {

volatile std::sig_atomic_t was_interrupted = 0;

void note(int) { was_interrupted = 1; }

}  // namespace

void note_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESETHAND;  // no SA_RESTART: a read from a silent stdin ends too
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return was_interrupted != 0; }

}  // namespace fovea::memctl
