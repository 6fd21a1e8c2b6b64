// Anchors and corrections as they stand in a store: what is unpacked packs to the same, and any of
// it can be laid over any reading of a page.
#include <algorithm>

#include "recovery/recovered_page.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

void check_anchors(std::string_view bytes, Density density, RecoveredPage& page) {
  std::vector<Anchor> anchors;
  if (!fuzz::accepts([&] { anchors = unpack_anchors(bytes, density); })) return;
  const std::string packed = pack_anchors(anchors);
  fuzz::expect(pack_anchors(unpack_anchors(packed, density)) == packed, "anchors pack as they were");
  if (anchors.size() < 64) page.put(anchors);
}

void check_corrections(std::string_view bytes, RecoveredPage& page) {
  Corrections corrections;
  if (!fuzz::accepts([&] { corrections = unpack_corrections(bytes); })) return;
  const std::string packed = pack_corrections(corrections);
  fuzz::expect(pack_corrections(unpack_corrections(packed)) == packed,
               "corrections pack as they were");
  page.correct(corrections);
}

/// Lines of bytes as the rows that were read.
ReadPage page_of(std::string_view text) {
  ReadPage page;
  while (!text.empty() && page.rows.size() < 80) {
    const std::size_t end = std::min(text.find('\n'), std::min<std::size_t>(text.size(), 300));
    ReadRow& row = page.rows.emplace_back();
    row.text = text.substr(0, end);
    row.confidence = 0.5;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return page;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes = fuzz::text_of(data + 2, size - 2);
  const Density density = kDensities[data[0] % kDensities.size()];
  const std::size_t packed = std::min<std::size_t>(data[1], bytes.size());
  const std::vector<int> row_lengths(data[0] & 0x80 ? 3 : 0, 7);
  RecoveredPage page(page_of(bytes.substr(packed)), density, row_lengths);
  check_anchors(bytes.substr(0, packed), density, page);
  check_corrections(bytes.substr(0, packed), page);
  std::size_t length = 0;
  for (const RecalledSpan& span : page.spans()) length += span.length;
  fuzz::expect(page.text().size() == length, "every byte knows where it came from");
  return 0;
}
