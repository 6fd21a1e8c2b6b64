#pragma once

#include <string>

#include "model/checkpoint/checkpoint.h"
#include "model/reading/line_reader.h"

namespace fovea::test {

inline const std::string kCheckpoint = FOVEA_SOURCE_DIR "/models/fovea-nano";
inline const std::string kFolder = FOVEA_SOURCE_DIR "/tests/golden/nano/";

/// The parts of the shipped codec, so that each can be looked at by itself.
struct NanoParts {
  NanoParts()  // not as initializers of the members, at which GCC 13 fails
      : config(read_config(kCheckpoint + "/config.json")),
        checkpoint(kCheckpoint),
        tokenizer(kCheckpoint + "/tokenizer.json"),
        encoder(checkpoint, config),
        decoder(checkpoint, config),
        reader(checkpoint, config, encoder, decoder, tokenizer) {}

  ModelConfig config;
  Checkpoint checkpoint;
  Tokenizer tokenizer;
  DeepEncoder encoder;
  Decoder decoder;
  LineReader reader;
};

}  // namespace fovea::test
