// Everything that needs libtorch, for programs that open it at the first use: each call goes on to
// the same one in libfovea_model.so.

#include "parts/model_part.h"
#include "parts/open_part.h"

namespace fovea {
namespace {

const ModelPart& part() {
  static const auto* const opened = static_cast<const ModelPart*>(open_part("model"));
  return *opened;
}

}  // namespace

struct Codec::Impl {
  std::unique_ptr<Codec, void (*)(Codec*)> loaded;  ///< of libfovea_model.so
};

Codec::Codec(const std::string& checkpoint, const CodecOptions& options)
    : impl_(new Impl{{part().open_codec(checkpoint, options), part().close_codec}}) {}
Codec::~Codec() = default;
Codec::Codec(Codec&&) noexcept = default;
Codec& Codec::operator=(Codec&&) noexcept = default;

std::vector<VisionTokens> Codec::encode(std::span<const Page> pages) const {
  return (*impl_->loaded.*part().encode)(pages);
}
std::vector<VisionTokens> Codec::encode(std::span<const PagePixels> pages) const {
  return (*impl_->loaded.*part().encode_pixels)(pages);
}
std::vector<ReadPage> Codec::decode(std::span<const VisionTokens> tokens) const {
  return (*impl_->loaded.*part().decode)(tokens);
}
std::vector<ReadPage> Codec::decode(std::span<const VisionTokens> tokens, int beam_width) const {
  return (*impl_->loaded.*part().decode_by_beam)(tokens, beam_width);
}
std::vector<PartRead> Codec::decode_rows(std::span<const VisionTokens> tokens,
                                         const RowChoice& next) const {
  return (*impl_->loaded.*part().decode_rows)(tokens, next);
}
std::vector<std::string> Codec::glance(std::span<const VisionTokens> tokens) const {
  return (*impl_->loaded.*part().glance)(tokens);
}
std::vector<float> Codec::vectors(const VisionTokens& tokens) const {
  return (*impl_->loaded.*part().vectors)(tokens);
}
bool Codec::reads(const VisionTokens& tokens) const {
  return (*impl_->loaded.*part().reads)(tokens);
}
VisionTokens Codec::repack(const VisionTokens& tokens) const {
  return (*impl_->loaded.*part().repack)(tokens);
}
std::vector<float> Codec::embed(const VisionTokens& tokens) const {
  return (*impl_->loaded.*part().embed)(tokens);
}
std::vector<float> Codec::embed(std::string_view text) const {
  return (*impl_->loaded.*part().embed_text)(text);
}
int Codec::embedding_dim() const { return (*impl_->loaded.*part().embedding_dim)(); }
Layout Codec::layout() const { return (*impl_->loaded.*part().layout)(); }
const std::vector<Level>& Codec::levels() const { return (*impl_->loaded.*part().levels)(); }
const std::vector<Density>& Codec::densities() const {
  return (*impl_->loaded.*part().densities)();
}
const std::u32string& Codec::characters() const { return (*impl_->loaded.*part().characters)(); }
const std::string& Codec::fingerprint() const { return (*impl_->loaded.*part().fingerprint)(); }
const std::string& Codec::name() const { return (*impl_->loaded.*part().name)(); }

struct Ocr::Impl {
  std::unique_ptr<Ocr, void (*)(Ocr*)> loaded;  ///< of libfovea_model.so
};

Ocr::Ocr(const std::string& checkpoint, const CodecOptions& options)
    : impl_(new Impl{{part().open_ocr(checkpoint, options), part().close_ocr}}) {}
Ocr::~Ocr() = default;
Ocr::Ocr(Ocr&&) noexcept = default;
Ocr& Ocr::operator=(Ocr&&) noexcept = default;

OcrPage Ocr::read(const Picture& picture, const OcrOptions& options) const {
  return (*impl_->loaded.*part().read)(picture, options);
}

CheckpointReport inspect_checkpoint(const std::string& folder) { return part().inspect(folder); }
Machine machine() { return part().machine(); }
Ceiling encoding_ceiling(const std::string& checkpoint, Level level) {
  return part().encoding_ceiling(checkpoint, level);
}
Ceiling reading_ceiling(const std::string& checkpoint, Level level, Density density,
                        int text_tokens) {
  return part().reading_ceiling(checkpoint, level, density, text_tokens);
}
double product_gflops(int m, int k, int n) { return part().product_gflops(m, k, n); }
Rates measure_rates(const std::string& folder, const RateOptions& options) {
  return part().measure_rates(folder, options);
}
WeightError measure_int8_error(const std::string& folder, int tokens, CodecOptions codec) {
  return part().measure_int8_error(folder, tokens, std::move(codec));
}

}  // namespace fovea
