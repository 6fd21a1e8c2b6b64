#pragma once

#include <cstddef>

#include "context/targets.h"
#include "fovea/level.h"

namespace fovea {

/// What is known of a page without reading it.
struct PageMeasure {
  Density density = Density::d106;
  Level level = Level::base;
  std::size_t characters = 0;
  std::size_t text_tokens = 0;
  double type_size = 0;  ///< of a document, px an em at 1280; 0: the page is one of cells
};

/// How a page is shown to a target.
struct PageForm {
  bool as_text = true;
  Density density = Density::d106;  ///< of the pictures, if they are of cells
  Level level = Level::base;
  std::size_t images = 0;           ///< at most: the page's text may need fewer
  std::size_t image_tokens = 0;     ///< of one picture
  std::size_t tokens = 0;           ///< of the page: all its pictures, or its text
};

/// Pictures where they cost less than the page's text and the target can read them, otherwise text.
/// Of several ways to draw, the cheapest, then the one with the largest cells. Pure.
PageForm choose_form(const Target& target, const PageMeasure& page);

}  // namespace fovea
