#include "parts/model_part.h"

extern "C" [[gnu::visibility("default")]] const fovea::ModelPart fovea_model;

using namespace fovea;

const ModelPart fovea_model = {
    .head = {FOVEA_PARTS_INTERFACE},
    .open_codec = [](const std::string& folder,
                     const CodecOptions& options) { return new Codec(folder, options); },
    .close_codec = [](Codec* codec) { delete codec; },
    .encode = &Codec::encode,
    .encode_pixels = &Codec::encode,
    .decode = &Codec::decode,
    .decode_by_beam = &Codec::decode,
    .decode_rows = &Codec::decode_rows,
    .glance = &Codec::glance,
    .vectors = &Codec::vectors,
    .reads = &Codec::reads,
    .repack = &Codec::repack,
    .embed = &Codec::embed,
    .embed_text = &Codec::embed,
    .embedding_dim = &Codec::embedding_dim,
    .layout = &Codec::layout,
    .levels = &Codec::levels,
    .densities = &Codec::densities,
    .characters = &Codec::characters,
    .fingerprint = &Codec::fingerprint,
    .name = &Codec::name,

    .open_ocr = [](const std::string& folder,
                   const CodecOptions& options) { return new Ocr(folder, options); },
    .close_ocr = [](Ocr* ocr) { delete ocr; },
    .read = &Ocr::read,

    .inspect = &inspect_checkpoint,
    .machine = &machine,
    .encoding_ceiling = &encoding_ceiling,
    .reading_ceiling = &reading_ceiling,
    .product_gflops = &product_gflops,
    .measure_rates = &measure_rates,
    .measure_int8_error = &measure_int8_error,
};
