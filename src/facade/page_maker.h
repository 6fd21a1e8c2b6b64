#pragma once

#include <string>
#include <string_view>

#include "facade/memory_core.h"

namespace fovea {

/// Makes the pages of a history in one layout.
class PageMaker {
 public:
  /// `memory` must outlive it. `legible_at`: the coarsest level that pages may come to; how much
  /// fits on a document depends on it.
  PageMaker(const MemoryCore& memory, Layout layout, Density density, Level legible_at)
      : memory_(memory), layout_(layout), density_(density), legible_at_(legible_at) {}

  /// Lays out the first page of `text`; no pixels yet. `opening`: what the page before left open.
  /// With `more_follows` a page that more text could still change has `full` unset.
  Page next(std::string_view text, const std::string& opening, bool more_follows) const;
  void draw(Page& page) const;

  /// Pages that so many characters of a history make, roughly.
  std::size_t expected_pages(std::size_t characters) const;

 private:
  Page next_document(std::string_view text, const std::string& opening, bool more_follows) const;

  const MemoryCore& memory_;
  Layout layout_;
  Density density_;
  Level legible_at_;
};

/// The longest beginning of `text` that costs at most `tokens`, whole UTF-8 characters.
std::string_view beginning_of_tokens(std::string_view text, std::size_t tokens);

}  // namespace fovea
