#include "model/ocr/ngram_blocker.h"

#include <doctest/doctest.h>

using fovea::banned_next;
using Ids = std::vector<std::int64_t>;

TEST_CASE("n-gram blocker: the id that would complete an n-gram again is banned") {
  CHECK(banned_next(Ids{5, 6, 7, 5, 6}, {.size = 3}) == Ids{7});
  CHECK(banned_next(Ids{4, 4, 4, 4}, {.size = 2}) == Ids{4});
  CHECK(banned_next(Ids{1, 2, 3, 1, 2, 4, 1, 2}, {.size = 3}) == Ids{3, 4});
}

TEST_CASE("n-gram blocker: nothing is banned before there is an n-gram, or without a rule") {
  CHECK(banned_next(Ids{}, {.size = 3}).empty());
  CHECK(banned_next(Ids{5, 6}, {.size = 3}).empty());
  CHECK(banned_next(Ids{5, 6, 7}, {.size = 3}).empty());
  CHECK(banned_next(Ids{3, 3, 3}, {.size = 1}).empty());
  CHECK(banned_next(Ids{3, 3, 3}, {.size = 0}).empty());
}

TEST_CASE("n-gram blocker: only the window counts") {
  Ids ids{5, 6, 7, 9, 9, 9, 5, 6};
  CHECK(banned_next(ids, {.size = 3, .window = 5}).empty());
  CHECK(banned_next(ids, {.size = 3, .window = 8}) == Ids{7});
}

TEST_CASE("n-gram blocker: allowed ids are never banned") {
  CHECK(banned_next(Ids{1, 2, 3, 1, 2, 4, 1, 2}, {.size = 3, .allowed = {4}}) == Ids{3});
}
