#include "fovea/document_renderer.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "core/utf8.h"
#include "fovea/error.h"
#include "renderer/document_blocks.h"
#include "renderer/document_layout.h"
#include "renderer/text_raster.h"

namespace fovea {
namespace {

constexpr double kMargin = 64;              // px at 1280, on all sides
constexpr double kInside = kCanvasSide - 2 * kMargin;
constexpr double kSmaller = 0.95;           // each step when a text does not fit
constexpr double kSmallest = 0.4;           // of the type's size

/// Bytes of text that are looked at first: a page of four letters a token, twice over.
std::size_t first_window(const DocumentSetting& setting) {
  return 8 * static_cast<std::size_t>(text_capacity(setting.legible_at));
}

int invalid_bytes_of(const std::vector<DocumentBlock>& blocks) {
  int count = 0;
  for (const DocumentBlock& block : blocks) {
    count += block.text.invalid_bytes();
    for (const auto& row : block.rows) {
      for (const DocumentText& cell : row.cells) count += cell.invalid_bytes();
    }
  }
  return count;
}

void append_words(std::string& words, std::string_view text) {
  constexpr std::string_view kWhite = " \t\n\v\f\r";
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kWhite), text.size()));
    if (text.empty()) return;
    const std::size_t end = std::min(text.find_first_of(kWhite), text.size());
    if (!words.empty()) words += ' ';
    words += text.substr(0, end);
    text.remove_prefix(end);
  }
}

}  // namespace

struct DocumentRenderer::Impl {
  Impl() : font_map(pango_cairo_font_map_new()), context(unhinted_context(font_map.get())) {}

  DocumentLayout set(std::string_view text, const DocumentSetting& setting,
                     double scale = 1) const {
    return {context.get(),
            {.em = scale * type_size(setting), .width = kInside},
            document_blocks(text, setting.opening)};
  }
  bool fits(std::string_view text, const DocumentSetting& setting) const {
    return set(text, setting).height() <= kInside;
  }
  void cut(Page& page, std::string_view text, const DocumentLayout& layout) const;

  std::mutex mutex;  // Pango's objects are one thread's at a time
  PangoFontMapHandle font_map;
  PangoContextHandle context;
};

/// Takes as much of `text` onto the page as fits. What is set alone may be higher than as a part of
/// a longer text, so the page is set again to see.
void DocumentRenderer::Impl::cut(Page& page, std::string_view text,
                                 const DocumentLayout& layout) const {
  const auto& breaks = layout.breaks();
  const auto fitting = [](const DocumentBreak& at) { return at.bottom <= kInside; };
  std::size_t step = 1;
  auto next = std::ranges::find_if_not(breaks, fitting);
  while (next != breaks.begin()) {
    next -= static_cast<std::ptrdiff_t>(
        std::min(step, static_cast<std::size_t>(next - breaks.begin())));
    if (next == breaks.begin() || fits(text.substr(0, next->source), *page.document)) break;
    step *= 2;
  }
  if (next == breaks.end()) {
    page.text = text;
    return;
  }
  page.text = text.substr(0, next->source);
  page.leaves_open = next->opening;
}

DocumentRenderer::DocumentRenderer() : impl_(std::make_unique<Impl>()) {}
DocumentRenderer::~DocumentRenderer() = default;
DocumentRenderer::DocumentRenderer(DocumentRenderer&&) noexcept = default;
DocumentRenderer& DocumentRenderer::operator=(DocumentRenderer&&) noexcept = default;

double DocumentRenderer::type_size(const DocumentSetting& setting) {
  switch (setting.legible_at) {
    case Level::large: return 14;
    case Level::base: return 17.5;
    case Level::small: return 21;
    default: return 25;
  }
}

Page DocumentRenderer::lay_out(std::string_view text, const DocumentSetting& setting,
                               bool more_follows) const {
  const std::lock_guard lock(impl_->mutex);
  Page page;
  page.document = setting;
  for (std::size_t bytes = first_window(setting);; bytes *= 4) {
    const std::string_view window = utf8_cut(text, bytes);
    const bool whole = window.size() == text.size();
    const DocumentLayout layout = impl_->set(window, setting);
    if (layout.height() > kInside) {
      page.full = true;
      impl_->cut(page, window, layout);
      return page;
    }
    if (!whole) continue;
    if (!more_follows) {
      page.text = text;
    } else if (!layout.breaks().empty()) {
      page.text = text.substr(0, layout.breaks().back().source);
      page.leaves_open = layout.breaks().back().opening;
    }
    return page;
  }
}

void DocumentRenderer::draw(Page& page) const {
  const DocumentSetting setting = page.document.value_or(DocumentSetting());
  text_capacity(setting.legible_at);  // throws for levels that no document has
  const std::lock_guard lock(impl_->mutex);
  double scale = 1;
  auto layout = std::make_unique<DocumentLayout>(impl_->set(page.text, setting));
  while (layout->height() > kInside && scale > kSmallest) {
    scale *= kSmaller;
    layout = std::make_unique<DocumentLayout>(impl_->set(page.text, setting, scale));
  }
  WhiteCanvas canvas(kCanvasSide, kCanvasSide);
  cairo_translate(canvas.cairo(), kMargin, kMargin);
  layout->draw(canvas.cairo());
  page.document = setting;
  page.level = Level::large;
  page.pixels = canvas.gray();
  page.report = {};
  page.report.no_glyph = layout->unknown_glyphs();
  page.report.invalid_bytes = invalid_bytes_of(document_blocks(page.text, setting.opening));
  page.report.clipped = layout->height() > kInside;
}

std::vector<std::string> DocumentRenderer::visible_lines(std::string_view text,
                                                         std::string_view opening) {
  std::vector<std::string> lines;
  for (const DocumentBlock& block : document_blocks(text, opening)) {
    std::string line = block.mark == "\u2022" ? std::string() : block.mark;
    std::string_view rest = block.text.text();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      append_words(line, rest.substr(0, end));
      lines.push_back(std::exchange(line, {}));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const auto& row : block.rows) {
      for (const DocumentText& cell : row.cells) append_words(line, cell.text());
      lines.push_back(std::exchange(line, {}));
    }
  }
  std::erase(lines, "");
  return lines;
}

}  // namespace fovea
