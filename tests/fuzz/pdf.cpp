// PDF: the first pages are drawn.
#include <algorithm>

#include "picture/pdf.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(fuzz::text_of(data, size));
  fuzz::accepts([&] {
    const Pdf pdf(bytes, "picture");
    fuzz::expect(pdf.pages() >= 1, "a PDF has pages");
    for (int number = 1; number <= std::min(pdf.pages(), 2); ++number) {
      const Picture page = pdf.page(number);
      fuzz::expect(page.rgb.size() == std::size_t(page.width) * page.height * 3,
                   "a page has all its pixels");
    }
  });
  return 0;
}
