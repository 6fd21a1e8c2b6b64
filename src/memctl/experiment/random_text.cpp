#include "memctl/experiment/random_text.h"

#include <random>
#include <string_view>

namespace fovea::memctl {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : generator_(seed) {}

  std::string piece() {
    switch (below(6)) {
      case 0: return uuid();
      case 1: return some(kHex, 7 + below(34));
      case 2: return some(kDigits, 1 + below(12));
      case 3: return some(kDigits, 1 + below(4)) + "." + some(kDigits, 1 + below(6));
      case 4: return some(kBase64, 8 + below(32));
      default: return some(kLetters, 2 + below(10));
    }
  }

  std::size_t below(std::size_t limit) { return generator_() % limit; }

 private:
  // The standard's distributions differ between libraries, the generator does not.
  std::string some(std::string_view alphabet, std::size_t length) {
    std::string text;
    while (text.size() < length) text += alphabet[below(alphabet.size())];
    return text;
  }

  std::string uuid() {
    return some(kHex, 8) + "-" + some(kHex, 4) + "-4" + some(kHex, 3) + "-" + some(kHex, 4) + "-" +
           some(kHex, 12);
  }

  std::mt19937_64 generator_;
};

}  // namespace

std::string random_text(std::size_t characters, std::uint64_t seed) {
  Maker maker(seed);
  std::string text;
  while (text.size() < characters) {
    text += maker.piece();
    text += maker.below(8) == 0 ? '\n' : ' ';
  }
  return text;
}

}  // namespace fovea::memctl
