// An answer of the OCR model: it means the same in whatever pieces it comes, and boxes stay inside
// of the picture.
#include "fovea/grounding.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view answer = fuzz::text_of(data, size);
  for (const Region& region : find_regions(answer, 640, 480)) {
    for (const PixelBox& box : region.boxes)
      fuzz::expect(box.left >= 0 && box.left <= box.right && box.right <= 640 && box.top >= 0 &&
                       box.top <= box.bottom && box.bottom <= 480,
                   "boxes stay inside of the picture");
  }
  for (const Labels labels : {Labels::kinds, Labels::words, Labels::places}) {
    PlainTextOptions options;
    options.labels = labels;
    options.width = 640;
    options.height = 480;
    options.image = [](std::span<const PixelBox>) { return "[picture]"; };
    PlainText pieces(options);
    std::string text;
    for (std::size_t at = 0; at < size; at += 3) text += pieces.take(answer.substr(at, 3));
    text += pieces.finish();
    fuzz::expect(text == plain_text(answer, options), "an answer is the same in pieces");
    markdown(answer, options);
  }
  return 0;
}
