#include "facade/page_maker.h"

#include "core/utf8.h"

namespace fovea {
namespace {

constexpr std::size_t kCharactersPerToken = 4;  // of a history, roughly

}  // namespace

std::string_view beginning_of_tokens(std::string_view text, std::size_t tokens) {
  const auto fits = [&](std::size_t bytes) {
    return count_text_tokens(utf8_cut(text, bytes)) <= tokens;
  };
  std::size_t too_long = kCharactersPerToken * tokens;
  while (too_long < text.size() && fits(too_long)) too_long *= 2;
  if (too_long >= text.size()) {
    if (fits(text.size())) return text;
    too_long = text.size();
  }
  std::size_t best = 0;
  while (best + 1 < too_long) {
    const std::size_t middle = best + (too_long - best) / 2;
    (fits(middle) ? best : too_long) = middle;
  }
  return utf8_cut(text, best);
}

Page PageMaker::next(std::string_view text, const std::string& opening, bool more_follows) const {
  if (layout_ == Layout::document) return next_document(text, opening, more_follows);
  Page page = memory_.renderer().lay_out(text, density_, more_follows);
  page.full = Renderer::is_full(page);
  return page;
}

/// A page ends where it is full, or where it has the tokens that can be read at its level.
Page PageMaker::next_document(std::string_view text, const std::string& opening,
                              bool more_follows) const {
  const DocumentSetting setting{legible_at_, opening};
  const auto room = static_cast<std::size_t>(text_capacity(legible_at_));
  const std::string_view readable = beginning_of_tokens(text, room);
  const DocumentRenderer& renderer = memory_.documents();
  if (readable.size() == text.size()) return renderer.lay_out(text, setting, more_follows);
  Page page = renderer.lay_out(readable, setting, /*more_follows=*/true);
  if (page.text.empty()) page = renderer.lay_out(readable, setting);
  page.full = true;
  return page;
}

void PageMaker::draw(Page& page) const {
  if (page.document) return memory_.documents().draw(page);
  memory_.renderer().draw(page);
}

std::size_t PageMaker::expected_pages(std::size_t characters) const {
  std::size_t room = kCharactersPerToken * static_cast<std::size_t>(
                         layout_ == Layout::document ? text_capacity(legible_at_) : 0);
  if (layout_ == Layout::cells) {
    const Grid grid = grid_of(density_);
    room = static_cast<std::size_t>(grid.columns) * static_cast<std::size_t>(grid.rows);
  }
  return (characters + room - 1) / room;
}

}  // namespace fovea
