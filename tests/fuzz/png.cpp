// PNG: pictures to be read, and pages as they were written.
#include "renderer/png_file.h"
#include "tests/fuzz/pictures.h"

using namespace fovea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  constexpr std::size_t kSides = 16;  // where IHDR has them
  if (size >= kSides + 8 && fuzz::is_slow(fuzz::big_endian(bytes, kSides, 4),
                                          fuzz::big_endian(bytes, kSides + 4, 4)))
    return -1;
  fuzz::check_picture(decode_png, bytes);

  const fuzz::InputFile file(bytes);
  GrayPicture page;
  if (fuzz::accepts([&] { page = read_gray_png(file.path(), [](Size) {}); }))
    fuzz::expect(page.pixels.size() == std::size_t(page.size.width) * page.size.height,
                 "a page has all its pixels");
  return 0;
}
