#include "model/operators/in_pieces.h"

#include <algorithm>
#include <atomic>
#include <future>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

namespace fovea {
namespace {

constexpr std::int64_t kRowsAPiece = 128;

}  // namespace

void in_pieces(std::int64_t count, std::int64_t most,
               const std::function<void(std::int64_t begin, std::int64_t end)>& work) {
  const std::int64_t threads = at::in_parallel_region() ? 1 : at::get_num_threads();
  const auto rounds = (count + most * threads - 1) / (most * threads);
  const auto pieces = std::min(count, rounds * threads);  // as many for each thread
  std::atomic<std::int64_t> next = 0;
  at::parallel_for(0, std::min(threads, pieces), 1, [&](std::int64_t, std::int64_t) {
    const c10::InferenceMode inference;  // a mode of the thread
    for (auto piece = next++; piece < pieces; piece = next++)
      work(piece * count / pieces, (piece + 1) * count / pieces);
  });
}

void in_two_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto take_turns = [&] {
    const c10::InferenceMode inference;  // a mode of the thread
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::future<void> other;
  if (count > 1) other = std::async(std::launch::async, take_turns);
  take_turns();
  if (other.valid()) other.get();
}

at::Tensor map_rows(const at::Tensor& x, std::int64_t out,
                    const std::function<at::Tensor(const at::Tensor&)>& f) {
  auto y = at::empty({x.size(0), out}, x.options().dtype(at::kFloat));
  in_pieces(x.size(0), kRowsAPiece, [&](std::int64_t begin, std::int64_t end) {
    y.narrow(0, begin, end - begin).copy_(f(x.narrow(0, begin, end - begin)));
  });
  return y;
}

}  // namespace fovea
