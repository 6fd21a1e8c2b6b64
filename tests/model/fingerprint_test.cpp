// Weights: tests/golden/mini_a, see the README there.
#include <doctest/doctest.h>

#include "model/checkpoint/fingerprint.h"
#include "tests/model/checkpoint_files.h"

namespace {

const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a";

std::string fingerprint(const std::string& folder, bool whole) {
  const fovea::Checkpoint checkpoint(folder);
  return whole ? fovea::fingerprint_of(folder, checkpoint)
               : fovea::fingerprint_of(folder, checkpoint, 0);
}

/// The mini checkpoint with one byte of a tensor changed, `at` from its beginning.
std::string changed(const std::string& tensor, std::size_t at) {
  const CheckpointFiles files("fingerprint");
  files.copy(kMini + "/config.json", "config.json");
  files.copy(kMini + "/model.safetensors", "model.safetensors");
  std::size_t place = 0;
  {
    const fovea::SafetensorsFile file(files.path("model.safetensors"));
    place = file.tensors().at(tensor).bytes.data() - file.bytes().data() + at;
  }
  auto bytes = files.read("model.safetensors");
  bytes[place] ^= 1;
  files.write("model.safetensors", bytes);
  return fingerprint(files.folder(), false);
}

}  // namespace

TEST_CASE("fingerprint: of a small checkpoint it is the hash of all its bytes") {
  CHECK(fingerprint(kMini, true) ==
        "3012adc337a671745abab7211ced23ab67e0f3945c652e6715ca58d0c47b9df8");
}

TEST_CASE("fingerprint: samples of a large checkpoint show a change of any tensor") {
  const auto sampled = fingerprint(kMini, false);
  CHECK(sampled == fingerprint(kMini, false));
  CHECK(sampled != fingerprint(kMini, true));
  CHECK(changed("model.norm.weight", 3) != sampled);
  CHECK(changed("model.embed_tokens.weight", 0) != sampled);
  CHECK(changed("model.embed_tokens.weight", 384 * 64 * 4 - 1) != sampled);
  CHECK(changed("model.embed_tokens.weight", 384 * 64 * 2 + 5) != sampled);
}
