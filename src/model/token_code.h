#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint.h"
#include "model/token_code_config.h"
#include "model/token_coder.h"

namespace fovea {

/// Makes the vision tokens of one level into few bytes, as the checkpoint has learned it: the level's
/// mean is taken off a token and its root mean square brought to 1, a matrix is applied, the results
/// and the logarithm of the root mean square are rounded, and packed by tables of how often each
/// number comes. Const and thread-safe after construction.
class TokenCode {
 public:
  /// Takes token_code.LEVEL.* from the checkpoint. `width`: of a token.
  TokenCode(Checkpoint& checkpoint, Level level, const TokenCodeConfig& config, int width);

  /// `features`: [n, width] float32, on any device.
  std::vector<std::uint8_t> pack(const at::Tensor& features) const;
  /// Returns what readers and decoder see: [n, width] float32, on the CPU. Throws Error(corruption)
  /// for bytes that are not of so many tokens.
  at::Tensor unpack(std::span<const std::uint8_t> bytes, int count) const;

 private:
  at::Tensor mean_;                        // [d]
  at::Tensor size_;                        // [1] usual root mean square
  at::Tensor analysis_, analysis_bias_;    // [k, d], [k]
  at::Tensor synthesis_, synthesis_bias_;  // [d, k], [d]
  TokenCoder coder_;                       // of k + 1 columns
};

/// Those of the checkpoint in `folder`; `width`: of a token.
std::map<Level, TokenCode> load_token_codes(Checkpoint& checkpoint, const std::string& folder,
                                            int width);

}  // namespace fovea
