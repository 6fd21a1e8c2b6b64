#include <optional>
#include <string_view>
#include <utility>

#include "fovea/error.h"
#include "fovea/picture.h"
#include "picture/decoded.h"
#include "picture/file_bytes.h"
#include "picture/orientation.h"
#include "picture/pdf.h"

namespace fovea {
namespace {

using Decode = Decoded (*)(std::string_view, const std::string&);

/// Readers of PDF look for its mark in the first kilobyte.
bool is_pdf_file(std::string_view bytes) {
  return bytes.substr(0, 1024).find("%PDF-") != bytes.npos;
}

/// Formats that are often met and not read, by how they begin.
std::string_view other_format(std::string_view bytes) {
  if (bytes.starts_with("GIF8")) return "a GIF";
  if (bytes.starts_with(std::string_view("II*\0", 4)) ||
      bytes.starts_with(std::string_view("MM\0*", 4)))
    return "a TIFF";
  if (bytes.starts_with("BM")) return "a BMP";
  if (bytes.substr(0, 8).ends_with("ftyp")) return "a HEIC or AVIF picture or a video";
  return "not a known picture format";
}

Decode decoder_of(std::string_view bytes, const std::string& path) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return decode_png;
  if (bytes.starts_with("\xFF\xD8\xFF")) return decode_jpeg;
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return decode_webp;
  if (bytes.empty()) throw Error(ErrorCode::corruption, path + " is empty; get the file again");
  throw Error(ErrorCode::unsupported, path + " is " + std::string(other_format(bytes)) +
                                          "; convert it to PNG, JPEG, WebP or PDF");
}

}  // namespace

struct PictureFile::Impl {
  std::string path;
  std::string bytes;
  Decode decode = nullptr;
  std::optional<Pdf> pdf;  // reads from `bytes`
};

PictureFile::PictureFile(const std::string& path) : impl_(std::make_unique<Impl>()) {
  impl_->path = path;
  impl_->bytes = read_bytes(path);
  if (is_pdf_file(impl_->bytes)) {
    impl_->pdf.emplace(impl_->bytes, path);
  } else {
    impl_->decode = decoder_of(impl_->bytes, path);
  }
}
PictureFile::~PictureFile() = default;
PictureFile::PictureFile(PictureFile&&) noexcept = default;
PictureFile& PictureFile::operator=(PictureFile&&) noexcept = default;

int PictureFile::pages() const {
  return impl_->pdf ? impl_->pdf->pages() : 1;
}

bool PictureFile::is_pdf() const {
  return impl_->pdf.has_value();
}

Picture PictureFile::page(int number) const {
  if (number < 1 || number > pages())
    throw Error(ErrorCode::invalid_argument,
                impl_->path + " has no page " + std::to_string(number) + "; its last is page " +
                    std::to_string(pages()));
  if (impl_->pdf) return impl_->pdf->page(number);
  Decoded decoded = impl_->decode(impl_->bytes, impl_->path);
  return upright(std::move(decoded.picture), orientation_of(decoded.exif));
}

}  // namespace fovea
