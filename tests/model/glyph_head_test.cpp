// A head with groups, of random weights: few candidates first give what all at once would.
#include "tests/model/torch_and_doctest.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "fovea/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/reading/glyph_head.h"
#include "tests/model/checkpoint_files.h"

namespace {

using namespace fovea;

constexpr int kFeatures = 8, kHidden = 16;

/// 40 narrow characters and 30 wide ones.
AtlasConfig atlas_with(std::vector<int> groups) {
  AtlasConfig atlas;
  atlas.narrow = "\n\t";
  for (int i = 0; i < 38; ++i) atlas.narrow += static_cast<char>('0' + i);
  for (int i = 0; i < 30; ++i) atlas.wide += "\xE4\xB8" + std::string(1, static_cast<char>(0x80 + i));
  atlas.groups = std::move(groups);
  return atlas;
}

/// A checkpoint folder with the tensors of a head alone.
class HeadFiles : public CheckpointFiles {
 public:
  explicit HeadFiles(int rows) : CheckpointFiles("head") {
    at::manual_seed(5);
    add("0.weight", at::randn({kHidden, kFeatures}));
    add("0.bias", at::randn({kHidden}));
    add("2.weight", at::randn({rows, kHidden}));
    add("2.bias", at::randn({rows}));
    write("model.safetensors", packed(header_.dump(), data_));
  }

 private:
  void add(const std::string& name, const at::Tensor& values) {
    const auto begin = static_cast<int>(data_.size());
    data_.append(static_cast<const char*>(values.data_ptr()), values.nbytes());
    const std::vector<int> shape(values.sizes().begin(), values.sizes().end());
    header_["model.glyph_reader.head." + name] =
        entry("F32", shape, begin, static_cast<int>(data_.size()));
  }

  nlohmann::json header_;
  std::string data_;
};

struct Head {
  explicit Head(std::vector<int> groups, const Placement& placement = {})
      : alphabet(atlas_with(groups)),
        files(alphabet.classes() + static_cast<int>(groups.size())),
        checkpoint(files.folder(), placement),
        head(checkpoint, {.features = kFeatures, .hidden = kHidden}, alphabet) {}

  Alphabet alphabet;
  HeadFiles files;
  Checkpoint checkpoint;
  GlyphHead head;
};

/// Each placement with each way to cut the classes into groups.
std::vector<std::pair<Placement, std::vector<int>>> every(
    const std::vector<Placement>& placements) {
  std::vector<std::pair<Placement, std::vector<int>>> all;
  for (const Placement& placement : placements)
    for (const std::vector<int>& groups : {std::vector{38}, {10, 40, 55}, {1, 2, 3, 41, 69}})
      all.emplace_back(placement, groups);
  return all;
}

}  // namespace

TEST_CASE("glyph head: with groups, the likeliest of few candidates is the likeliest of all") {
  std::vector<Placement> placements{{},
                                    {.backend = Backend::libtorch}};  // all in steps, as on a GPU
  if (at::hasCUDA()) placements.push_back({.device = at::kCUDA});
  for (const auto& [placement, groups] : every(placements)) {
    const Head with(groups, placement);
    const Grid grid = grid_of(Density::d64);
    const auto features = at::randn({grid.rows * grid.columns, kFeatures}).to(placement.device);
    const at::Tensor logits = with.head.logits(features);
    REQUIRE(logits.size(1) == with.alphabet.classes());
    const Argmax all = argmax_with_log_prob(logits), seen = with.head.see(features, grid);
    CHECK(seen.index == all.index);
    float most = 0;
    for (std::size_t i = 0; i < seen.log_probability.size(); ++i)
      most = std::max(most, std::abs(seen.log_probability[i] - all.log_probability[i]));
    CHECK(most < 1e-4f);
    // Some of the cells are in a group.
    CHECK(*std::max_element(seen.index.begin(), seen.index.end()) >= 3 + groups.front());
  }
}

TEST_CASE("glyph head: a checkpoint whose head has no gates does not fit an atlas with groups") {
  const Alphabet alphabet(atlas_with({38}));
  HeadFiles files(alphabet.classes());
  Checkpoint checkpoint(files.folder());
  CHECK_THROWS_WITH_AS(
      GlyphHead(checkpoint, {.features = kFeatures, .hidden = kHidden}, alphabet),
      doctest::Contains("head.2.weight"), Error);
}
