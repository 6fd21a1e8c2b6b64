#include "facade/context_pages.h"

#include <algorithm>

#include "context/context_format.h"

namespace fovea {

ContextPages::ContextPages(const MemoryCore& memory, ScopeId scope, const Target& target)
    : memory_(memory), scope_(scope), target_(target) {
  for_each_page(memory.store, scope, [&](const StoredPage& page) {
    if (is_over(page.expires)) return true;
    const double type_size = page.document ? DocumentRenderer::type_size(*page.document) : 0;
    const PageForm form = choose_form(
        target, {page.density, page.level, page.characters, page.text_tokens, type_size});
    pages_.push_back({page, form, {}});
    return true;
  });
}

bool ContextPages::any_of_cells() const {
  return std::ranges::any_of(pages_, [](const Known& known) { return !known.page.document; });
}

/// Bytes of the request by the pictures' sides; a page of text takes about a sixth of its pixels.
ContextCost ContextPages::cost(std::size_t index) const {
  const PageForm& form = pages_[index].form;
  const auto side = static_cast<std::size_t>(side_of(form.level));
  return {form.tokens, form.images, form.images * side * side / 6};
}

bool ContextPages::follows_its_call(std::size_t index) const {
  if (index == 0) return false;
  const auto& before = pages_[index - 1].page.tools;
  const auto& here = pages_[index].page.tools;
  return (before && before->awaits_result) || (here && here->begins_with_result);
}

std::vector<ContextPart> ContextPages::draw(const Known& known) {
  std::vector<Page> drawn;
  const std::string text = memory_.text_of_page(scope_, known.page);
  if (target_.pages == Target::Pages::as_remembered || known.page.document) {
    drawn.push_back(shrink(memory_.draw(text, known.page), known.form.level));
  } else {
    drawn = memory_.renderer().render(text, known.form.density, known.form.level);
  }
  std::vector<ContextPart> parts;
  for (const Page& page : drawn) {
    const int side = side_of(page.level);
    ContextPart& part = parts.emplace_back();
    part.png = png_of(page.pixels, side, side);
    part.page = known.page.id;
    part.tokens = known.form.image_tokens;
  }
  return parts;
}

const std::vector<ContextPart>& ContextPages::pictures(std::size_t index) {
  Known& known = pages_[index];
  if (!known.pictures.empty() || known.form.as_text) return known.pictures;
  known.pictures = draw(known);
  const auto too_large = [&](const ContextPart& part) {
    return base64_size(part.png.size()) > target_.limits.image_bytes;
  };
  if (std::ranges::any_of(known.pictures, too_large) ||
      known.pictures.size() > known.form.images) {
    known.pictures.clear();
    known.form.as_text = true;
  }
  return known.pictures;
}

}  // namespace fovea
