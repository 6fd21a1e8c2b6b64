#include "model/checkpoint/config.h"

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "tests/model/checkpoint_files.h"

namespace {

using fovea::Error;
using fovea::ErrorCode;
using fovea::ModelConfig;
using nlohmann::json;

const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a/config.json";

json mini() { return json::parse(std::ifstream(kMini)); }

ModelConfig read(const std::string& text) {
  CheckpointFiles files("config");
  files.write("config.json", text);
  return fovea::read_config(files.path("config.json"));
}

/// What the official config with a change (RFC 7386) fails with; the key is named.
void check_error(const json& change, ErrorCode code, const std::string& key) {
  auto config = mini();
  config.merge_patch(change);
  try {
    read(config.dump());
    FAIL("no error for " << change.dump());
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(error.code() == code);
    CHECK(std::string(error.what()).find(key) != std::string::npos);
    CHECK(std::string(error.what()).find("config.json") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("config: official keys are read, absent ones get DeepSeek-OCR's values") {
  auto config = fovea::read_config(kMini);
  CHECK(config.sam.global_blocks == std::vector{1, 3});
  CHECK(config.sam.window == 14);
  CHECK(config.decoder.experts_per_token == 3);
  CHECK(config.decoder.norm_epsilon == 1e-6);
  CHECK_FALSE(config.decoder.tied_embeddings);
  CHECK_FALSE(config.page_reading);

  auto bare = mini();
  bare.erase("vision_config");
  config = read(bare.dump());
  CHECK(config.sam.width == 768);
  CHECK(config.sam.channels == 3);
  CHECK_FALSE(config.sam.window);
  CHECK(config.sam.rel_pos);
  CHECK(config.clip.layers == 24);
}

TEST_CASE("config: language keys may stand at top level") {
  auto flat = mini();
  flat.erase("language_config");
  CHECK(read(flat.dump()).decoder.hidden == 64);
}

TEST_CASE("config: what Fovea's own checkpoints add is read") {
  auto config = mini();
  config["language_config"]["tie_word_embeddings"] = true;
  config["vision_config"]["in_chans"] = 1;
  config["fovea"] = {{"name", "small"},
                     {"levels", {"base", "tiny"}},
                     {"densities", {64, 106}},
                     {"line_reading", {{"first_position_token", 100}, {"position_tokens", 16}}},
                     {"cursor", {{"features", 64}, {"max_cycles", 16.0}}},
                     {"glyph_reader", {{"slots", 12}}},
                     {"glimpse", {{"cells", 4}}}};
  config["atlas"] = {{"font", "Mono"}, {"cell", {20, 40}}, {"narrow", "\n\tab"}, {"wide", "漢"}};
  auto read_back = read(config.dump());
  CHECK(read_back.name == "small");
  CHECK(read_back.sam.channels == 1);
  CHECK(read_back.decoder.tied_embeddings);
  CHECK(read_back.page_reading->densities == std::vector{64, 106});
  CHECK(read_back.page_reading->line_reading.first_position_token == 100);
  CHECK(read_back.page_reading->cursor.max_cycles == 16.0);
  CHECK(read_back.page_reading->glyph_reader.slots == 12);
  CHECK(read_back.page_reading->glimpse_cells == 4);
  CHECK(read_back.atlas->narrow == "\n\tab");
  CHECK(read_back.atlas->cell_height == 40);
}

TEST_CASE("config: damage is named by file and key") {
  auto language = [](const json& values) { return json{{"language_config", values}}; };
  auto sam = [](const json& values) {
    return json{{"vision_config", {{"width", {{"sam_vit_b", values}}}}}};
  };
  auto broken = ErrorCode::corruption;
  check_error(language({{"hidden_size", "wide"}}), broken, "language_config.hidden_size");
  check_error(language({{"hidden_size", -64}}), broken, "language_config.hidden_size");
  check_error(language({{"num_hidden_layers", 2.5}}), broken, "num_hidden_layers");
  check_error(language({{"vocab_size", 1e18}}), broken, "vocab_size");
  check_error(language({{"num_attention_heads", 7}}), broken, "num_attention_heads");
  check_error(language({{"num_key_value_heads", 3}}), broken, "num_key_value_heads");
  check_error(language({{"num_experts_per_tok", 9}}), broken, "num_experts_per_tok");
  check_error(language({{"rms_norm_eps", 0}}), broken, "rms_norm_eps");
  check_error(language({{"norm_topk_prob", "yes"}}), broken, "norm_topk_prob");
  check_error(sam({{"heads", 5}}), broken, "sam_vit_b.heads");
  check_error(sam({{"global_attn_indexes", {4}}}), broken, "global_attn_indexes");
  check_error(sam({{"downsample_channels", {24}}}), broken, "downsample_channels");
  // Cut to 32 bits these would be right.
  check_error(language({{"vocab_size", 4294967424}}), broken, "vocab_size");
  check_error(sam({{"global_attn_indexes", {4294967297}}}), broken, "global_attn_indexes");
  check_error(sam({{"downsample_channels", {1e300, 24}}}), broken, "downsample_channels");
  check_error({{"vision_config", 3}}, broken, "vision_config");
  check_error({{"fovea", {{"levels", {"tiny"}}}}}, broken, "first_position_token");
  check_error({{"atlas", {{"cell", {20}}}}}, broken, "atlas.cell");
  check_error({{"atlas", {{"narrow", "\n\tab"}, {"groups", {2, 2}}}}}, broken, "atlas.groups");
  check_error({{"atlas", {{"narrow", "\n\tab"}, {"groups", {4}}}}}, broken, "atlas.groups");
}

TEST_CASE("config: variants that this decoder is not are refused as unsupported") {
  auto language = [](const json& values) { return json{{"language_config", values}}; };
  auto other = ErrorCode::unsupported;
  check_error(language({{"use_mla", true}}), other, "use_mla");
  check_error(language({{"scoring_func", "sigmoid"}}), other, "scoring_func");
  check_error(language({{"topk_method", "noaux_tc"}}), other, "topk_method");
  check_error(language({{"rope_scaling", {{"type", "yarn"}}}}), other, "rope_scaling");
  check_error({{"projector_config", {{"projector_type", "mlp"}}}}, other, "projector_type");
  check_error({{"fovea", {{"encoder", {{"kind", "pooled"}}}}}}, other, "fovea.encoder");
}

TEST_CASE("config: a file that is no JSON, or not there, is named") {
  CHECK_THROWS_WITH_AS(read("{\"language_config\": {"), doctest::Contains("config.json"), Error);
  CHECK_THROWS_WITH_AS(read("[]"), doctest::Contains("config.json"), Error);
  CHECK_THROWS_WITH_AS(read("{\"a\":\n" + std::string(70'000, '[')),
                       doctest::Contains("config.json: line 2 nests more than 1000"), Error);
  CHECK_THROWS_WITH_AS(fovea::read_config("/absent/config.json"),
                       doctest::Contains("/absent/config.json"), Error);
}
