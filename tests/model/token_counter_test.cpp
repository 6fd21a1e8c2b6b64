#include "fovea/token_counter.h"

#include <doctest/doctest.h>

#include "fovea/error.h"

using namespace fovea;

namespace {

const std::string kShipped = std::string(FOVEA_SOURCE_DIR) + "/models/fovea-nano/tokenizer.json";

}  // namespace

TEST_CASE("token counter: it counts what the tokenizer makes of a text, and nothing around it") {
  const TokenCounter counter(kShipped);
  CHECK(counter.count("") == 0);
  CHECK(counter.count("a") == 1);
  const std::size_t words = counter.count("the keeper lit the lamp");
  CHECK(words >= 5);
  CHECK(words < 23);
  CHECK(counter.count("\xFF\xFE") == 2);  // bytes that are not UTF-8
}

TEST_CASE("token counter: a file that is missing or no tokenizer is an error that names it") {
  CHECK_THROWS_WITH_AS(TokenCounter("missing.json"), doctest::Contains("missing.json"), Error);
  const std::string config = std::string(FOVEA_SOURCE_DIR) + "/models/fovea-nano/config.json";
  CHECK_THROWS_WITH_AS((TokenCounter(config)), doctest::Contains("config.json"), Error);
}
