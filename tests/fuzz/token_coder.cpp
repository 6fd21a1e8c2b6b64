// The entropy coder of vision tokens: the first byte says how many rows; the others are unpacked, and
// are packed as numbers themselves.
#include <algorithm>
#include <span>
#include <vector>

#include "model/token_coder.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

constexpr std::size_t kColumns = 5;

void check_round_trip(const TokenCoder& coder, std::span<const std::int8_t> numbers) {
  const std::vector<std::uint8_t> packed = coder.pack(numbers);
  const auto again = coder.unpack(packed, numbers.size() / kColumns);
  fuzz::expect(std::equal(again.begin(), again.end(), numbers.begin(), numbers.end()),
               "numbers come back exactly");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenCoder coder = TokenCoder::even(kColumns, 3);
  if (size == 0) return 0;
  const std::span<const std::uint8_t> bytes(data + 1, size - 1);
  fuzz::accepts([&] { check_round_trip(coder, coder.unpack(bytes, data[0])); });
  const std::vector<std::int8_t> numbers(bytes.begin(), bytes.end());
  check_round_trip(coder, std::span(numbers).first(numbers.size() / kColumns * kColumns));
  return 0;
}
