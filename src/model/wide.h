#pragma once

// Marks a function of plain loops to be compiled for wider vectors too; the program picks the best
// version for its CPU when it starts. Sanitizers do not get on with that choice.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOVEA_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=haswell", "default")))
#else
#define FOVEA_WIDE
#endif
