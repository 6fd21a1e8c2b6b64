#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// A colour picture, 8 bits a channel.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  ///< [height, width, 3]
};

/// A file of pictures: a PNG, JPEG or WebP has one page, a PDF has any number. What it is, is told
/// by its content, not by its name. Movable; one thread at a time.
class PictureFile {
 public:
  /// Throws Error(not_found | io) when the file cannot be read, Error(unsupported) when it is of
  /// another format, an encrypted PDF or larger than 1 GiB, Error(corruption) when it is damaged.
  explicit PictureFile(const std::string& path);
  ~PictureFile();
  PictureFile(PictureFile&&) noexcept;
  PictureFile& operator=(PictureFile&&) noexcept;

  int pages() const;
  bool is_pdf() const;

  /// `number`: from 1. Alpha is dropped (not blended), palettes, gray and CMYK are turned to RGB,
  /// of 16 bits the upper 8 are kept, an EXIF orientation is applied; a PDF page is drawn at 144
  /// dpi on white. A page of more than 100 million pixels is refused before memory is taken for it.
  /// Throws Error(invalid_argument) when there is no such page, Error(unsupported | corruption).
  Picture page(int number) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
