// A checkpoint's config.json, whole or as a change (RFC 7386) of one that is right: sizes that are
// taken can be divided by.
#include <nlohmann/json.hpp>

#include "model/checkpoint/config.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

void check_config(const std::string& text) {
  const fuzz::InputFile file(text);
  ModelConfig config;
  if (!fuzz::accepts([&] { config = read_config(file.path()); })) return;
  const DecoderConfig& decoder = config.decoder;
  fuzz::expect(decoder.heads >= 1 && decoder.hidden % decoder.heads == 0, "heads divide the width");
  fuzz::expect(decoder.kv_heads >= 1 && decoder.heads % decoder.kv_heads == 0,
               "key heads divide the heads");
  fuzz::expect(decoder.moe_frequency >= 1 && decoder.layers >= 1 && decoder.vocab >= 1,
               "sizes are at least one");
  fuzz::expect(config.sam.width % config.sam.heads == 0, "heads divide the first tower's width");
  for (const int block : config.sam.global_blocks)
    fuzz::expect(block >= 0 && block < config.sam.layers, "global blocks are blocks");
  if (config.atlas)
    fuzz::expect(config.atlas->cell_width >= 1 && config.atlas->cell_height >= 1,
                 "cells have an area");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto base = nlohmann::json::parse(
      fuzz::read_file(FOVEA_SOURCE_DIR "/tests/golden/mini_a/config.json"));
  const std::string text(fuzz::text_of(data, size));
  check_config(text);
  const auto change = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!change.is_object()) return 0;
  nlohmann::json changed = base;
  changed.merge_patch(change);
  check_config(changed.dump());
  return 0;
}
