#include "fovea/ocr.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"
#include "model/loaded_model.h"
#include "model/ocr/picture.h"
#include "model/ocr/picture_reader.h"
#include "model/ocr/pixels.h"
#include "model/placement.h"

namespace fovea {
namespace {

/// As many tiles of 640 px have the patches of one page of 1280 px; more at once take memory, no
/// time.
constexpr std::size_t kTilesAtOnce = 4;

/// Side of the whole picture's view. In Gundam that is the base mode's.
int side_of(OcrMode mode) {
  switch (mode) {
    case OcrMode::tiny: return 512;
    case OcrMode::small: return 640;
    case OcrMode::large: return 1280;
    default: return 1024;
  }
}

/// The folder itself. Throws when its model reads no pictures.
const std::string& with_pictures(const std::string& folder) {
  const ModelConfig config = read_model_config(folder);
  if (config.page_reading || config.sam.channels != 3)
    throw Error(ErrorCode::unsupported,
                "the checkpoint " + folder +
                    " reads only pages that Fovea draws, no other pictures; give the folder of a "
                    "DeepSeek-OCR checkpoint (memctl: --model DIR)");
  if (!std::filesystem::exists(folder + "/tokenizer.json"))
    throw Error(ErrorCode::not_found, folder + "/tokenizer.json does not exist; it is published "
                                               "with the weights, put it beside them");
  return folder;
}

void check(const OcrOptions& options) {
  const auto require = [](bool fine, const char* name, int value, const char* wanted) {
    if (!fine)
      throw Error(ErrorCode::invalid_argument, std::string("expected ") + wanted + " for " + name +
                                                   ", got " + std::to_string(value));
  };
  require(options.max_tokens >= 1, "max_tokens", options.max_tokens, "1 or more");
  require(options.ngram >= 0, "ngram", options.ngram, "0 or more");
  require(options.ngram_window >= 0, "ngram_window", options.ngram_window, "0 or more");
}

}  // namespace

struct Ocr::Impl : LoadedModel {
  Impl(const std::string& folder, const CodecOptions& options);

  at::Tensor encode(const std::vector<Picture>& views) const;
  std::optional<at::Tensor> see(const Picture& picture, const OcrOptions& options,
                                OcrPage& page) const;

  std::optional<PictureReader> reader;
};

Ocr::Impl::Impl(const std::string& folder, const CodecOptions& options)
    : LoadedModel(with_pictures(folder), placement_of(options)) {
  load_tokenizer();
  load_encoder();
  load_decoder();
  finish();
  reader.emplace(config, *decoder, *tokenizer);
  if (reader->image_token() >= config.decoder.vocab)
    throw Error(ErrorCode::corruption, folder + "/tokenizer.json has no <image>; take it from where "
                                                "the weights come from");
}

/// `views`: of one side. Returns float32 [views, n, d].
at::Tensor Ocr::Impl::encode(const std::vector<Picture>& views) const {
  auto pixels = pixels_of(views);
  // The official script hands pixels over in the type it calculates in.
  if (placement.compute == at::kBFloat16) pixels = pixels.to(at::kBFloat16).to(at::kFloat);
  return encoder->encode(pixels);
}

/// The picture's vectors in decoder order, [vision tokens, d]; absent when the caller stopped.
std::optional<at::Tensor> Ocr::Impl::see(const Picture& picture, const OcrOptions& options,
                                         OcrPage& page) const {
  const auto goes_on = [&] { return !options.on_text || options.on_text({}); };
  if (!goes_on()) return {};
  const auto global = encode({global_view(picture, side_of(options.mode))})[0];  // [n, d]
  TileGrid grid;
  if (options.mode == OcrMode::gundam) grid = choose_tiles(picture.width, picture.height);
  page.columns = grid.columns;
  page.rows = grid.rows;
  const auto tiles = cut_tiles(picture, grid);
  if (tiles.empty()) return arrange_view(*encoder, global);
  std::vector<at::Tensor> encoded;
  for (std::size_t begin = 0; begin < tiles.size(); begin += kTilesAtOnce) {
    if (!goes_on()) return {};
    const auto end = std::min(tiles.size(), begin + kTilesAtOnce);
    encoded.push_back(encode({tiles.begin() + begin, tiles.begin() + end}));
  }
  return arrange_tiles(*encoder, at::cat(encoded), grid.columns, grid.rows, global);
}

Ocr::Ocr(const std::string& checkpoint, const CodecOptions& options) {
  c10::InferenceMode inference;
  impl_ = std::make_unique<Impl>(checkpoint, options);
}
Ocr::~Ocr() = default;
Ocr::Ocr(Ocr&&) noexcept = default;
Ocr& Ocr::operator=(Ocr&&) noexcept = default;

OcrPage Ocr::read(const Picture& picture, const OcrOptions& options) const {
  c10::InferenceMode inference;
  check(options);
  const std::string text = ocr_prompt(options.prompt);
  OcrPage page;
  const auto image = impl_->see(picture, options, page);  // [vision tokens, d]
  if (!image) {
    page.end = OcrEnd::by_caller;
    return page;
  }
  page.vision_tokens = static_cast<int>(image->size(0));
  const PictureAnswer answer = impl_->reader->answer(*image, {.prompt = text,
                                                              .max_tokens = options.max_tokens,
                                                              .ngram = options.ngram,
                                                              .ngram_window = options.ngram_window,
                                                              .on_text = options.on_text});
  page.answer = answer.text;
  page.end = answer.end;
  page.tokens = answer.tokens;
  return page;
}

}  // namespace fovea
