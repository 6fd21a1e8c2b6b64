#include "parts/pictures_part.h"

extern "C" [[gnu::visibility("default")]] const fovea::PicturesPart fovea_pictures;

using namespace fovea;

const PicturesPart fovea_pictures = {
    .head = {FOVEA_PARTS_INTERFACE},
    .open_renderer = [](const std::string& checkpoint) { return new Renderer(checkpoint); },
    .close_renderer = [](Renderer* renderer) { delete renderer; },
    .lay_out = &Renderer::lay_out,
    .lay_out_clusters = &Renderer::lay_out_clusters,
    .is_full = &Renderer::is_full,
    .draw = &Renderer::draw,
    .render = &Renderer::render,
    .narrow_characters = &Renderer::narrow_characters,
    .wide_characters = &Renderer::wide_characters,

    .open_documents = [] { return new DocumentRenderer; },
    .close_documents = [](DocumentRenderer* renderer) { delete renderer; },
    .lay_out_document = &DocumentRenderer::lay_out,
    .draw_document = &DocumentRenderer::draw,
    .type_size = &DocumentRenderer::type_size,
    .visible_lines = &DocumentRenderer::visible_lines,

    .open_file = [](const std::string& path) { return new PictureFile(path); },
    .close_file = [](PictureFile* file) { delete file; },
    .pages = &PictureFile::pages,
    .is_pdf = &PictureFile::is_pdf,
    .page = &PictureFile::page,

    .shrink = &shrink,
    .write_png = &write_png,
    .png_of = &png_of,
    .read_page_png = &read_page_png,
    .write_boxes_png = &write_boxes_png,

    .figure_png = &plot::to_png,
    .figure_svg = &plot::to_svg,
};
