#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>

namespace fovea {

/// Calls work(begin, end) for pieces of 0..count, of `most` at most, on all of libtorch's threads;
/// which thread gets which piece is decided as they go. What libtorch is asked for inside runs on
/// the calling thread alone: one wait at the end instead of one after every operation, which matters
/// as soon as other programs want the cores too. Called inside a piece it goes on alone.
void in_pieces(std::int64_t count, std::int64_t most,
               const std::function<void(std::int64_t begin, std::int64_t end)>& work);

/// Calls work(i) for 0 <= i < count in two threads: a GPU works on one batch while another one is
/// drafted, packed or copied here.
void in_two_threads(std::size_t count, const std::function<void(std::size_t)>& work);

/// f(x) for a function of single rows, so many at once that what is between its steps stays in the
/// cache. `x`: [n, in] on the CPU; `f`: [m, in] -> [m, out] float32. Returns [n, out].
at::Tensor map_rows(const at::Tensor& x, std::int64_t out,
                    const std::function<at::Tensor(const at::Tensor&)>& f);

}  // namespace fovea
