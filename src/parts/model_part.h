#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/bench.h"
#include "fovea/checkpoint.h"
#include "fovea/codec.h"
#include "fovea/ocr.h"
#include "parts/part_head.h"

namespace fovea {

/// What libfovea_model.so gives, under the name fovea_model: everything that needs libtorch. Objects
/// are made and deleted there; their members are called through the pointers.
struct ModelPart {
  PartHead head;

  Codec* (*open_codec)(const std::string&, const CodecOptions&);
  void (*close_codec)(Codec*);
  std::vector<VisionTokens> (Codec::*encode)(std::span<const Page>) const;
  std::vector<VisionTokens> (Codec::*encode_pixels)(std::span<const PagePixels>) const;
  std::vector<ReadPage> (Codec::*decode)(std::span<const VisionTokens>) const;
  std::vector<ReadPage> (Codec::*decode_by_beam)(std::span<const VisionTokens>, int) const;
  decltype(&Codec::decode_rows) decode_rows;
  decltype(&Codec::glance) glance;
  decltype(&Codec::vectors) vectors;
  decltype(&Codec::reads) reads;
  decltype(&Codec::repack) repack;
  std::vector<float> (Codec::*embed)(const VisionTokens&) const;
  std::vector<float> (Codec::*embed_text)(std::string_view) const;
  decltype(&Codec::embedding_dim) embedding_dim;
  decltype(&Codec::layout) layout;
  decltype(&Codec::levels) levels;
  decltype(&Codec::densities) densities;
  decltype(&Codec::characters) characters;
  decltype(&Codec::fingerprint) fingerprint;
  decltype(&Codec::name) name;

  Ocr* (*open_ocr)(const std::string&, const CodecOptions&);
  void (*close_ocr)(Ocr*);
  decltype(&Ocr::read) read;

  decltype(&fovea::inspect_checkpoint) inspect;
  decltype(&fovea::machine) machine;
  decltype(&fovea::encoding_ceiling) encoding_ceiling;
  decltype(&fovea::reading_ceiling) reading_ceiling;
  decltype(&fovea::product_gflops) product_gflops;
  decltype(&fovea::measure_rates) measure_rates;
  decltype(&fovea::measure_int8_error) measure_int8_error;
};

}  // namespace fovea
