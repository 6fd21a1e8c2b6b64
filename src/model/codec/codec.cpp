#include "fovea/codec.h"

#include <algorithm>
#include <future>
#include <map>
#include <numeric>
#include <optional>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/stack.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"
#include "fovea/ocr.h"
#include "model/checkpoint/fingerprint.h"
#include "model/checkpoint/page_layout.h"
#include "model/codec/page_tensors.h"
#include "model/codec/read_results.h"
#include "model/codec/search_embedding.h"
#include "model/codec/token_rate.h"
#include "model/loaded_model.h"
#include "model/ocr/picture_reader.h"
#include "model/operators/device_memory.h"
#include "model/operators/in_pieces.h"
#include "model/operators/to_vector.h"
#include "model/placement.h"
#include "model/reading/alphabet.h"
#include "model/reading/line_reader.h"
#include "model/reading/part_reading.h"
#include "model/token_code.h"

namespace fovea {
namespace {

/// A batch on a GPU has one value between two layers of the first tower for so many bytes of its
/// memory, of which it takes some 60 with all that is made of it: on one of 140 GB, a hundred pages of
/// fovea-nano at 512 px, seven of DeepSeek-OCR at 1280.
constexpr std::int64_t kBytesAValue = 4096;

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
  /// `values`: [B, n, d] float32, the vision tokens of pages of one level.
  std::vector<VisionTokens> stored_forms(const at::Tensor& values,
                                         std::span<const PagePixels> pages) const;
  /// The vectors of pages of one level and form, [B, n, d] float32.
  at::Tensor expanded(std::span<const VisionTokens* const> pages) const;
  /// The vectors of one page, [n, d] float32.
  at::Tensor expanded(const VisionTokens& tokens) const {
    const VisionTokens* page = &tokens;
    return expanded({&page, 1})[0];
  }
  const LineReader& glyphs() const;
  /// Calls work(i) for 0 <= i < count. Pages of cells are a thread's own on a CPU, as long as there is
  /// one for every thread: a pass over the weights then serves all of its rows, and nobody waits for
  /// another one.
  void each_page(std::size_t count, const std::function<void(std::size_t)>& work) const;
  /// Pages of one level, density and form, of cells.
  std::vector<ReadPage> read_cells(std::span<const VisionTokens* const> pages,
                                   int beam_width) const;
  /// On a GPU.
  std::vector<ReadPage> read_in_batches(std::span<const VisionTokens> tokens, int beam_width) const;
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

std::vector<VisionTokens> Codec::Impl::stored_forms(const at::Tensor& values,
                                                    std::span<const PagePixels> pages) const {
  std::vector<VisionTokens> stored(pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    VisionTokens& tokens = stored[i];
    tokens.level = pages[i].level;
    tokens.layout = pages[i].layout.value_or(layout_of(config));
    tokens.density = pages[i].density;
    tokens.row_lengths = pages[i].row_lengths;
    tokens.count = static_cast<int>(values.size(1));
    tokens.dim = static_cast<int>(values.size(2));
    tokens.fingerprint = fingerprint;
  }
  const TokenCode* code = pages.empty() ? nullptr : code_of(pages[0].level);
  if (!code) {
    put_8_bits(values, stored);
    return stored;
  }
  const bool can_choose =
      line_reader && std::ranges::all_of(stored, [](const VisionTokens& tokens) {
        return tokens.layout == Layout::cells;
      });
  std::vector<PageShape> shapes;
  for (const VisionTokens& tokens : stored) shapes.push_back({tokens.density, tokens.row_lengths});
  const std::vector<std::size_t> rates =
      can_choose ? choose_rates(*code, *line_reader, values.to(at::kFloat), shapes)
                 : std::vector<std::size_t>(pages.size(), code->rates().size() - 1);
  auto packed = code->pack(values, rates);
  for (std::size_t i = 0; i < stored.size(); ++i) stored[i].code = std::move(packed[i]);
  return stored;
}

bool Codec::Impl::reads(const VisionTokens& tokens) const {
  return tokens.fingerprint == fingerprint || std::ranges::count(also_reads, tokens.fingerprint) > 0;
}

at::Tensor Codec::Impl::expanded(std::span<const VisionTokens* const> pages) const {
  if (pages[0]->code.empty()) {
    std::vector<at::Tensor> all;
    for (const VisionTokens* page : pages) all.push_back(from_8_bits(*page));
    return at::stack(all).to(placement.device);
  }
  std::vector<std::span<const std::uint8_t>> codes;
  for (const VisionTokens* page : pages) codes.emplace_back(page->code);
  return code_of(pages[0]->level)->unpack(codes, pages[0]->count);
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

std::vector<ReadPage> Codec::Impl::read_cells(std::span<const VisionTokens* const> pages,
                                              int beam_width) const {
  std::vector<int> lengths;
  for (const VisionTokens* page : pages)
    lengths.insert(lengths.end(), page->row_lengths.begin(), page->row_lengths.end());
  auto rows = line_reader->read_pages(expanded(pages), pages[0]->density, lengths,
                                      {.beam_width = beam_width});
  return pages_of(rows, pages.size());
}

std::vector<ReadPage> Codec::Impl::read_in_batches(std::span<const VisionTokens> tokens,
                                                   int beam_width) const {
  const auto batches = reading_batches(tokens, *line_reader);
  std::vector<ReadPage> read(tokens.size());
  in_two_threads(batches.size(), [&](std::size_t batch) {
    std::vector<const VisionTokens*> pages;
    for (const std::size_t number : batches[batch]) pages.push_back(&tokens[number]);
    auto of_batch = read_cells(pages, beam_width);
    for (std::size_t i = 0; i < pages.size(); ++i) read[batches[batch][i]] = std::move(of_batch[i]);
  });
  return read;
}

ReadPage Codec::Impl::read(const VisionTokens& tokens, int beam_width) const {
  if (!line_reader) return read_document(tokens);
  const VisionTokens* page = &tokens;
  return std::move(read_cells({&page, 1}, beam_width)[0]);
}

/// A page holds no more than its level's capacity: a model that writes twice as much repeats
/// itself.
ReadPage Codec::Impl::read_document(const VisionTokens& tokens) const {
  if (!picture_reader)
    throw Error(ErrorCode::unsupported,
                folder + "/tokenizer.json does not exist, so pages cannot be read back; it is "
                         "published with the weights, put it beside them");
  const auto view = arrange_view(*encoder, expanded(tokens));
  return page_of(picture_reader->answer(view, {.prompt = ocr_prompt("free"),
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
    std::ranges::move(impl_->stored_forms(features, some),
                      encoded.begin() + static_cast<std::ptrdiff_t>(begin));
  };
  if (impl_->placement.device.is_cpu()) {
    // One by one: a batch saves nothing there, and its size would change bfloat16's rounding.
    impl_->each_page(pages.size(), [&](std::size_t i) { encode(i, 1); });
    return encoded;
  }
  const std::int64_t values =
      static_cast<std::int64_t>(side) * side / 256 * impl_->config.sam.width;
  const auto at_once = static_cast<std::size_t>(
      std::max<std::int64_t>(1, device_memory(impl_->placement.device) / kBytesAValue / values));
  in_two_threads((pages.size() + at_once - 1) / at_once, [&](std::size_t batch) {
    encode(batch * at_once, std::min(at_once, pages.size() - batch * at_once));
  });
  return encoded;
}

std::vector<ReadPage> Codec::decode(std::span<const VisionTokens> tokens) const {
  return decode(tokens, impl_->beam_width);
}

std::vector<ReadPage> Codec::decode(std::span<const VisionTokens> tokens, int beam_width) const {
  c10::InferenceMode inference;
  require_beam(beam_width);
  for (const VisionTokens& page : tokens) impl_->check(page);
  if (impl_->line_reader && !impl_->placement.device.is_cpu())
    return impl_->read_in_batches(tokens, beam_width);
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
    const auto values = impl_->expanded(tokens[i]);
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
    const auto values = impl_->expanded(tokens[i]);
    for (const std::string& row :
         reader.glimpse_text(values, tokens[i].density, tokens[i].row_lengths))
      texts[i] += row;
  });
  return texts;
}

std::vector<float> Codec::vectors(const VisionTokens& tokens) const {
  c10::InferenceMode inference;
  impl_->check(tokens);
  return to_vector<float>(impl_->expanded(tokens));
}

bool Codec::reads(const VisionTokens& tokens) const {
  return impl_->reads(tokens);
}

VisionTokens Codec::repack(const VisionTokens& tokens) const {
  c10::InferenceMode inference;
  impl_->check(tokens);
  if (tokens.fingerprint == impl_->fingerprint) return tokens;
  const PagePixels page{tokens.level, tokens.density, {}, tokens.row_lengths, tokens.layout};
  return std::move(
      impl_->stored_forms(impl_->expanded(tokens).unsqueeze(0), std::span(&page, 1))[0]);
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
