#include "picture/orientation.h"

#include <cstring>
#include <memory>
#include <string>

#include <libexif/exif-data.h>

namespace fovea {
namespace {

constexpr std::string_view kHeader("Exif\0\0", 6);

struct Unref {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};

}  // namespace

int orientation_of(std::string_view exif) {
  if (exif.empty()) return 1;
  std::string block(exif);
  if (!exif.starts_with(kHeader)) block.insert(0, kHeader);  // libexif knows a block by it
  const std::unique_ptr<ExifData, Unref> data(exif_data_new_from_data(
      reinterpret_cast<const unsigned char*>(block.data()), static_cast<unsigned>(block.size())));
  if (!data) return 1;
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int value = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return value >= 1 && value <= 8 ? value : 1;
}

Picture upright(Picture in, int orientation) {
  if (orientation <= 1 || orientation > 8) return in;
  const bool swap = orientation >= 5;
  Picture out{swap ? in.height : in.width, swap ? in.width : in.height, {}};
  out.rgb.resize(in.rgb.size());
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int from_x = swap ? y : x, from_y = swap ? x : y;
      if (flip_x) from_x = in.width - 1 - from_x;
      if (flip_y) from_y = in.height - 1 - from_y;
      std::memcpy(&out.rgb[(std::size_t(y) * out.width + x) * 3],
                  &in.rgb[(std::size_t(from_y) * in.width + from_x) * 3], 3);
    }
  }
  return out;
}

}  // namespace fovea
