#include <memory>
#include <string>

#include <webp/decode.h>
#include <webp/demux.h>

#include "fovea/error.h"
#include "picture/decoded.h"

namespace fovea {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

std::string exif_of(const WebPData& file) {
  const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemux(&file));
  WebPChunkIterator chunk{};
  if (!demuxer || !WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk)) return {};
  std::string exif(reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size);
  WebPDemuxReleaseChunkIterator(&chunk);
  return exif;
}

std::string reason_of(VP8StatusCode status) {
  return status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED
             ? "the file ends early"
             : "its data is not a picture";
}

}  // namespace

Decoded decode_webp(std::string_view bytes, const std::string& name) {
  const WebPData file{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  WebPBitstreamFeatures features;
  const auto known = WebPGetFeatures(file.bytes, file.size, &features);
  if (known != VP8_STATUS_OK) refuse_damaged(name, "WebP", reason_of(known));
  if (features.has_animation)
    throw Error(ErrorCode::unsupported,
                name + " is an animated WebP; give one of its frames as a picture");
  require_bearable(name, features.width, features.height);
  Decoded decoded;
  Picture& picture = decoded.picture;
  picture.width = features.width;
  picture.height = features.height;
  picture.rgb.resize(std::size_t(picture.width) * picture.height * 3);
  WebPDecoderConfig config;
  WebPInitDecoderConfig(&config);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {picture.rgb.data(), picture.width * 3, picture.rgb.size()};
  const auto status = WebPDecode(file.bytes, file.size, &config);
  if (status != VP8_STATUS_OK) refuse_damaged(name, "WebP", reason_of(status));
  decoded.exif = exif_of(file);
  return decoded;
}

}  // namespace fovea
