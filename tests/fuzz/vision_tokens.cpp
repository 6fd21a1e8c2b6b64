// A .fvt file: what is read is written as it was read. Where the checksum does not fit, the file is
// tried once more with the right one, or nothing behind it would ever be reached.
#include "fovea/vision_tokens.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

constexpr std::size_t kChecksumBytes = 4;

/// The file with the checksum that it should have: CRC-32 as in PNG.
std::string with_checksum(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0u);
  }
  std::string whole(bytes);
  for (int i = 0; i < 4; ++i) whole += static_cast<char>(~crc >> (8 * i));
  return whole;
}

void check_file(std::string_view bytes) {
  const fuzz::InputFile file(bytes);
  VisionTokens tokens;
  if (!fuzz::accepts([&] { tokens = read_tokens(file.path()); })) return;
  static const fuzz::Folder folder;
  write_tokens(folder.file("copy.fvt"), tokens);
  const VisionTokens again = read_tokens(folder.file("copy.fvt"));
  fuzz::expect(again.level == tokens.level && again.layout == tokens.layout &&
                   again.density == tokens.density && again.row_lengths == tokens.row_lengths &&
                   again.count == tokens.count && again.dim == tokens.dim &&
                   again.values == tokens.values && again.scales == tokens.scales &&
                   again.code == tokens.code &&
                   again.fingerprint == tokens.fingerprint,
               "vision tokens are written as they were read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  check_file(bytes);
  if (size > kChecksumBytes) check_file(with_checksum(bytes.substr(0, size - kChecksumBytes)));
  return 0;
}
