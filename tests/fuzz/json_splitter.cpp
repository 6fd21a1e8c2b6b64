// The JSON splitter: a document falls into the same texts in whatever chunks it comes.
#include <vector>

#include "history/json_splitter.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

std::vector<JsonText> texts_of(std::string_view document, std::size_t chunk) {
  JsonSplitter splitter([rest = document, chunk]() mutable {
    const std::string_view next = rest.substr(0, chunk);
    rest.remove_prefix(next.size());
    return std::string(next);
  });
  std::vector<JsonText> texts;
  while (auto text = splitter.next()) texts.push_back(std::move(*text));
  return texts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view document = fuzz::text_of(data, size);
  const auto whole = texts_of(document, size + 1);
  std::size_t length = 0;
  for (const JsonText& text : whole) {
    length += text.text.size();
    fuzz::expect(text.line >= 1, "a text begins on a line");
  }
  fuzz::expect(length <= 3 * size + 2, "texts are cut out of the document");
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}}) {
    const auto pieces = texts_of(document, chunk);
    fuzz::expect(pieces.size() == whole.size(), "the number of texts does not depend on chunks");
    for (std::size_t i = 0; i < whole.size(); ++i)
      fuzz::expect(pieces[i].text == whole[i].text && pieces[i].line == whole[i].line &&
                       pieces[i].place == whole[i].place && pieces[i].part == whole[i].part &&
                       pieces[i].fault == whole[i].fault,
                   "texts do not depend on chunks");
  }
  return 0;
}
