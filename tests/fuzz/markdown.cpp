// Markdown of a history: every byte of every block knows where in the source it stands, and a page
// can begin inside of any block.
#include "renderer/document_blocks.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

void check_text(const DocumentText& text, std::size_t source_size) {
  for (std::size_t at = 0; at < text.text().size(); ++at)
    fuzz::expect(text.source_of(at) <= source_size, "text stands inside of the source");
  for (const DocumentText::Styled& styled : text.styles())
    fuzz::expect(styled.begin < styled.end && styled.end <= text.text().size(),
                 "a style stands inside of the text");
}

void check_block(const DocumentBlock& block, std::size_t source_size) {
  fuzz::expect(block.begin == kNowhere || block.begin <= source_size,
               "a block begins inside of the source");
  check_text(block.text, source_size);
  for (const DocumentBlock::Row& row : block.rows) {
    fuzz::expect(row.cells.size() >= 1, "a row has cells");
    for (const DocumentText& cell : row.cells) check_text(cell, source_size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view history = fuzz::text_of(data, size);
  const auto blocks = document_blocks(history, "");
  int continued = 0;
  for (const DocumentBlock& block : blocks) {
    check_block(block, history.size());
    if (block.begin == kNowhere || block.opening.empty() || ++continued > 3) continue;
    const std::string_view rest = history.substr(block.begin);
    for (const DocumentBlock& next : document_blocks(rest, block.opening))
      check_block(next, rest.size());
  }
  for (const DocumentBlock& block : document_blocks(history, kToolOpening))
    check_block(block, history.size());
  return 0;
}
