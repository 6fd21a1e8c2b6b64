#pragma once

#include <string>

#include "fovea/document_renderer.h"
#include "fovea/grounding.h"
#include "fovea/picture.h"
#include "fovea/renderer.h"
#include "parts/part_head.h"
#include "plot/figure.h"

namespace fovea {

/// What libfovea_pictures.so gives, under the name fovea_pictures: everything that needs cairo, Pango
/// or a library of picture files. Objects as in ModelPart.
struct PicturesPart {
  PartHead head;

  Renderer* (*open_renderer)(const std::string&);
  void (*close_renderer)(Renderer*);
  decltype(&Renderer::lay_out) lay_out;
  decltype(&Renderer::lay_out_clusters) lay_out_clusters;
  decltype(&Renderer::is_full) is_full;
  decltype(&Renderer::draw) draw;
  decltype(&Renderer::render) render;
  decltype(&Renderer::narrow_characters) narrow_characters;
  decltype(&Renderer::wide_characters) wide_characters;

  DocumentRenderer* (*open_documents)();
  void (*close_documents)(DocumentRenderer*);
  decltype(&DocumentRenderer::lay_out) lay_out_document;
  decltype(&DocumentRenderer::draw) draw_document;
  decltype(&DocumentRenderer::type_size) type_size;
  decltype(&DocumentRenderer::visible_lines) visible_lines;

  PictureFile* (*open_file)(const std::string&);
  void (*close_file)(PictureFile*);
  decltype(&PictureFile::pages) pages;
  decltype(&PictureFile::is_pdf) is_pdf;
  decltype(&PictureFile::page) page;

  decltype(&fovea::shrink) shrink;
  decltype(&fovea::write_png) write_png;
  decltype(&fovea::png_of) png_of;
  decltype(&fovea::read_page_png) read_page_png;
  decltype(&fovea::write_boxes_png) write_boxes_png;

  decltype(&plot::to_png) figure_png;
  decltype(&plot::to_svg) figure_svg;
};

}  // namespace fovea
