#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/layers.h"
#include "model/token_code_config.h"
#include "model/token_coder.h"

namespace fovea {

/// Makes the vision tokens of one level into few bytes, as the checkpoint has learned it: the level's
/// mean is taken off a token and its root mean square brought to 1, a matrix is applied, the results
/// and the logarithm of the root mean square are rounded, and packed by tables of how often each
/// number comes. A page is packed at one of several rates, which round more or less finely.
/// Const and thread-safe after construction.
class TokenCode {
 public:
  /// Takes token_code.LEVEL.* from the checkpoint. `width`: of a token.
  TokenCode(Checkpoint& checkpoint, Level level, TokenCodeConfig config, int width);

  const std::vector<TokenRate>& rates() const { return config_.rates; }
  /// `features`: [n, width] float32, on any device; `rate`: an index into `rates()`.
  std::vector<std::uint8_t> pack(const at::Tensor& features, std::size_t rate) const;
  /// What `pack` leaves of the features for readers and decoder: [n, width] float32, on the CPU.
  at::Tensor rounded(const at::Tensor& features, std::size_t rate) const;
  /// Returns what readers and decoder see: [n, width] float32, on the CPU. Throws Error(corruption)
  /// for bytes that are not of so many tokens.
  at::Tensor unpack(std::span<const std::uint8_t> bytes, int count) const;

 private:
  at::Tensor numbers_of(const at::Tensor& features, std::size_t rate) const;
  at::Tensor vectors_of(const at::Tensor& numbers, std::size_t rate) const;

  TokenCodeConfig config_;
  at::Tensor mean_;                        // [d]
  at::Tensor size_;                        // [1] usual root mean square
  Linear analysis_;                        // [k, d]
  Linear synthesis_;                       // [d, k], without its bias
  at::Tensor synthesis_bias_;              // [d]
  at::Tensor gain_;                        // [rates, k] of what comes back; undefined: 1
  std::vector<TokenCoder> coders_;         // [rates] of k + 1 columns
};

/// `width`: of a token.
std::map<Level, TokenCode> load_token_codes(Checkpoint& checkpoint, const TokenCodeConfigs& config,
                                            int width);

}  // namespace fovea
