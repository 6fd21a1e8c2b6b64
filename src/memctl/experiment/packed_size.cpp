#include "memctl/experiment/packed_size.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

#include <lzma.h>
#include <zstd.h>

namespace fovea::memctl {

std::size_t zstd_size(std::string_view text) {
  std::vector<char> packed(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 19);
  if (ZSTD_isError(size)) throw std::bad_alloc();
  return size;
}

std::size_t xz_size(std::string_view text) {
  lzma_options_lzma options;
  lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT);
  // The default's 8 MB take as long to set up as a page takes to be read, and help only large texts.
  options.dict_size = static_cast<std::uint32_t>(
      std::clamp<std::size_t>(text.size(), LZMA_DICT_SIZE_MIN, options.dict_size));
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  std::vector<std::uint8_t> packed(lzma_stream_buffer_bound(text.size()));
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC64, nullptr, bytes, text.size(),
                                packed.data(), &size, packed.size()) != LZMA_OK)
    throw std::bad_alloc();
  return size;
}

}  // namespace fovea::memctl
