#include "model/token_coder.h"

#include <algorithm>
#include <string>

#include "fovea/error.h"

namespace fovea {
namespace {

// Range asymmetric numeral systems, with bytes going out: J. Duda, "Asymmetric numeral systems",
// arXiv:1311.2540. Symbols are packed from the last to the first, so that they unpack in order.
constexpr std::uint32_t kLowest = 1 << 23;  // the state is kLowest .. 256 * kLowest - 1
constexpr std::uint32_t kValues = 256;      // a value in full: one of so many, all alike
constexpr std::uint32_t kValueSize = TokenCoder::kTotal / kValues;

class Packer {
 public:
  void put(std::uint32_t begin, std::uint32_t size) {
    const std::uint32_t limit = (kLowest / TokenCoder::kTotal * kValues) * size;
    for (; state_ >= limit; state_ >>= 8) bytes_.push_back(static_cast<std::uint8_t>(state_));
    state_ = state_ / size * TokenCoder::kTotal + state_ % size + begin;
  }

  std::vector<std::uint8_t> bytes() && {
    for (int i = 0; i < 4; ++i, state_ >>= 8) bytes_.push_back(static_cast<std::uint8_t>(state_));
    std::ranges::reverse(bytes_);
    return std::move(bytes_);
  }

 private:
  std::uint32_t state_ = kLowest;
  std::vector<std::uint8_t> bytes_;  ///< the last ones first
};

class Unpacker {
 public:
  explicit Unpacker(std::span<const std::uint8_t> bytes) : rest_(bytes) {
    for (int i = 0; i < 4; ++i) state_ = state_ << 8 | next();
    if (state_ < kLowest || state_ / kValues >= kLowest) damaged();
  }

  /// Where in 0 .. kTotal - 1 the next symbol's interval lies.
  std::uint32_t place() const { return state_ % TokenCoder::kTotal; }
  void take(std::uint32_t begin, std::uint32_t size) {
    state_ = state_ / TokenCoder::kTotal * size + place() - begin;
    while (state_ < kLowest) state_ = state_ << 8 | next();
  }

  void end() const {
    if (state_ != kLowest || !rest_.empty()) damaged();
  }

 private:
  [[noreturn]] static void damaged() {
    throw Error(ErrorCode::corruption,
                "the packed vision tokens are damaged; encode the page again or restore a copy");
  }
  std::uint32_t next() {
    if (rest_.empty()) damaged();
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }

  std::span<const std::uint8_t> rest_;
  std::uint32_t state_ = 0;
};

}  // namespace

TokenCoder::TokenCoder(std::span<const std::int32_t> frequencies, int columns, int range)
    : columns_(columns), range_(range), symbols_(2 * static_cast<std::size_t>(range) + 2) {
  const auto count = static_cast<std::size_t>(columns);
  const auto refuse = [](std::size_t column, const std::string& what) {
    throw Error(ErrorCode::corruption,
                "row " + std::to_string(column) + " of the frequencies " + what);
  };
  if (columns < 1 || range < 0 || range > 127 || frequencies.size() != count * symbols_)
    refuse(0, "is not of " + std::to_string(symbols_) + " numbers");
  ends_.reserve(frequencies.size());
  for (std::size_t column = 0; column < count; ++column) {
    std::int64_t sum = 0;
    for (const std::int32_t frequency : frequencies.subspan(column * symbols_, symbols_)) {
      if (frequency < 1) refuse(column, "has one that is less than 1");
      sum += frequency;
      if (sum > kTotal) break;
      ends_.push_back(static_cast<std::uint16_t>(sum));
    }
    if (sum != kTotal) refuse(column, "does not sum up to " + std::to_string(kTotal));
  }
}

TokenCoder TokenCoder::even(int columns, int range) {
  const int symbols = 2 * range + 2, total = static_cast<int>(kTotal);
  std::vector<std::int32_t> frequencies;
  for (int column = 0; column < columns; ++column) {
    for (int symbol = 0; symbol < symbols; ++symbol)
      frequencies.push_back(total * (symbol + 1) / symbols - total * symbol / symbols);
  }
  return {frequencies, columns, range};
}

TokenCoder::Interval TokenCoder::interval_of(std::size_t column, std::size_t symbol) const {
  const std::uint16_t* ends = &ends_[column * symbols_];
  const std::uint32_t begin = symbol == 0 ? 0 : ends[symbol - 1];
  return {begin, ends[symbol] - begin};
}

std::vector<std::uint8_t> TokenCoder::pack(std::span<const std::int8_t> values) const {
  Packer packer;
  for (std::size_t i = values.size(); i-- > 0;) {
    const int value = values[i];
    const bool is_known = value >= -range_ && value <= range_;
    if (!is_known) packer.put(static_cast<std::uint32_t>(value + 128) * kValueSize, kValueSize);
    const Interval interval =
        interval_of(i % static_cast<std::size_t>(columns_),
                    is_known ? static_cast<std::size_t>(value + range_) : symbols_ - 1);
    packer.put(interval.begin, interval.size);
  }
  return std::move(packer).bytes();
}

std::vector<std::int8_t> TokenCoder::unpack(std::span<const std::uint8_t> bytes,
                                            std::size_t rows) const {
  Unpacker unpacker(bytes);
  const auto columns = static_cast<std::size_t>(columns_);
  std::vector<std::int8_t> values(rows * columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t column = i % columns;
    const auto ends = std::span(ends_).subspan(column * symbols_, symbols_);
    const auto symbol = static_cast<std::size_t>(
        std::ranges::upper_bound(ends, unpacker.place()) - ends.begin());
    const Interval interval = interval_of(column, symbol);
    unpacker.take(interval.begin, interval.size);
    int value = static_cast<int>(symbol) - range_;
    if (symbol == symbols_ - 1) {
      const std::uint32_t raw = unpacker.place() / kValueSize;
      unpacker.take(raw * kValueSize, kValueSize);
      value = static_cast<int>(raw) - 128;
    }
    values[i] = static_cast<std::int8_t>(value);
  }
  unpacker.end();
  return values;
}

}  // namespace fovea
