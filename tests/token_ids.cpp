// Token ids of many strings, for comparing with the tokenizers package: on stdin each string stands
// behind its length in bytes (32 bits, little-endian); on stdout each has a line of ids.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "model/tokenizer/tokenizer.h"

int main(int count, char** arguments) try {
  if (count != 2) {
    std::fputs("usage: fovea_token_ids TOKENIZER.json < STRINGS\n", stderr);
    return 2;
  }
  const fovea::Tokenizer tokenizer(arguments[1]);
  std::uint32_t length = 0;
  while (std::fread(&length, sizeof length, 1, stdin) == 1) {
    std::string text(length, '\0');
    if (std::fread(text.data(), 1, length, stdin) != length) return 1;
    for (const int id : tokenizer.encode(text)) std::printf("%d ", id);
    std::putchar('\n');
    if (tokenizer.decode(tokenizer.encode(text)) != text) {
      std::fputs("a string does not come back from its ids\n", stderr);
      return 1;
    }
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fovea_token_ids: %s\n", error.what());
  return 1;
}
