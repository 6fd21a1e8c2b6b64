#pragma once

#include <pango/pangocairo.h>

#include <memory>

namespace fovea {

/// Owns a handle of a C library and frees it with `Free`.
template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using CairoSurface = std::unique_ptr<cairo_surface_t, Freed<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Freed<cairo_destroy>>;
using CairoFontOptions = std::unique_ptr<cairo_font_options_t, Freed<cairo_font_options_destroy>>;
using PangoFontMapHandle = std::unique_ptr<PangoFontMap, Freed<g_object_unref>>;
using PangoContextHandle = std::unique_ptr<PangoContext, Freed<g_object_unref>>;
using PangoLayoutHandle = std::unique_ptr<PangoLayout, Freed<g_object_unref>>;
using PangoFontHandle = std::unique_ptr<PangoFont, Freed<g_object_unref>>;
using PangoFontDescriptionHandle =
    std::unique_ptr<PangoFontDescription, Freed<pango_font_description_free>>;
using PangoGlyphStringHandle = std::unique_ptr<PangoGlyphString, Freed<pango_glyph_string_free>>;
using PangoAttrListHandle = std::unique_ptr<PangoAttrList, Freed<pango_attr_list_unref>>;

}  // namespace fovea
