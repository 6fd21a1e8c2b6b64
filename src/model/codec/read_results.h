#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fovea/codec.h"
#include "model/ocr/picture_reader.h"
#include "model/reading/line_reader.h"

namespace fovea {

/// Rows of pages, page after page, as the pages. The rows' texts are moved away.
std::vector<ReadPage> pages_of(std::span<RowReading> rows, std::size_t pages);

/// What a model wrote about a document, as one page.
ReadPage page_of(const PictureAnswer& answer);

/// The indices of pages that can be read at once, as many as the reader wants.
std::vector<std::vector<std::size_t>> reading_batches(std::span<const VisionTokens> tokens,
                                                      const LineReader& reader);

}  // namespace fovea
