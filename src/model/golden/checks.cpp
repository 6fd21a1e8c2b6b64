#include "model/golden/checks.h"

#include <algorithm>

#include <sodium.h>

#include "model/golden/png.h"
#include "model/ocr/ngram_blocker.h"
#include "model/ocr/picture.h"
#include "model/ocr/pixels.h"

namespace fovea::golden {
namespace {

using nlohmann::json;

std::string sha256_of(const Picture& picture) {
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, picture.rgb.data(), picture.rgb.size());
  char text[2 * sizeof digest + 1];
  return sodium_bin2hex(text, sizeof text, digest, sizeof digest);
}

/// Tokens of a view, or of tiles and the view, with their newlines and the separator.
int sequence_tokens(int base_size, TileGrid grid) {
  int side = base_size / 64, tile = kTileSide / 64;
  int global = side * (side + 1) + 1;
  if (grid.columns * grid.rows == 1) return global;
  return tile * grid.rows * (tile * grid.columns + 1) + global;
}

/// Compares fields of one entry of cases.json and reports those that differ in one line.
class Fields {
 public:
  Fields(const json& expected, std::string name) : expected_(expected), name_(std::move(name)) {}

  template <typename T>
  void equal(const std::string& key, const T& actual) {
    auto value = expected_.find(key);
    if (value == expected_.end()) return;
    checked_ += (checked_.empty() ? "" : ", ") + key;
    if (*value != json(actual))
      differing_ += " " + key + ": expected " + value->dump() + ", found " + json(actual).dump();
  }

  void report_to(Report& report) const {
    report.check(differing_.empty(), name_, differing_.empty() ? "equal: " + checked_ : differing_);
  }

 private:
  const json& expected_;
  std::string name_;
  std::string checked_, differing_;
};

void check_mode(const json& expected, const std::string& name, const std::string& mode,
                const Picture& picture, Report& report) {
  Fields fields(expected, name + "." + mode);
  int side = expected.at("final_wh").at(0);
  auto view = global_view(picture, side);
  auto padded = side > kTileSide;
  auto box = pad_box(picture.width, picture.height, side);
  auto grid = mode == "gundam" ? choose_tiles(picture.width, picture.height) : TileGrid{};
  fields.equal("method", padded ? "pad" : "resize");
  fields.equal("final_wh", std::vector{view.width, view.height});
  fields.equal("rgb_sha256", sha256_of(view));
  fields.equal("image_tokens", sequence_tokens(side, grid));
  fields.equal("content_wh", std::vector{box.width, box.height});
  fields.equal("content_xy", std::vector{box.x, box.y});
  fields.equal("pad_rgb", std::vector{127, 127, 127});
  fields.equal("valid_tokens_hf",
               valid_tokens(picture.width, picture.height, (side / 64) * (side / 64)));
  fields.equal("tiles_wh", std::vector{grid.columns, grid.rows});
  auto smaller = choose_tiles(picture.width, picture.height, 6);
  fields.equal("tiles_wh_max6", std::vector{smaller.columns, smaller.rows});
  fields.equal("resized_wh", std::vector{grid.columns * kTileSide, grid.rows * kTileSide});
  std::vector<std::string> tile_sums;
  for (auto& tile : cut_tiles(picture, grid)) tile_sums.push_back(sha256_of(tile));
  fields.equal("tile_count", tile_sums.size());
  fields.equal("tile_rgb_sha256", tile_sums);
  fields.report_to(report);
}

void check_picture(const Model& model, const json& expected, Report& report) {
  std::string file = expected.at("file");
  auto picture = read_png(model.folder + "/" + file);
  Fields fields(expected, file);
  fields.equal("source_wh", std::vector{picture.width, picture.height});
  fields.equal("rgb_sha256", sha256_of(picture));
  fields.report_to(report);
  for (auto& [mode, values] : expected.at("modes").items())
    check_mode(values, file, mode, picture, report);
}

void check_tile_grid(const json& expected, Report& report) {
  int width = expected.at("source_wh").at(0), height = expected.at("source_wh").at(1);
  Fields fields(expected, "tile_grid " + std::to_string(width) + "x" + std::to_string(height));
  for (int most : {9, 6}) {
    auto grid = choose_tiles(width, height, most);
    auto suffix = "_max" + std::to_string(most);
    fields.equal("tiles_wh" + suffix, std::vector{grid.columns, grid.rows});
    fields.equal("tokens" + suffix, sequence_tokens(1024, grid));
  }
  fields.report_to(report);
}

/// A grid is a candidate when a picture of exactly its tiles' size is cut into it.
void check_candidates(const json& expected, int most, Report& report) {
  auto grids = expected.get<std::vector<std::array<int, 2>>>();
  std::sort(grids.begin(), grids.end());
  std::vector<std::array<int, 2>> found;
  for (int columns = 1; columns <= most + 1; ++columns) {
    for (int rows = 1; rows <= most + 1; ++rows) {
      auto grid = choose_tiles(columns * kTileSide, rows * kTileSide, most);
      if (columns * rows > 1 && grid.columns == columns && grid.rows == rows)
        found.push_back({columns, rows});
    }
  }
  report.check(found == grids, "candidates_max" + std::to_string(most),
               std::to_string(found.size()) + " grids, expected " + std::to_string(grids.size()));
}

}  // namespace

void check_runs(const Model& model, const std::map<std::string, Run>& runs, Report& report) {
  for (auto& [name, spec] : model.cases.at("cases").items()) {
    auto& run = runs.at(name);
    auto& mask = run.prompt.image_mask;
    auto picture = read_png(model.folder + "/" + spec.at("image").get<std::string>());
    auto* ids = run.values.at("greedy_ids").tensor.data_ptr<std::int64_t>();
    Fields fields(spec, "cases." + name);
    fields.equal("image_size_wh", std::vector{picture.width, picture.height});
    fields.equal("tiles_wh", std::vector{run.columns, run.rows});
    fields.equal("image_tokens", run.image_embeds.size(0));
    fields.equal("sequence_length", run.prompt.ids.size());
    fields.equal("first_image_position", std::find(mask.begin(), mask.end(), 1) - mask.begin());
    fields.equal("greedy_ids", std::vector(ids, ids + spec.at("greedy_ids").size()));
    fields.report_to(report);
  }
}

void check_pictures(const Model& model, Report& report) {
  auto& expected = model.cases.at("preprocess");
  for (auto& picture : expected.at("images")) check_picture(model, picture, report);
  for (auto& grid : expected.at("tile_grid")) check_tile_grid(grid, report);
  check_candidates(expected.at("candidates_max9"), 9, report);
  check_candidates(expected.at("candidates_max6"), 6, report);
}

void check_ngrams(const Model& model, Report& report) {
  int index = 0;
  for (auto& expected : model.cases.at("ngram")) {
    NgramRule rule{.size = expected.at("ngram_size"),
                   .window = expected.at("window_size"),
                   .allowed = expected.at("whitelist").get<std::set<std::int64_t>>()};
    auto banned = banned_next(expected.at("ids").get<std::vector<std::int64_t>>(), rule);
    Fields fields(expected, "ngram " + std::to_string(index++));
    fields.equal("banned", banned);
    fields.report_to(report);
  }
}

}  // namespace fovea::golden
