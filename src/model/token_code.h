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
/// Pages are packed together, each at a rate of its own: what is not the packing itself runs on the
/// model's device. Const and thread-safe after construction.
class TokenCode {
 public:
  /// Takes token_code.LEVEL.* from the checkpoint. `width`: of a token.
  TokenCode(Checkpoint& checkpoint, Level level, TokenCodeConfig config, int width);

  const std::vector<TokenRate>& rates() const { return config_.rates; }
  /// `features`: [B, n, width] float32; `rates`: [B] indices into `rates()`. Returns each page's bytes.
  std::vector<std::vector<std::uint8_t>> pack(const at::Tensor& features,
                                              std::span<const std::size_t> rates) const;
  /// What `pack` leaves of the features for readers and decoder: [B, n, width] float32.
  at::Tensor rounded(const at::Tensor& features, std::span<const std::size_t> rates) const;
  /// Returns what readers and decoder see: [B, count, width] float32. `pages`: the bytes of B pages of
  /// `count` tokens. Throws Error(corruption) for bytes that are not of so many tokens.
  at::Tensor unpack(std::span<const std::span<const std::uint8_t>> pages, int count) const;

 private:
  at::Tensor on_device(std::span<const std::size_t> rates) const;
  at::Tensor numbers_of(const at::Tensor& features, const at::Tensor& rates) const;
  at::Tensor vectors_of(const at::Tensor& numbers, const at::Tensor& rates) const;

  TokenCodeConfig config_;
  at::Tensor steps_;                       // [rates] of rounding
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
