#include "model/kernels/instructions.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include <hwy/targets.h>

#include "fovea/error.h"

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace fovea {
namespace {

constexpr std::array<std::pair<Instructions, std::string_view>, 6> kNames = {
    {{Instructions::base, "base"},
     {Instructions::sse4, "sse4"},
     {Instructions::avx2, "avx2"},
     {Instructions::avx512, "avx512"},
     {Instructions::bf16, "bf16"},
     {Instructions::amx, "amx"}}};

std::atomic<Instructions> test_limit = Instructions::amx;

/// What Highway may not use where nothing above `most` is.
std::int64_t targets_above(Instructions most) {
  std::int64_t above = 0;
#if defined(__x86_64__)
  if (most < Instructions::avx512) above |= HWY_AVX3 | HWY_AVX3_DL;
  if (most < Instructions::avx2) above |= HWY_AVX2;
  if (most < Instructions::sse4) above |= HWY_SSE4 | HWY_SSSE3;
#endif
  return above;
}

/// The name in FOVEA_CPU, and its set if it is one.
std::pair<std::string, const std::pair<Instructions, std::string_view>*> named_limit() {
  const char* name = std::getenv("FOVEA_CPU");
  if (!name || !*name) return {"", &kNames.back()};
  const auto known =
      std::ranges::find(kNames, name, [](const auto& entry) { return entry.second; });
  return {name, known == kNames.end() ? nullptr : &*known};
}

/// All that this program may use, whatever a test's limit is. Highway is asked once: with every
/// answer it takes the limit back for the kernels that it chooses from then on.
std::int64_t usable_targets() {
  static const std::int64_t targets = [] {
    const auto* limit = named_limit().second;  // a name that is none is refused by instructions()
    const auto above = limit ? targets_above(limit->first) : 0;
    const auto all = hwy::SupportedTargets();
    hwy::DisableTargets(above);
    return all & ~above;
  }();
  return targets;
}

/// Before any kernel runs.
[[maybe_unused]] const bool limited = usable_targets() != 0;

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
  const auto runs = [](std::int64_t target) { return (usable_targets() & target) != 0; };
  switch (set) {
    case Instructions::base: return true;
    case Instructions::sse4: return runs(HWY_SSSE3);
    case Instructions::avx2: return runs(HWY_AVX2);
    case Instructions::avx512: return runs(HWY_AVX3);
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

Instructions find_largest() {
  const auto [name, limit] = named_limit();
  if (!limit)
    throw Error(ErrorCode::invalid_argument,
                "FOVEA_CPU is \"" + name + "\"; expected base, sse4, avx2, avx512, bf16 or amx");
  Instructions largest = Instructions::base;
  for (const auto& [set, known_as] : kNames) {
    if (set > limit->first || !has(set)) break;
    largest = set;
  }
  return largest;
}

void set_test_limit(Instructions most) {
  test_limit = most;
  hwy::SetSupportedTargetsForTest(
      most == Instructions::amx ? 0 : usable_targets() & ~targets_above(most));
}

}  // namespace

Instructions instructions() {
  static const Instructions largest = find_largest();
  return std::min(largest, test_limit.load(std::memory_order_relaxed));
}

std::string_view name_of(Instructions set) { return kNames[static_cast<std::size_t>(set)].second; }

InstructionLimit::InstructionLimit(Instructions most) : before_(test_limit) {
  instructions();  // what there is, found before anything is hidden
  set_test_limit(most);
}
InstructionLimit::~InstructionLimit() { set_test_limit(before_); }

}  // namespace fovea
