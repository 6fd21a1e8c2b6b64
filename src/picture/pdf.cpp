#include "picture/pdf.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-image.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include "fovea/error.h"
#include "picture/decoded.h"

namespace fovea {
namespace {

constexpr double kDpi = 144, kPointsPerInch = 72;

/// Where a reader looks for the mark that ends a PDF, with room for what mail programs append.
constexpr std::size_t kTail = 4096;

bool ends_as_it_should(std::string_view bytes) {
  return bytes.substr(bytes.size() - std::min(bytes.size(), kTail)).find("%%EOF") != bytes.npos;
}

Picture to_picture(const poppler::image& image) {
  Picture picture{image.width(), image.height(), {}};
  picture.rgb.resize(std::size_t(picture.width) * picture.height * 3);
  for (int y = 0; y < picture.height; ++y)
    std::copy_n(image.const_data() + std::size_t(y) * image.bytes_per_row(), picture.width * 3,
                &picture.rgb[std::size_t(y) * picture.width * 3]);
  return picture;
}

}  // namespace

struct Pdf::Impl {
  std::string name;
  std::unique_ptr<poppler::document> document;
};

Pdf::Pdf(const std::string& bytes, std::string name) : impl_(std::make_unique<Impl>()) {
  // Poppler mends what it can and would tell stderr about each thing.
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  if (!ends_as_it_should(bytes)) refuse_damaged(name, "PDF", "it has no end mark (%%EOF)");
  if (bytes.size() > std::size_t(std::numeric_limits<int>::max()))
    throw Error(ErrorCode::unsupported, name + " is larger than 2 GiB; split it");
  impl_->document.reset(
      poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
  if (!impl_->document) refuse_damaged(name, "PDF", "its structure is broken");
  if (impl_->document->is_locked())
    throw Error(ErrorCode::unsupported,
                name +
                    " is an encrypted PDF that needs a password; make an unencrypted copy, for "
                    "example: qpdf --password=SECRET --decrypt " +
                    name + " open.pdf");
  if (impl_->document->pages() < 1) refuse_damaged(name, "PDF", "it has no page");
  impl_->name = std::move(name);
}
Pdf::~Pdf() = default;
Pdf::Pdf(Pdf&&) noexcept = default;

int Pdf::pages() const {
  return impl_->document->pages();
}

Picture Pdf::page(int number) const {
  const std::string name = impl_->name + " page " + std::to_string(number);
  const std::unique_ptr<poppler::page> page(impl_->document->create_page(number - 1));
  if (!page) refuse_damaged(name, "PDF", "the page is missing");
  const auto size = page->page_rect();
  const auto pixels = [&](double points) {
    const double length = std::ceil(std::abs(points) / kPointsPerInch * kDpi);
    return static_cast<std::uint64_t>(std::min(length, 1e9));
  };
  require_bearable(name, pixels(size.width()), pixels(size.height()));
  poppler::page_renderer renderer;
  renderer.set_render_hint(poppler::page_renderer::antialiasing);
  renderer.set_render_hint(poppler::page_renderer::text_antialiasing);
  renderer.set_image_format(poppler::image::format_rgb24);
  const poppler::image image = renderer.render_page(page.get(), kDpi, kDpi);
  if (!image.is_valid() || image.width() < 1 || image.height() < 1)
    refuse_damaged(name, "PDF", "the page cannot be drawn");
  return to_picture(image);
}

}  // namespace fovea
