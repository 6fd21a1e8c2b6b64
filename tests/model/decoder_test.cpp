// Weights: tests/golden/mini_a, see the README there.
#include "tests/model/torch_and_doctest.h"

#include "fovea/error.h"
#include "model/decoder.h"
#include "model/ocr/sequence.h"
#include "model/placement.h"
#include "tests/model/checkpoint_files.h"

namespace {

using fovea::Decoder;
using fovea::Error;
using fovea::PrefixCache;

const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a";
constexpr int kHidden = 64;

Decoder load(const std::string& folder) {
  fovea::Checkpoint checkpoint(folder);
  return Decoder(checkpoint, fovea::read_config(folder + "/config.json"));
}

Decoder load_mini(const fovea::CodecOptions& options) {
  fovea::Checkpoint checkpoint(kMini, fovea::placement_of(options));
  return Decoder(checkpoint, fovea::read_config(kMini + "/config.json"));
}

const Decoder& mini() {
  static const Decoder decoder = load(kMini);
  return decoder;
}

at::Tensor random_tokens(std::int64_t n, int seed) {
  at::manual_seed(seed);
  return at::randn({n, kHidden}) * 0.7;
}

/// Hidden states of one sequence run at once, [N, d].
at::Tensor alone(const Decoder& decoder, const std::vector<at::Tensor>& parts) {
  auto sequence = at::cat(parts);
  auto rows = decoder.make_rows(1, sequence.size(0));
  return decoder.forward(sequence, {}, rows, {{sequence.size(0)}});
}

/// What a decoder made of a text, and which experts its tokens went to.
struct Choices {
  at::Tensor states;                ///< [N, d]
  std::vector<at::Tensor> experts;  ///< of each layer that has some: [N, k], by number
  at::Tensor clear;                 ///< [N] bool: no router nearly chose another expert
};

/// A router's near tie falls either way for the smallest difference before it, and then another
/// expert answers.
constexpr float kNearTie = 0.02f;  // between probabilities

Choices choices_of(const Decoder& decoder, const at::Tensor& text) {
  Choices all{.states = {}, .experts = {}, .clear = at::ones({text.size(0)}, at::kBool)};
  const auto k = decoder.config().experts_per_token;
  const auto look = [&](std::string_view name, const at::Tensor& value) {
    if (name.ends_with("router_idx")) all.experts.push_back(std::get<0>(value.sort(-1)));
    if (!name.ends_with("router_probs")) return;
    const auto best = std::get<0>(value.topk(k + 1, -1));
    all.clear = all.clear.logical_and(best.select(1, k - 1) - best.select(1, k) > kNearTie);
  };
  auto rows = decoder.make_rows(1, text.size(0));
  all.states = decoder.forward(text, {}, rows, {{text.size(0)}}, look);
  return all;
}

/// Of values [N, x] those whose tokens had a clear choice.
at::Tensor of_clear(const Choices& choices, const at::Tensor& values) {
  return values.index_select(0, choices.clear.nonzero().flatten());
}

/// So many tokens, of which a third or more have a clear choice everywhere.
at::Tensor clear_tokens(std::int64_t tokens) {
  for (int seed = 1;; ++seed) {
    const auto text = random_tokens(tokens, seed);
    if (3 * choices_of(mini(), text).clear.sum().item<std::int64_t>() >= tokens) return text;
    REQUIRE(seed < 100);
  }
}

/// The last states of `whole` and those of `part` are the same.
void check_tail(const at::Tensor& whole, const at::Tensor& part) {
  auto tail = whole.narrow(0, whole.size(0) - part.size(0), part.size(0));
  CHECK((tail - part).abs().max().item<float>() < 1e-4f);
}

}  // namespace

TEST_CASE("decoder: rows over a shared prefix read as each would alone") {
  auto prefix = random_tokens(75, 1);
  std::vector<at::Tensor> texts{random_tokens(5, 2), random_tokens(3, 3), random_tokens(1, 4)};
  auto cache = mini().prefill(prefix);
  CHECK(cache.length == 75);

  SUBCASE("all tokens at once") {
    auto rows = mini().make_rows(3, 5);
    auto hidden = mini().forward(at::cat(texts), cache, rows, {{5, 3, 1}});
    check_tail(alone(mini(), {prefix, texts[0]}), hidden.narrow(0, 0, 5));
    check_tail(alone(mini(), {prefix, texts[1]}), hidden.narrow(0, 5, 3));
    check_tail(alone(mini(), {prefix, texts[2]}), hidden.narrow(0, 8, 1));
    CHECK(rows.lengths() == std::vector<std::int64_t>{5, 3, 1});
  }
  SUBCASE("token by token, rows ending early") {
    auto rows = mini().make_rows(3, 5);
    std::vector<std::vector<at::Tensor>> states(3);
    for (std::int64_t t = 0; t < 5; ++t) {
      std::vector<std::int64_t> counts;
      std::vector<at::Tensor> tokens;
      for (auto& text : texts) {
        counts.push_back(t < text.size(0) ? 1 : 0);
        if (counts.back()) tokens.push_back(text.narrow(0, t, 1));
      }
      auto hidden = mini().forward(at::cat(tokens), cache, rows, counts);
      for (std::int64_t row = 0, i = 0; row < 3; ++row) {
        if (counts[row]) states[row].push_back(hidden.narrow(0, i++, 1));
      }
    }
    for (int row = 0; row < 3; ++row)
      check_tail(alone(mini(), {prefix, texts[row]}), at::cat(states[row]));
  }
  SUBCASE("one long row alone, as the last of a page may be") {
    const auto text = random_tokens(60, 5);
    auto rows = mini().make_rows(1, 60);
    check_tail(alone(mini(), {prefix, text}), mini().forward(text, cache, rows, {{60}}));
  }
  SUBCASE("long rows, which take the other way through attention") {
    auto first = random_tokens(90, 5), second = random_tokens(70, 6);
    auto rows = mini().make_rows(2, 90);
    auto hidden = mini().forward(at::cat({first, second}), cache, rows, {{90, 70}});
    check_tail(alone(mini(), {prefix, first}), hidden.narrow(0, 0, 90));
    check_tail(alone(mini(), {prefix, second}), hidden.narrow(0, 90, 70));
  }
}

TEST_CASE("decoder: rows with a copy of a prefix of their own read as each would alone") {
  const std::vector<at::Tensor> prefixes{random_tokens(20, 1), random_tokens(20, 2)};
  const std::vector<at::Tensor> texts{random_tokens(4, 3), random_tokens(3, 4),
                                      random_tokens(1, 5)};
  const std::vector<std::int64_t> of{1, 0, 1};
  const auto held = mini().prefill_rows(at::stack(prefixes));
  auto rows = mini().make_rows_behind(held, of, 5);
  CHECK(rows.lengths() == std::vector<std::int64_t>{20, 20, 20});
  CHECK(rows.capacity() == 25);
  const auto hidden = mini().forward(at::cat(texts), {}, rows, {{4, 3, 1}});
  check_tail(alone(mini(), {prefixes[1], texts[0]}), hidden.narrow(0, 0, 4));
  check_tail(alone(mini(), {prefixes[0], texts[1]}), hidden.narrow(0, 4, 3));
  check_tail(alone(mini(), {prefixes[1], texts[2]}), hidden.narrow(0, 7, 1));

  rows.rewind(0, 21);  // a draft that was wrong, and a row that is done
  rows.keep(std::vector<std::int64_t>{0, 2});
  const auto next = random_tokens(2, 6);
  const auto more = mini().forward(next, {}, rows, {{1, 1}});
  check_tail(alone(mini(), {prefixes[1], texts[0].narrow(0, 0, 1), next.narrow(0, 0, 1)}),
             more.narrow(0, 0, 1));
  check_tail(alone(mini(), {prefixes[1], texts[2], next.narrow(0, 1, 1)}), more.narrow(0, 1, 1));
}

TEST_CASE("decoder: bfloat16 is near float32, whether or not every expert has tokens") {
  const auto rounded = load_mini({.device = "cpu", .precision = fovea::Precision::bf16});
  for (const std::int64_t tokens : {1, 3, 200}) {
    CAPTURE(tokens);
    const auto text = clear_tokens(tokens);
    const Choices exact = choices_of(mini(), text), found = choices_of(rounded, text);
    for (std::size_t layer = 0; layer < exact.experts.size(); ++layer)
      CHECK(at::equal(of_clear(exact, found.experts[layer]), of_clear(exact, exact.experts[layer])));
    const auto expected = of_clear(exact, exact.states);
    const auto difference = of_clear(exact, found.states) - expected;
    CHECK((difference.norm() / expected.norm()).item<float>() < 0.04f);  // others' flips are seen too
  }
}

TEST_CASE("decoder: a rejected draft leaves no trace") {
  auto cache = mini().prefill(random_tokens(10, 1));
  auto kept = random_tokens(2, 2), rejected = random_tokens(4, 3), next = random_tokens(1, 4);
  auto rows = mini().make_rows(1, 6);
  mini().forward(at::cat({kept, rejected}), cache, rows, {{6}});
  rows.rewind(0, 2);
  auto hidden = mini().forward(next, cache, rows, {{1}});
  check_tail(alone(mini(), {random_tokens(10, 1), kept, next}), hidden);
  CHECK_THROWS_AS(rows.rewind(0, 4), Error);
}

TEST_CASE("decoder: rows that are done can leave, others can grow") {
  auto prefix = random_tokens(10, 1);
  auto cache = mini().prefill(prefix);
  auto rows = mini().make_rows(3, 2);
  auto start = random_tokens(6, 2);
  mini().forward(start, cache, rows, {{2, 2, 2}});
  CHECK_THROWS_AS(rows.keep(std::vector<std::int64_t>{2, 0}), Error);
  rows.keep(std::vector<std::int64_t>{0, 2});
  rows.reserve(4);
  auto next = random_tokens(4, 3);
  auto hidden = mini().forward(next, cache, rows, {{2, 2}});
  check_tail(alone(mini(), {prefix, start.narrow(0, 0, 2), next.narrow(0, 0, 2)}),
             hidden.narrow(0, 0, 2));
  check_tail(alone(mini(), {prefix, start.narrow(0, 4, 2), next.narrow(0, 2, 2)}),
             hidden.narrow(0, 2, 2));
}

TEST_CASE("decoder: a row goes on where the one that it is a copy of was") {
  auto prefix = random_tokens(10, 1);
  auto cache = mini().prefill(prefix);
  auto rows = mini().make_rows(3, 4);
  auto start = random_tokens(6, 2);
  mini().forward(start, cache, rows, {{3, 2, 1}});
  rows.copy(0, 2);
  CHECK(rows.lengths() == std::vector<std::int64_t>{3, 2, 3});
  auto next = random_tokens(2, 3);
  auto hidden = mini().forward(next, cache, rows, {{1, 0, 1}});
  for (const int row : {0, 1})
    check_tail(alone(mini(), {prefix, start.narrow(0, 0, 3), next.narrow(0, row, 1)}),
               hidden.narrow(0, row, 1));
}

TEST_CASE("decoder: what does not fit is refused and changes nothing") {
  auto cache = mini().prefill(random_tokens(10, 1));
  auto rows = mini().make_rows(2, 3);
  CHECK_THROWS_AS(mini().forward(random_tokens(5, 2), cache, rows, {{4, 1}}), Error);
  CHECK_THROWS_AS(mini().forward(random_tokens(5, 2), cache, rows, {{2, 2}}), Error);
  CHECK_THROWS_AS(mini().forward(random_tokens(5, 2), cache, rows, {{5}}), Error);
  CHECK(rows.lengths() == std::vector<std::int64_t>{0, 0});
  auto endless = mini().make_rows(1, 9000);
  CHECK_THROWS_AS(mini().forward(random_tokens(8190, 2), cache, endless, {{8190}}), Error);
}

TEST_CASE("decoder: heads that share keys and a tied head are read from config.json") {
  // The mini weights with every second key and value head cut out.
  CheckpointFiles files("grouped");
  auto config = nlohmann::json::parse(std::ifstream(kMini + "/config.json"));
  config["language_config"]["num_key_value_heads"] = 2;
  files.write("config.json", config.dump());
  files.copy(kMini + "/model.safetensors", "model.safetensors");
  CHECK_THROWS_WITH_AS(load(files.folder()), doctest::Contains("k_proj.weight: expected shape [32, 64]"),
                       Error);
  config["language_config"]["num_key_value_heads"] = 4;
  config["language_config"]["tie_word_embeddings"] = true;
  files.write("config.json", config.dump());
  auto tied = load(files.folder());
  auto hidden = random_tokens(2, 1);
  auto expected = at::mm(hidden, tied.embedding_table().t());
  CHECK((tied.logits(hidden) - expected).abs().max().item<float>() < 1e-4f);
}

TEST_CASE("prompt: images take their placeholders, pieces are tokenised on their own") {
  auto bytes = [](std::string_view text) {
    return std::vector<std::int64_t>(text.begin(), text.end());
  };
  std::vector<std::int64_t> counts{2, 1};
  auto prompt = fovea::build_prompt(" a<image>\nb<image> \n", counts, 300, 0, bytes);
  CHECK(prompt.ids == std::vector<std::int64_t>{0, 'a', 300, 300, '\n', 'b', 300});
  CHECK(prompt.image_mask == std::vector<std::uint8_t>{0, 0, 1, 1, 0, 0, 1});
  CHECK_THROWS_AS(fovea::build_prompt("<image>", counts, 300, 0, bytes), Error);
  CHECK_THROWS_AS(fovea::build_prompt("no image", {{1}}, 300, 0, bytes), Error);
}

TEST_CASE("generation: repetition is blocked, the end id stops it, the context is a limit") {
  auto prompt = random_tokens(6, 1);
  fovea::GenerateOptions free;
  free.max_tokens = 40;
  free.end_id = -1;
  free.ngram.size = 0;
  auto ids = fovea::generate(mini(), prompt, free);
  REQUIRE(ids.size() == 40);

  auto blocked = free;
  blocked.ngram = {.size = 2, .window = 40};
  auto varied = fovea::generate(mini(), prompt, blocked);
  std::set<std::pair<std::int64_t, std::int64_t>> pairs;
  for (std::size_t i = 1; i < varied.size(); ++i)
    CHECK(pairs.insert({varied[i - 1], varied[i]}).second);

  auto stopping = free;
  stopping.end_id = ids[3];
  auto cut = fovea::generate(mini(), prompt, stopping);
  CHECK(cut.size() <= 3);
  CHECK_THROWS_AS(fovea::generate(mini(), random_tokens(8192, 2), free), Error);
}
