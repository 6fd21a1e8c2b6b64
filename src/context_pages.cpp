#include "src/context_pages.h"

#include <algorithm>

#include "src/context/context_format.h"
#include "src/context/tool_pairs.h"

namespace fovea {
namespace {

std::string readback_label(PageId page) {
  std::string label = "[page ";
  return label.append(std::to_string(page)).append("]\n");
}

std::size_t text_bytes(const StoredPage& page) { return page.bytes + page.bytes / 4 + 400; }

/// A page's bytes in a request before it is drawn or read; what it really takes counts in the end.
std::size_t expected_bytes(const StoredPage& page, const PageForm& form) {
  const auto side = static_cast<std::size_t>(side_of(form.level));
  return form.as_text ? text_bytes(page) : form.images * side * side / 6;
}

}  // namespace

ContextPart text_part(std::string text, PageId page) {
  ContextPart part;
  part.tokens = count_text_tokens(text);
  part.text = std::move(text);
  part.page = page;
  return part;
}

ContextCost cost_of(const std::vector<ContextPart>& parts) {
  ContextCost cost;
  for (const ContextPart& part : parts) {
    cost = cost + ContextCost{part.tokens, part.png.empty() ? 0u : 1u, request_bytes(part)};
  }
  return cost;
}

ContextPages::ContextPages(MemoryCore& memory, ScopeId scope, const Target& target)
    : memory_(memory), scope_(scope), target_(target) {
  for_each_page(memory.store, scope, [&](const StoredPage& page) {
    if (is_over(page.expires)) return true;
    const double type_size = page.document ? DocumentRenderer::type_size(*page.document) : 0;
    const PageForm form = choose_form(
        target, {page.density, page.level, page.characters, page.text_tokens, type_size});
    pages_.push_back({page, form, {}, {}});
    return true;
  });
}

bool ContextPages::any_of_cells() const {
  return std::ranges::any_of(pages_, [](const Known& known) { return !known.page.document; });
}

PlannedPage ContextPages::planned(std::size_t index) const {
  const auto& [page, form, text, kept] = pages_[index];
  const std::size_t label = count_text_tokens(readback_label(page.id)) + 1;
  return {.id = page.id,
          .kept = {form.tokens, form.images, expected_bytes(page, form)},
          .readback = {page.text_tokens + label, 0, text_bytes(page)},
          .kept_as_text = form.as_text,
          .pinned = page.pinned,
          .tied_to_next = false};
}

bool ContextPages::tied_to_next(std::size_t index, std::string_view recent) {
  if (tool_ends(pages_[index]).awaits_result) return true;
  if (index + 1 == pages_.size()) return begins_with_result(recent);
  return tool_ends(pages_[index + 1]).begins_with_result;
}

/// As it was noted when the page was written; of a page of an older version as its text shows.
const ToolEnds& ContextPages::tool_ends(Known& known) {
  std::optional<ToolEnds>& ends = known.page.tools;
  if (!ends && known.page.has_archive) {
    const std::string& text = text_of(known);
    ends = ToolEnds{awaits_result(text), begins_with_result(text)};
  } else if (!ends) {
    ends = ToolEnds{false, begins_as_result(known.page)};
  }
  return *ends;
}

/// Without its text, a page shows by its messages' roles whether a result begins on it first.
bool ContextPages::begins_as_result(const StoredPage& page) const {
  for (const PageSpan& span : memory_.store.spans(scope_, page.id)) {
    if (span.message_begin == 0) return span.role == "tool" || span.role == "function";
  }
  return false;
}

const std::string& ContextPages::text_of(Known& known) {
  if (!known.text) known.text = memory_.text_of_page(scope_, known.page);
  return *known.text;
}

std::vector<ContextPart> ContextPages::pictures(Known& known) {
  std::vector<Page> drawn;
  if (target_.pages == Target::Pages::as_remembered || known.page.document) {
    drawn.push_back(shrink(memory_.draw(text_of(known), known.page), known.form.level));
  } else {
    drawn = memory_.renderer().render(text_of(known), known.form.density, known.form.level);
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

const std::vector<ContextPart>& ContextPages::kept(std::size_t index) {
  Known& known = pages_[index];
  if (!known.kept.empty()) return known.kept;
  if (!known.form.as_text) {
    known.kept = pictures(known);
    const auto too_large = [&](const ContextPart& part) {
      return base64_size(part.png.size()) > target_.limits.image_bytes;
    };
    if (std::ranges::none_of(known.kept, too_large)) return known.kept;
    known.form = PageForm();
  }
  known.kept = {text_part(text_of(known), known.page.id)};
  return known.kept;
}

ContextPart ContextPages::readback(std::size_t index) {
  Known& known = pages_[index];
  return text_part(readback_label(known.page.id) + text_of(known), known.page.id);
}

}  // namespace fovea
