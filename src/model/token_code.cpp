#include "model/token_code.h"

#include <algorithm>
#include <cstring>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"
#include "model/operators/in_pieces.h"

namespace fovea {
namespace {

constexpr double kSmallest = 1e-6;  // of the mean square
constexpr int kLargest = 127;
constexpr double kStepsPerOctave = 32;  // of a token's size

std::string name_in(Level level, const char* tensor) {
  return "token_code." + std::string(name_of(level)) + "." + tensor;
}

at::Tensor table(Checkpoint& checkpoint, Level level, const char* tensor, const Shape& shape) {
  return checkpoint.table(name_in(level, tensor), shape);
}

/// For products in float32.
Placement exact(const Checkpoint& checkpoint) { return {.device = checkpoint.placement().device}; }

at::Tensor steps_of(const TokenCodeConfig& config, at::Device device) {
  std::vector<float> steps;
  for (const TokenRate& rate : config.rates) steps.push_back(static_cast<float>(rate.step));
  return at::tensor(steps).to(device);
}

/// What a rate's rounded numbers are multiplied by on their way back: most numbers that a coarse step
/// rounds to it are smaller. Codes of older checkpoints have none.
at::Tensor gain_of(Checkpoint& checkpoint, Level level, const TokenCodeConfig& config) {
  if (!checkpoint.has(name_in(level, "gain"))) return {};
  const auto rates = static_cast<std::int64_t>(config.rates.size());
  return table(checkpoint, level, "gain", {rates, config.columns});
}

/// Numbers that may lie where a processor cannot read them in place.
template <typename Number>
std::vector<std::int32_t> wide(std::span<const std::byte> bytes) {
  std::vector<Number> numbers(bytes.size() / sizeof(Number));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(Number));
  return {numbers.begin(), numbers.end()};
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
  if (tensor.type == StoredType::i16) return wide<std::int16_t>(tensor.bytes);
  if (tensor.type == StoredType::i32) return wide<std::int32_t>(tensor.bytes);
  checkpoint.misfit(name, "dtype I16 or I32", std::string(name_of(tensor.type)));
  return {};
}

/// One a rate. Where a checkpoint is only looked at and its tables are wrong, coders of even
/// frequencies.
std::vector<TokenCoder> coders_of(Checkpoint& checkpoint, Level level,
                                  const TokenCodeConfig& config) {
  const std::string name = name_in(level, "frequencies");
  const auto rates = static_cast<int>(config.rates.size());
  const std::vector<std::int32_t> numbers =
      numbers_of(checkpoint, name, {rates, config.columns + 1, 2 * config.range + 2});
  const std::size_t each = numbers.size() / config.rates.size();
  std::vector<TokenCoder> coders;
  try {
    for (std::size_t rate = 0; rate < config.rates.size(); ++rate)
      coders.emplace_back(std::span(numbers).subspan(rate * each, each), config.columns + 1,
                          config.range);
  } catch (const Error& error) {
    checkpoint.misfit(name, "frequencies of at least 1 that sum up to 16384 in each row",
                      error.what());
    coders.assign(config.rates.size(), TokenCoder::even(config.columns + 1, config.range));
  }
  return coders;
}

}  // namespace

TokenCode::TokenCode(Checkpoint& checkpoint, Level level, TokenCodeConfig config, int width)
    : config_(std::move(config)),
      steps_(steps_of(config_, checkpoint.placement().device)),
      mean_(table(checkpoint, level, "mean", {width})),
      size_(table(checkpoint, level, "size", {1})),
      analysis_({table(checkpoint, level, "analysis.weight", {config_.columns, width}), {}},
                table(checkpoint, level, "analysis.bias", {config_.columns}), exact(checkpoint)),
      synthesis_({table(checkpoint, level, "synthesis.weight", {width, config_.columns}), {}},
                 exact(checkpoint)),
      synthesis_bias_(table(checkpoint, level, "synthesis.bias", {width})),
      gain_(gain_of(checkpoint, level, config_)),
      coders_(coders_of(checkpoint, level, config_)) {}

std::map<Level, TokenCode> load_token_codes(Checkpoint& checkpoint, const TokenCodeConfigs& config,
                                            int width) {
  std::map<Level, TokenCode> codes;
  for (const auto& [level, code] : config.levels)
    codes.try_emplace(level, checkpoint, level, code, width);
  return codes;
}

/// [B] int64.
at::Tensor TokenCode::on_device(std::span<const std::size_t> rates) const {
  const std::vector<std::int64_t> index(rates.begin(), rates.end());
  return at::tensor(index, at::kLong).to(steps_.device());
}

/// [B, n, k + 1] whole numbers, float32.
at::Tensor TokenCode::numbers_of(const at::Tensor& features, const at::Tensor& rates) const {
  const auto centred = features.to(steps_.device()).to(at::kFloat) - mean_;            // [B, n, d]
  const auto size = (centred.square().mean(-1, /*keepdim=*/true) + kSmallest).sqrt();  // [B, n, 1]
  const auto steps = steps_.index_select(0, rates).view({-1, 1, 1});
  const auto numbers = analysis_(centred / size) / steps;         // [B, n, k]
  const auto octaves = at::log2(size / size_) * kStepsPerOctave;  // [B, n, 1]
  return at::round(at::cat({numbers, octaves}, -1)).clamp_(-kLargest, kLargest);
}

at::Tensor TokenCode::vectors_of(const at::Tensor& numbers, const at::Tensor& rates) const {
  const auto columns = numbers.size(2) - 1;
  const auto steps = steps_.index_select(0, rates).view({-1, 1, 1});
  auto values = numbers.narrow(2, 0, columns) * steps;  // [B, n, k]
  if (gain_.defined()) values.mul_(gain_.index_select(0, rates).unsqueeze(1));
  const auto size = at::exp2(numbers.narrow(2, columns, 1) / kStepsPerOctave);  // [B, n, 1]
  return synthesis_(values) * size + synthesis_bias_;                           // [B, n, d]
}

at::Tensor TokenCode::rounded(const at::Tensor& features,
                              std::span<const std::size_t> rates) const {
  c10::InferenceMode inference;
  const auto chosen = on_device(rates);
  return vectors_of(numbers_of(features, chosen), chosen);
}

std::vector<std::vector<std::uint8_t>> TokenCode::pack(const at::Tensor& features,
                                                       std::span<const std::size_t> rates) const {
  c10::InferenceMode inference;
  const auto numbers = numbers_of(features, on_device(rates)).to(at::kChar).cpu().contiguous();
  const auto each = static_cast<std::size_t>(numbers.numel()) / rates.size();
  const std::span all(numbers.data_ptr<std::int8_t>(), each * rates.size());
  std::vector<std::vector<std::uint8_t>> pages(rates.size());
  in_pieces(static_cast<std::int64_t>(pages.size()), 1, [&](std::int64_t i, std::int64_t) {
    const auto page = static_cast<std::size_t>(i);
    pages[page] = coders_[rates[page]].pack(all.subspan(page * each, each));
    pages[page].insert(pages[page].begin(), static_cast<std::uint8_t>(rates[page]));
  });
  return pages;
}

at::Tensor TokenCode::unpack(std::span<const std::span<const std::uint8_t>> pages,
                             int count) const {
  c10::InferenceMode inference;
  std::vector<std::size_t> rates;
  for (const auto& bytes : pages) {
    if (bytes.empty() || bytes[0] >= coders_.size())
      throw Error(ErrorCode::corruption,
                  "the packed vision tokens are damaged: they name a rate that the checkpoint does "
                  "not have; encode the page again or restore a copy");
    rates.push_back(bytes[0]);
  }
  const auto columns = config_.columns + 1;
  const auto numbers =
      at::empty({static_cast<std::int64_t>(pages.size()), count, columns}, at::kChar);
  auto* to = numbers.data_ptr<std::int8_t>();
  in_pieces(static_cast<std::int64_t>(pages.size()), 1, [&](std::int64_t i, std::int64_t) {
    const auto page = static_cast<std::size_t>(i);
    const std::vector<std::int8_t> unpacked =
        coders_[rates[page]].unpack(pages[page].subspan(1), static_cast<std::size_t>(count));
    std::ranges::copy(unpacked, to + i * numbers.stride(0));
  });
  return vectors_of(numbers.to(steps_.device()).to(at::kFloat), on_device(rates));
}

}  // namespace fovea
