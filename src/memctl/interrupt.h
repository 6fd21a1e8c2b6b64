#pragma once

namespace fovea::memctl {

/// From now on a first Ctrl-C or SIGTERM is only noted; a second one ends the program at once.
void note_interrupts();
bool interrupted();

}  // namespace fovea::memctl
