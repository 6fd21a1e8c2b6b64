// Pages drawn and pictures read, for programs that open what that needs at the first use: each call
// goes on to the same one in libfovea_pictures.so.

#include "parts/open_part.h"
#include "parts/pictures_part.h"

namespace fovea {
namespace {

const PicturesPart& part() {
  static const auto* const opened = static_cast<const PicturesPart*>(open_part("pictures"));
  return *opened;
}

}  // namespace

struct Renderer::Impl {
  std::unique_ptr<Renderer, void (*)(Renderer*)> loaded;  ///< of libfovea_pictures.so
};

Renderer::Renderer(const std::string& checkpoint)
    : impl_(new Impl{{part().open_renderer(checkpoint), part().close_renderer}}) {}
Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;

Page Renderer::lay_out(std::string_view text, Density density, bool more_follows) const {
  return (*impl_->loaded.*part().lay_out)(text, density, more_follows);
}
Page Renderer::lay_out_clusters(std::string_view text, Density density) const {
  return (*impl_->loaded.*part().lay_out_clusters)(text, density);
}
bool Renderer::is_full(const Page& page) { return part().is_full(page); }
void Renderer::draw(Page& page) const { (*impl_->loaded.*part().draw)(page); }
std::vector<Page> Renderer::render(std::string_view text, Density density, Level level) const {
  return (*impl_->loaded.*part().render)(text, density, level);
}
const std::u32string& Renderer::narrow_characters() const {
  return (*impl_->loaded.*part().narrow_characters)();
}
const std::u32string& Renderer::wide_characters() const {
  return (*impl_->loaded.*part().wide_characters)();
}

struct DocumentRenderer::Impl {
  std::unique_ptr<DocumentRenderer, void (*)(DocumentRenderer*)>
      loaded;  ///< of libfovea_pictures.so
};

DocumentRenderer::DocumentRenderer()
    : impl_(new Impl{{part().open_documents(), part().close_documents}}) {}
DocumentRenderer::~DocumentRenderer() = default;
DocumentRenderer::DocumentRenderer(DocumentRenderer&&) noexcept = default;
DocumentRenderer& DocumentRenderer::operator=(DocumentRenderer&&) noexcept = default;

Page DocumentRenderer::lay_out(std::string_view text, const DocumentSetting& setting,
                               bool more_follows) const {
  return (*impl_->loaded.*part().lay_out_document)(text, setting, more_follows);
}
void DocumentRenderer::draw(Page& page) const { (*impl_->loaded.*part().draw_document)(page); }
double DocumentRenderer::type_size(const DocumentSetting& setting) {
  return part().type_size(setting);
}
std::vector<std::string> DocumentRenderer::visible_lines(std::string_view text,
                                                         std::string_view opening) {
  return part().visible_lines(text, opening);
}

struct PictureFile::Impl {
  std::unique_ptr<PictureFile, void (*)(PictureFile*)> loaded;  ///< of libfovea_pictures.so
};

PictureFile::PictureFile(const std::string& path)
    : impl_(new Impl{{part().open_file(path), part().close_file}}) {}
PictureFile::~PictureFile() = default;
PictureFile::PictureFile(PictureFile&&) noexcept = default;
PictureFile& PictureFile::operator=(PictureFile&&) noexcept = default;

int PictureFile::pages() const { return (*impl_->loaded.*part().pages)(); }
bool PictureFile::is_pdf() const { return (*impl_->loaded.*part().is_pdf)(); }
Picture PictureFile::page(int number) const { return (*impl_->loaded.*part().page)(number); }

Page shrink(const Page& page, Level level) { return part().shrink(page, level); }
void write_png(const std::string& path, const std::vector<std::uint8_t>& pixels, int width,
               int height) {
  part().write_png(path, pixels, width, height);
}
std::vector<std::uint8_t> png_of(const std::vector<std::uint8_t>& pixels, int width, int height) {
  return part().png_of(pixels, width, height);
}
Page read_page_png(const std::string& path, Density density) {
  return part().read_page_png(path, density);
}
void write_boxes_png(const std::string& path, const Picture& picture,
                     std::span<const Region> regions) {
  part().write_boxes_png(path, picture, regions);
}

namespace plot {

std::string to_png(const Figure& figure) { return part().figure_png(figure); }
std::string to_svg(const Figure& figure) { return part().figure_svg(figure); }

}  // namespace plot

}  // namespace fovea
