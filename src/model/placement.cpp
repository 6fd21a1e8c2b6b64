#include "model/placement.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "fovea/error.h"
#include "model/idle_threads.h"
#include "model/kernels/instructions.h"
#include "model/operators/openmp_threads.h"

namespace fovea {
namespace {

/// OpenMP starts as many as it is told to, and a machine that cannot hold them stands still.
constexpr int kMostThreads = 1024;

at::Device device_of(const std::string& name) {
  if (name == "auto") return at::hasCUDA() ? at::kCUDA : at::kCPU;
  at::Device device = at::kCPU;
  try {
    device = at::Device(name);
  } catch (const c10::Error&) {
    throw Error(ErrorCode::invalid_argument,
                "unknown device \"" + name + "\"; expected auto, cpu, cuda or cuda:N");
  }
  if (!device.is_cpu() && !device.is_cuda())
    throw Error(ErrorCode::unsupported, "the device \"" + name + "\" is neither cpu nor cuda");
  if (device.is_cuda() && !at::hasCUDA())
    throw Error(ErrorCode::unsupported,
                "the device \"" + name + "\" was asked for, but this libtorch finds no CUDA GPU");
  return device;
}

/// Whether this CPU multiplies bfloat16 faster than float32. AVX-512's products of bfloat16 are: AMD's
/// are twice as fast, and Intel's half as fast, so that there it takes AMX.
bool bf16_is_fast() {
#if defined(__x86_64__)
  if (instructions() == Instructions::bf16) return !__builtin_cpu_is("intel");
#endif
  return instructions() > Instructions::bf16;
}

at::ScalarType compute_of(Precision precision, const at::Device& device) {
  if (precision == Precision::fp32) return at::kFloat;
  if (precision == Precision::bf16) return multiplies_bf16(device) ? at::kBFloat16 : at::kFloat;
  return device.is_cuda() || bf16_is_fast() ? at::kBFloat16 : at::kFloat;
}

/// 0: all that the machine has, unless the user told OpenMP otherwise. (Left alone, libtorch 1.13
/// takes one thread on some virtual machines.)
void set_threads(int threads) {
  if (threads == 0 && !std::getenv("OMP_NUM_THREADS"))
    threads = static_cast<int>(std::thread::hardware_concurrency());
  if (threads == 0) threads = at::get_num_threads();
  at::set_num_threads(std::min(threads, most_sure_threads()));
  let_idle_threads_sleep(at::get_num_threads());
}

}  // namespace

bool multiplies_bf16(at::Device device) {
  return !device.is_cpu() || instructions() >= Instructions::avx512;
}

Placement placement_of(const CodecOptions& options) {
  const bool int8 = options.weights == Weights::int8;
  const auto device = device_of(int8 && options.device == "auto" ? "cpu" : options.device);
  if (int8 && !device.is_cpu())
    throw Error(ErrorCode::unsupported, "int8 weights are for CPUs; on a GPU use stored weights");
  if (options.threads < 0 || options.threads > kMostThreads)
    throw Error(ErrorCode::invalid_argument, "threads: expected 0 to " +
                                                 std::to_string(kMostThreads) + ", got " +
                                                 std::to_string(options.threads));
  set_threads(options.threads);
  return {.device = device,
          .compute = compute_of(options.precision, device),
          .int8 = int8,
          .two_digits = options.precision != Precision::fp32};
}

}  // namespace fovea
