#include "model/kernels/instructions.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

#include "fovea/error.h"

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace fovea {
namespace {

constexpr std::array<std::pair<Instructions, std::string_view>, 5> kNames = {
    {{Instructions::base, "base"},
     {Instructions::avx2, "avx2"},
     {Instructions::avx512, "avx512"},
     {Instructions::bf16, "bf16"},
     {Instructions::amx, "amx"}}};

std::atomic<Instructions> test_limit = Instructions::amx;

#if defined(__x86_64__)

/// Asks the system for AMX's registers, which a process must before it uses them.
bool tiles_are_permitted() {
#if defined(__linux__)
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

bool has(Instructions set) {
  switch (set) {
    case Instructions::base: return true;
    case Instructions::avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Instructions::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    case Instructions::bf16: return __builtin_cpu_supports("avx512bf16");
    case Instructions::amx:
      return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
             tiles_are_permitted();
  }
  return false;
}

#else

bool has(Instructions set) { return set == Instructions::base; }

#endif

Instructions limit_of_environment() {
  const char* name = std::getenv("FOVEA_CPU");
  if (!name || !*name) return Instructions::amx;
  const auto known = std::ranges::find(kNames, name, [](const auto& entry) { return entry.second; });
  if (known == kNames.end())
    throw Error(ErrorCode::invalid_argument, "FOVEA_CPU is \"" + std::string(name) +
                                                 "\"; expected base, avx2, avx512, bf16 or amx");
  return known->first;
}

Instructions find_largest() {
  const Instructions most = limit_of_environment();
  Instructions largest = Instructions::base;
  for (const auto& [set, name] : kNames) {
    if (set > most || !has(set)) break;
    largest = set;
  }
  return largest;
}

}  // namespace

Instructions instructions() {
  static const Instructions largest = find_largest();
  return std::min(largest, test_limit.load(std::memory_order_relaxed));
}

std::string_view name_of(Instructions set) { return kNames[static_cast<std::size_t>(set)].second; }

InstructionLimit::InstructionLimit(Instructions most) : before_(test_limit.exchange(most)) {}
InstructionLimit::~InstructionLimit() { test_limit = before_; }

}  // namespace fovea
