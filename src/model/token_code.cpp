#include "model/token_code.h"

#include <cstring>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr double kEpsilon = 1e-6;  // of the mean square
constexpr int kLargest = 127;
constexpr double kStepsPerOctave = 32;  // of a token's size

std::string name_in(Level level, const char* tensor) {
  return "token_code." + std::string(name_of(level)) + "." + tensor;
}

/// On the CPU; without values where a checkpoint is only looked at.
at::Tensor table(Checkpoint& checkpoint, Level level, const char* tensor, const Shape& shape) {
  const at::Tensor values = checkpoint.table(name_in(level, tensor), shape);
  return checkpoint.only_looks() ? values : values.cpu();
}

/// The whole numbers of a tensor; none where it is missing or another one, which the checkpoint says.
std::vector<std::int32_t> numbers_of(Checkpoint& checkpoint, const std::string& name,
                                     const Shape& shape) {
  if (!checkpoint.has(name)) {
    checkpoint.table(name, shape);  // says that it is missing
    return {};
  }
  checkpoint.skip(name, shape);  // it is taken here; its shape must fit
  const StoredTensor& tensor = *checkpoint.tensors().at(name).tensor;
  if (tensor.type != StoredType::i32) {
    checkpoint.misfit(name, "dtype I32", std::string(name_of(tensor.type)));
    return {};
  }
  std::vector<std::int32_t> numbers(tensor.bytes.size() / sizeof(std::int32_t));
  std::memcpy(numbers.data(), tensor.bytes.data(), numbers.size() * sizeof(std::int32_t));
  return numbers;
}

/// Where a checkpoint is only looked at and its tables are wrong, a coder of even frequencies.
TokenCoder coder_of(Checkpoint& checkpoint, Level level, const TokenCodeConfig& config) {
  const std::string name = name_in(level, "frequencies");
  try {
    return {numbers_of(checkpoint, name, {config.columns + 1, 2 * config.range + 2}),
            config.columns + 1, config.range};
  } catch (const Error& error) {
    checkpoint.misfit(name, "frequencies of at least 1 that sum up to 16384 in each row",
                      error.what());
    return TokenCoder::even(config.columns + 1, config.range);
  }
}

}  // namespace

TokenCode::TokenCode(Checkpoint& checkpoint, Level level, const TokenCodeConfig& config, int width)
    : mean_(table(checkpoint, level, "mean", {width})),
      size_(table(checkpoint, level, "size", {1})),
      analysis_(table(checkpoint, level, "analysis.weight", {config.columns, width})),
      analysis_bias_(table(checkpoint, level, "analysis.bias", {config.columns})),
      synthesis_(table(checkpoint, level, "synthesis.weight", {width, config.columns})),
      synthesis_bias_(table(checkpoint, level, "synthesis.bias", {width})),
      coder_(coder_of(checkpoint, level, config)) {}

std::map<Level, TokenCode> load_token_codes(Checkpoint& checkpoint, const std::string& folder,
                                            int width) {
  std::map<Level, TokenCode> codes;
  for (const auto& [level, config] : read_token_codes(folder + "/config.json"))
    codes.try_emplace(level, checkpoint, level, config, width);
  return codes;
}

std::vector<std::uint8_t> TokenCode::pack(const at::Tensor& features) const {
  c10::InferenceMode inference;
  const auto centred = features.cpu().to(at::kFloat) - mean_;                        // [n, d]
  const auto size = (centred.square().mean(-1, /*keepdim=*/true) + kEpsilon).sqrt();  // [n, 1]
  const auto numbers = at::linear(centred / size, analysis_, analysis_bias_);        // [n, k]
  const auto octaves = at::log2(size / size_) * kStepsPerOctave;                     // [n, 1]
  const auto rounded = at::round(at::cat({numbers, octaves}, -1))                    // [n, k + 1]
                           .clamp_(-kLargest, kLargest)
                           .to(at::kChar)
                           .contiguous();
  return coder_.pack({rounded.data_ptr<std::int8_t>(), static_cast<std::size_t>(rounded.numel())});
}

at::Tensor TokenCode::unpack(std::span<const std::uint8_t> bytes, int count) const {
  c10::InferenceMode inference;
  std::vector<std::int8_t> packed = coder_.unpack(bytes, static_cast<std::size_t>(count));
  const auto rounded =
      at::from_blob(packed.data(), {count, coder_.columns()}, at::kChar).to(at::kFloat);
  const auto numbers = rounded.narrow(1, 0, coder_.columns() - 1);                 // [n, k]
  const auto size = at::exp2(rounded.narrow(1, coder_.columns() - 1, 1) / kStepsPerOctave);
  return at::linear(numbers, synthesis_) * size + synthesis_bias_;                 // [n, d]
}

}  // namespace fovea
