#include "renderer/document_type.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fovea {
namespace {

constexpr double kLineSpacing = 1.1;  // of the font's own height

constexpr const char* kText = "Liberation Sans,DejaVu Sans,sans-serif";
constexpr const char* kCode = "Liberation Mono,DejaVu Sans Mono,monospace";

void insert(PangoAttrList* list, PangoAttribute* attribute, std::size_t begin, std::size_t end) {
  attribute->start_index = static_cast<guint>(begin);
  attribute->end_index = static_cast<guint>(end);
  pango_attr_list_insert(list, attribute);
}

PangoFontDescriptionHandle font_of(const TypeFace& face) {
  PangoFontDescriptionHandle font{pango_font_description_new()};
  pango_font_description_set_family(font.get(), face.style & kMono ? kCode : kText);
  pango_font_description_set_absolute_size(font.get(), face.size * PANGO_SCALE);
  if (face.style & kBold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  if (face.style & kItalic) pango_font_description_set_style(font.get(), PANGO_STYLE_ITALIC);
  return font;
}

PangoAttrListHandle attributes_of(const DocumentText& text, const TypeFace& face) {
  PangoAttrListHandle list{pango_attr_list_new()};
  insert(list.get(), pango_attr_insert_hyphens_new(FALSE), 0, text.text().size());
  for (const auto& [begin, end, style] : text.styles()) {
    const bool smaller = (style & kMono) && !(face.style & kMono);
    const TypeFace own{smaller ? face.size * kCodeSize : face.size, style | face.style};
    insert(list.get(), pango_attr_font_desc_new(font_of(own).get()), begin, end);
  }
  return list;
}

PangoRectangle extents_of(PangoLayout* layout) {
  PangoRectangle logical;
  pango_layout_get_extents(layout, nullptr, &logical);
  return logical;
}

}  // namespace

PangoLayoutHandle shape_text(PangoContext* context, const DocumentText& text, const TypeFace& face,
                             double width) {
  PangoLayoutHandle layout{pango_layout_new(context)};
  const std::string& bytes = text.text();
  pango_layout_set_font_description(layout.get(), font_of(face).get());
  pango_layout_set_attributes(layout.get(), attributes_of(text, face).get());
  pango_layout_set_line_spacing(layout.get(), static_cast<float>(kLineSpacing));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  if (width >= 0)
    pango_layout_set_width(layout.get(),
                           static_cast<int>(std::lround(std::max(width, face.size) * PANGO_SCALE)));
  pango_layout_set_text(layout.get(), bytes.data(), static_cast<int>(bytes.size()));
  return layout;
}

double width_of(PangoLayout* layout) { return px(extents_of(layout).width); }
double height_of(PangoLayout* layout) { return px(extents_of(layout).height); }

bool is_right_to_left(PangoLayout* layout) {
  PangoLayoutLine* first = pango_layout_get_line_readonly(layout, 0);
  return pango_layout_line_get_resolved_direction(first) == PANGO_DIRECTION_RTL;
}

std::vector<double> share_width(const std::vector<double>& natural, double room) {
  std::vector<double> widths = natural;
  std::vector<std::size_t> wide(natural.size());
  std::iota(wide.begin(), wide.end(), 0);
  while (!wide.empty()) {
    const double share = room / static_cast<double>(wide.size());
    const auto narrow =
        std::ranges::partition(wide, [&](std::size_t i) { return natural[i] > share; });
    if (narrow.empty()) {
      for (const std::size_t i : wide) widths[i] = share;
      break;
    }
    for (const std::size_t i : narrow) room -= natural[i];
    wide.erase(narrow.begin(), narrow.end());
  }
  return widths;
}

}  // namespace fovea
