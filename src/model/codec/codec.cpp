#include "fovea/codec.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>
#include <optional>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/round.h>
#include <ATen/ops/stack.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"
#include "fovea/grounding.h"
#include "fovea/ocr.h"
#include "model/checkpoint/fingerprint.h"
#include "model/checkpoint/page_layout.h"
#include "model/codec/search_embedding.h"
#include "model/codec/token_rate.h"
#include "model/loaded_model.h"
#include "model/ocr/picture_reader.h"
#include "model/operators/in_pieces.h"
#include "model/placement.h"
#include "model/reading/alphabet.h"
#include "model/reading/line_reader.h"
#include "model/reading/part_reading.h"
#include "model/token_code.h"

namespace fovea {
namespace {

/// Patches of 16 px that a GPU encodes at once: one page at 1280 px, six at 512.
constexpr std::int64_t kPatchesAtOnce = 6400;

constexpr int kWidestBeam = 16;

std::vector<Level> levels_of(const ModelConfig& config) {
  if (!config.page_reading) return {Level::large, Level::base, Level::small, Level::tiny};
  std::vector<Level> levels;
  for (const std::string& name : config.page_reading->levels)
    levels.push_back(level_from_name(name));
  return levels;
}

std::vector<Density> densities_of(const ModelConfig& config) {
  std::vector<Density> densities;
  if (!config.page_reading) return densities;
  for (const int columns : config.page_reading->densities)
    densities.push_back(density_from_columns(columns));
  return densities;
}

/// `pages`: of one side. Returns [B, channels, side, side] float32 in -1..1.
at::Tensor to_pixels(std::span<const PagePixels> pages, int side, int channels, at::Device device) {
  std::vector<at::Tensor> all;
  for (const PagePixels& page : pages)
    all.push_back(
        at::from_blob(const_cast<std::uint8_t*>(page.pixels.data()), {1, side, side}, at::kByte));
  const auto bytes = at::stack(all).to(device);  // [B, 1, side, side]
  const auto gray = (bytes.to(at::kFloat) / 255.0 - 0.5) / 0.5;
  return gray.expand({-1, channels, -1, -1});
}

/// Puts `values`, [n, d] float32, into the tokens with 8 bits each.
void put_rounded(const at::Tensor& values, VisionTokens& tokens) {
  const auto scales = values.abs().amax(-1, /*keepdim=*/true).clamp_min(1e-8) / 127.0;  // [n, 1]
  const auto rounded = at::round(values / scales).to(at::kChar).cpu().contiguous();
  const auto on_cpu = scales.cpu().contiguous();
  tokens.values.assign(rounded.data_ptr<std::int8_t>(),
                       rounded.data_ptr<std::int8_t>() + rounded.numel());
  tokens.scales.assign(on_cpu.data_ptr<float>(), on_cpu.data_ptr<float>() + on_cpu.numel());
}

at::Tensor from_8_bits(const VisionTokens& tokens) {
  const auto values = at::from_blob(const_cast<std::int8_t*>(tokens.values.data()),
                                    {tokens.count, tokens.dim}, at::kChar);
  const auto scales =
      at::from_blob(const_cast<float*>(tokens.scales.data()), {tokens.count, 1}, at::kFloat);
  return values.to(at::kFloat) * scales;  // [n, d]
}

ReadPage joined(std::vector<RowReading> rows) {
  ReadPage page;
  double weighted = 0;
  for (RowReading& row : rows) {
    page.text += row.text;
    weighted += static_cast<double>(row.confidence) * static_cast<double>(row.text.size());
    page.rows.push_back({std::move(row.text), row.confidence, row.evidence});
  }
  page.confidence = page.text.empty()
                        ? 1.0f
                        : static_cast<float>(weighted / static_cast<double>(page.text.size()));
  return page;
}

/// What a model wrote about a document, as one page.
ReadPage read_page_of(const PictureAnswer& answer) {
  ReadPage page;
  page.text = plain_text(answer.text, {.labels = Labels::words, .image = {}});
  page.complete = answer.end == OcrEnd::by_model;
  const double mean = answer.log_probability / std::max(1, answer.tokens);
  page.confidence = static_cast<float>(std::exp(mean));
  return page;
}

void require_beam(int width) {
  if (width >= 1 && width <= kWidestBeam) return;
  throw Error(ErrorCode::invalid_argument, "expected a beam width from 1 to " +
                                               std::to_string(kWidestBeam) + ", got " +
                                               std::to_string(width));
}

}  // namespace

struct Codec::Impl : LoadedModel {
  Impl(const std::string& folder, const CodecOptions& options);

  void check(const VisionTokens& tokens) const;
  bool reads(const VisionTokens& tokens) const;
  /// Null where a value has 8 bits.
  const TokenCode* code_of(Level level) const;
  /// `values`: [n, d] float32, the vision tokens of one page.
  VisionTokens stored_form(const at::Tensor& values, const PagePixels& page) const;
  /// The vectors, [n, d] float32 on the CPU.
  at::Tensor expanded(const VisionTokens& tokens) const;
  const LineReader& glyphs() const;
  /// Calls work(i) for 0 <= i < count. Pages of cells are a thread's own on a CPU, as long as there is
  /// one for every thread: a pass over the weights then serves all of its rows, and nobody waits for
  /// another one.
  void each_page(std::size_t count, const std::function<void(std::size_t)>& work) const;
  ReadPage read(const VisionTokens& tokens, int beam_width) const;
  ReadPage read_document(const VisionTokens& tokens) const;
  std::vector<float> embed(std::string_view text) const;

  const int beam_width;
  std::string fingerprint;
  std::vector<Level> levels;
  std::vector<Density> densities;
  std::u32string characters;
  std::map<Level, TokenCode> token_codes;
  std::vector<std::string> also_reads;          // fingerprints
  std::optional<LineReader> line_reader;        // of layout cells
  std::optional<PictureReader> picture_reader;  // of layout document, with a tokenizer
  std::optional<SearchEmbedding> search;
};

Codec::Impl::Impl(const std::string& folder, const CodecOptions& options)
    : LoadedModel(folder, placement_of(options)), beam_width(options.beam_width) {
  levels = levels_of(config);
  densities = densities_of(config);
  if (config.page_reading && config.atlas) characters = characters_of(*config.atlas);
  auto hashing =
      std::async(std::launch::async, [&] { return fingerprint_of(folder, *checkpoint); });
  if (config.page_reading || has_tokenizer_file()) load_tokenizer();
  load_encoder();
  TokenCodeConfigs codes = read_token_codes(folder + "/config.json");
  token_codes = load_token_codes(*checkpoint, codes, config.decoder.hidden);
  also_reads = std::move(codes.also_reads);
  // A page is read in many small products, in which our own kernels beat bfloat16's; and every CPU
  // reads the same.
  if (config.page_reading && placement.has_tiles()) checkpoint->compute_in(at::kFloat);
  load_decoder();
  if (config.page_reading) line_reader.emplace(*checkpoint, config, *encoder, *decoder, *tokenizer);
  if (tokenizer && !config.page_reading) picture_reader.emplace(config, *decoder, *tokenizer);
  if (tokenizer) search.emplace(*checkpoint, *decoder, *tokenizer);
  fingerprint = hashing.get();
  finish();
}

const TokenCode* Codec::Impl::code_of(Level level) const {
  const auto code = token_codes.find(level);
  return code == token_codes.end() ? nullptr : &code->second;
}

VisionTokens Codec::Impl::stored_form(const at::Tensor& values, const PagePixels& page) const {
  VisionTokens tokens;
  tokens.level = page.level;
  tokens.layout = page.layout.value_or(layout_of(config));
  tokens.density = page.density;
  tokens.row_lengths = page.row_lengths;
  tokens.count = static_cast<int>(values.size(0));
  tokens.dim = static_cast<int>(values.size(1));
  tokens.fingerprint = fingerprint;
  const TokenCode* code = code_of(page.level);
  if (!code) {
    put_rounded(values, tokens);
    return tokens;
  }
  const bool can_choose = line_reader && tokens.layout == Layout::cells;
  const std::size_t finest = code->rates().size() - 1;
  tokens.code = code->pack(values, can_choose ? choose_rate(*code, *line_reader, values.to(at::kFloat),
                                                            page.density, page.row_lengths)
                                              : finest);
  return tokens;
}

bool Codec::Impl::reads(const VisionTokens& tokens) const {
  return tokens.fingerprint == fingerprint || std::ranges::count(also_reads, tokens.fingerprint) > 0;
}

at::Tensor Codec::Impl::expanded(const VisionTokens& tokens) const {
  return tokens.code.empty() ? from_8_bits(tokens)
                             : code_of(tokens.level)->unpack(tokens.code, tokens.count);
}

const LineReader& Codec::Impl::glyphs() const {
  if (!line_reader)
    throw Error(ErrorCode::unsupported,
                "the checkpoint " + folder +
                    " reads documents and has no glyph reader (\"fovea\" in its config.json) for "
                    "a quick look; decode the page");
  return *line_reader;
}

void Codec::Impl::each_page(std::size_t count, const std::function<void(std::size_t)>& work) const {
  const auto threads = static_cast<std::size_t>(std::max(1, at::get_num_threads()));
  const bool own = placement.has_tiles() && line_reader;
  const std::size_t whole = own ? count / threads * threads : 0;
  in_pieces(static_cast<std::int64_t>(whole), 1,
            [&](std::int64_t i, std::int64_t) { work(static_cast<std::size_t>(i)); });
  for (std::size_t i = whole; i < count; ++i) work(i);
}

ReadPage Codec::Impl::read(const VisionTokens& tokens, int beam_width) const {
  if (!line_reader) return read_document(tokens);
  return joined(line_reader->read(expanded(tokens).to(placement.device), tokens.density,
                                  tokens.row_lengths, {.beam_width = beam_width}));
}

/// A page holds no more than its level's capacity: a model that writes twice as much repeats
/// itself.
ReadPage Codec::Impl::read_document(const VisionTokens& tokens) const {
  if (!picture_reader)
    throw Error(ErrorCode::unsupported,
                folder + "/tokenizer.json does not exist, so pages cannot be read back; it is "
                         "published with the weights, put it beside them");
  const auto view = arrange_view(*encoder, expanded(tokens).to(placement.device));
  return read_page_of(picture_reader->answer(view, {.prompt = ocr_prompt("free"),
                                                    .max_tokens = 2 * text_capacity(tokens.level),
                                                    .with_probability = true,
                                                    .on_text = {}}));
}

std::vector<float> Codec::Impl::embed(std::string_view text) const {
  if (!search)
    throw Error(ErrorCode::unsupported,
                "the checkpoint " + folder + " has no tokenizer.json, which embedding text needs");
  return search->embed(text);
}

void Codec::Impl::check(const VisionTokens& tokens) const {
  const auto refuse = [](const std::string& what) {
    throw Error(ErrorCode::invalid_argument, what);
  };
  if (!reads(tokens))
    refuse("these vision tokens were made by the checkpoint " + tokens.fingerprint.substr(0, 12) +
           "..., but " + folder + " is " + fingerprint.substr(0, 12) +
           "...: open the one that made them, or encode the pages again");
  const auto count = static_cast<std::size_t>(token_count(tokens.level));
  const bool coded = tokens.fingerprint == fingerprint && code_of(tokens.level);
  const bool whole = coded ? tokens.values.empty() && tokens.scales.empty() && !tokens.code.empty()
                           : tokens.values.size() == count * config.decoder.hidden &&
                                 tokens.scales.size() == count && tokens.code.empty();
  if (tokens.count != token_count(tokens.level) || tokens.dim != config.decoder.hidden || !whole)
    refuse("expected " + std::to_string(count) + " vision tokens of " +
           std::to_string(config.decoder.hidden) + " values" +
           (coded ? " in the checkpoint's code" : "") + " for level " +
           std::string(name_of(tokens.level)) + ", got " + std::to_string(tokens.count) + " of " +
           std::to_string(tokens.dim) + " in " + std::to_string(byte_count(tokens)) + " bytes" +
           (tokens.code.empty() ? "" : " of code"));
  if (tokens.layout != layout_of(config))
    refuse("these vision tokens are of layout " + std::string(name_of(tokens.layout)) +
           ", the checkpoint " + folder + " reads layout " +
           std::string(name_of(layout_of(config))));
  const Grid grid = grid_of(tokens.density);
  if (tokens.row_lengths.empty()) return;
  if (tokens.row_lengths.size() != static_cast<std::size_t>(grid.rows))
    refuse("expected " + std::to_string(grid.rows) + " row lengths, got " +
           std::to_string(tokens.row_lengths.size()));
  for (const int length : tokens.row_lengths)
    if (length < 0 || length > grid.columns)
      refuse("expected row lengths from 0 to " + std::to_string(grid.columns) + ", got " +
             std::to_string(length));
}

Codec::Codec(const std::string& checkpoint, const CodecOptions& options) {
  require_beam(options.beam_width);
  c10::InferenceMode inference;
  impl_ = std::make_unique<Impl>(checkpoint, options);
}
Codec::~Codec() = default;
Codec::Codec(Codec&&) noexcept = default;
Codec& Codec::operator=(Codec&&) noexcept = default;

std::vector<VisionTokens> Codec::encode(std::span<const Page> pages) const {
  std::vector<PagePixels> pixels;
  for (const Page& page : pages) {
    const bool is_laid_out = !page.cells.empty() || !page.text.empty();
    pixels.push_back({page.level, page.density, page.pixels,
                      is_laid_out ? row_lengths(page) : std::vector<int>(),
                      page.document ? Layout::document : Layout::cells});
  }
  return encode(pixels);
}

std::vector<VisionTokens> Codec::encode(std::span<const PagePixels> pages) const {
  c10::InferenceMode inference;
  std::vector<VisionTokens> encoded;
  if (pages.empty()) return encoded;
  const int side = side_of(pages[0].level);
  for (const PagePixels& page : pages) {
    if (page.level != pages[0].level || page.pixels.size() != static_cast<std::size_t>(side) * side)
      throw Error(ErrorCode::invalid_argument,
                  "expected drawn pages of one level, " + std::to_string(side) + " x " +
                      std::to_string(side) + " pixels each; got one of level " +
                      std::string(name_of(page.level)) + " with " +
                      std::to_string(page.pixels.size()) + " pixels");
  }
  encoded.resize(pages.size());
  const auto encode = [&](std::size_t begin, std::size_t count) {
    const auto some = pages.subspan(begin, count);
    const auto features = impl_->encoder->encode(
        to_pixels(some, side, impl_->config.sam.channels, impl_->placement.device));
    for (std::size_t i = 0; i < some.size(); ++i)
      encoded[begin + i] = impl_->stored_form(features[static_cast<std::int64_t>(i)], some[i]);
  };
  if (impl_->placement.device.is_cpu()) {
    // One by one: a batch saves nothing there, and its size would change bfloat16's rounding.
    impl_->each_page(pages.size(), [&](std::size_t i) { encode(i, 1); });
    return encoded;
  }
  const std::int64_t patches = static_cast<std::int64_t>(side) * side / 256;
  const auto at_once =
      static_cast<std::size_t>(std::max<std::int64_t>(1, kPatchesAtOnce / patches));
  for (std::size_t begin = 0; begin < pages.size(); begin += at_once)
    encode(begin, std::min(at_once, pages.size() - begin));
  return encoded;
}

std::vector<ReadPage> Codec::decode(std::span<const VisionTokens> tokens) const {
  return decode(tokens, impl_->beam_width);
}

std::vector<ReadPage> Codec::decode(std::span<const VisionTokens> tokens, int beam_width) const {
  c10::InferenceMode inference;
  require_beam(beam_width);
  for (const VisionTokens& page : tokens) impl_->check(page);
  std::vector<ReadPage> pages(tokens.size());
  impl_->each_page(tokens.size(),
                   [&](std::size_t i) { pages[i] = impl_->read(tokens[i], beam_width); });
  return pages;
}

std::vector<PartRead> Codec::decode_rows(std::span<const VisionTokens> tokens,
                                         const RowChoice& next) const {
  c10::InferenceMode inference;
  const LineReader& reader = impl_->glyphs();
  for (const VisionTokens& page : tokens) impl_->check(page);
  std::vector<PartRead> read(tokens.size());
  impl_->each_page(tokens.size(), [&](std::size_t i) {
    const auto values = impl_->expanded(tokens[i]).to(impl_->placement.device);
    read[i] = read_part(reader, values, tokens[i].density, tokens[i].row_lengths,
                        [&](const PartRead& so_far) { return next(i, so_far); });
  });
  return read;
}

std::vector<std::string> Codec::glance(std::span<const VisionTokens> tokens) const {
  c10::InferenceMode inference;
  const LineReader& reader = impl_->glyphs();
  for (const VisionTokens& page : tokens) impl_->check(page);
  std::vector<std::string> texts(tokens.size());
  impl_->each_page(tokens.size(), [&](std::size_t i) {
    const auto values = impl_->expanded(tokens[i]).to(impl_->placement.device);
    for (const std::string& row :
         reader.glimpse_text(values, tokens[i].density, tokens[i].row_lengths))
      texts[i] += row;
  });
  return texts;
}

std::vector<float> Codec::vectors(const VisionTokens& tokens) const {
  c10::InferenceMode inference;
  impl_->check(tokens);
  const at::Tensor values = impl_->expanded(tokens).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

bool Codec::reads(const VisionTokens& tokens) const {
  return impl_->reads(tokens);
}

VisionTokens Codec::repack(const VisionTokens& tokens) const {
  c10::InferenceMode inference;
  impl_->check(tokens);
  if (tokens.fingerprint == impl_->fingerprint) return tokens;
  const PagePixels page{tokens.level, tokens.density, {}, tokens.row_lengths, tokens.layout};
  return impl_->stored_form(impl_->expanded(tokens).to(impl_->placement.device), page);
}

std::vector<float> Codec::embed(const VisionTokens& tokens) const {
  return embed(glance({&tokens, 1}).front());
}

std::vector<float> Codec::embed(std::string_view text) const {
  c10::InferenceMode inference;
  return impl_->embed(text);
}

int Codec::embedding_dim() const {
  return impl_->config.decoder.hidden;
}
Layout Codec::layout() const {
  return layout_of(impl_->config);
}
const std::vector<Level>& Codec::levels() const {
  return impl_->levels;
}
const std::vector<Density>& Codec::densities() const {
  return impl_->densities;
}
const std::u32string& Codec::characters() const {
  return impl_->characters;
}
const std::string& Codec::fingerprint() const {
  return impl_->fingerprint;
}
const std::string& Codec::name() const {
  return impl_->config.name;
}

}  // namespace fovea
