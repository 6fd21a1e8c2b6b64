// A safetensors file, or its header and data apart with the length in front put right: each tensor
// that is found lies inside of the file and has the bytes of its shape.
#include <cstring>

#include "model/checkpoint/safetensors.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

void check_file(std::string_view bytes) {
  const fuzz::InputFile input(bytes);
  fuzz::accepts([&] {
    const SafetensorsFile file(input.path());
    const auto all = file.bytes();
    for (const auto& [name, tensor] : file.tensors()) {
      std::uint64_t expected = static_cast<std::uint64_t>(size_of(tensor.type));
      for (const auto side : tensor.shape) expected *= static_cast<std::uint64_t>(side);
      fuzz::expect(tensor.bytes.size() == expected, "a tensor has the bytes of its shape");
      fuzz::expect(tensor.bytes.empty() ||
                       (tensor.bytes.data() >= all.data() &&
                        tensor.bytes.data() + tensor.bytes.size() <= all.data() + all.size()),
                   "a tensor lies inside of its file");
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  check_file(bytes);
  if (size <= sizeof(std::uint64_t)) return 0;
  const std::string_view behind = bytes.substr(sizeof(std::uint64_t));
  const std::uint64_t length = behind.substr(0, behind.find('\0')).size();
  std::string mended(sizeof length, '\0');
  std::memcpy(mended.data(), &length, sizeof length);
  check_file(mended.append(behind));
  return 0;
}
