// The best scores and their logarithmic probabilities against float64.
#include "tests/model/torch_and_doctest.h"

#include <cmath>
#include <limits>
#include <vector>

#include "model/operators/argmax.h"
#include "tests/kernels/every_set.h"
#include "tests/model/thread_count.h"

namespace {

using fovea::Argmax;
using fovea::argmax_with_log_prob;

bool same(const Argmax& a, const Argmax& b) {
  return a.index == b.index && a.score == b.score && a.log_probability == b.log_probability;
}

void check_all(const at::Tensor& scores) {
  const Argmax found = argmax_with_log_prob(scores);
  const auto [top, index] = scores.max(1);
  const auto exact = at::log_softmax(scores.to(at::kDouble), 1);
  REQUIRE(found.index.size() == static_cast<std::size_t>(scores.size(0)));
  for (std::int64_t i = 0; i < scores.size(0); ++i) {
    CHECK(found.index[i] == index[i].item<std::int64_t>());
    CHECK(found.score[i] == top[i].item<float>());
    CHECK(std::abs(found.log_probability[i] - exact[i][found.index[i]].item<double>()) < 2e-5);
    CHECK(found.log_probability[i] <= 0);
  }
}

}  // namespace

TEST_CASE("argmax: of any number of rows and scores, whatever lies between the rows") {
  at::manual_seed(1);
  with_every_set([] {
    for (const std::int64_t m : {1, 2, 15, 16, 17, 33, 1000}) {
      for (const std::int64_t n : {0, 1, 9, 20}) {
        CAPTURE(m);
        CAPTURE(n);
        const auto wide = at::randn({n, m + 3}) * 5;
        check_all(wide.narrow(1, 2, m));
        check_all(wide.narrow(1, 0, m).contiguous());
        check_all(at::randn({m, n}).t());  // the scores of a row lie apart
      }
    }
  });
}

TEST_CASE("argmax: of equal scores the first, wherever they stand") {
  with_every_set([] {
    for (const std::int64_t first : {0, 7, 15, 16, 30}) {
      auto scores = at::zeros({2, 40});
      scores[0][first] = scores[0][39] = 1;
      scores[1].fill_(-5);
      const Argmax found = argmax_with_log_prob(scores);
      CHECK(found.index == std::vector<std::int64_t>{first, 0});
      CHECK(found.log_probability[1] == doctest::Approx(-std::log(40.0)));
    }
  });
}

TEST_CASE("argmax: what cannot be is not chosen, and one that alone can be is sure") {
  constexpr float kMinus = -std::numeric_limits<float>::infinity();
  with_every_set([] {
    auto scores = at::full({3, 37}, kMinus);
    scores[0][36] = -80;
    scores[1][5] = scores[1][6] = 1e30f;
    const Argmax found = argmax_with_log_prob(scores);
    CHECK(found.index == std::vector<std::int64_t>{36, 5, 0});
    CHECK(found.score == std::vector<float>{-80, 1e30f, kMinus});
    CHECK(found.log_probability[0] == 0);
    CHECK(found.log_probability[1] == doctest::Approx(-std::log(2.0)));
  });
}

TEST_CASE("argmax: an index is one of the row's, whatever its scores are") {
  constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
  with_every_set([] {
    for (const std::int64_t m : {1, 16, 37}) {
      for (const std::int64_t spoilt : {std::int64_t{0}, m / 2, m - 1}) {
        CAPTURE(m);
        CAPTURE(spoilt);
        auto scores = at::randn({2, m});
        scores[0][spoilt] = kNoNumber;
        scores[1].fill_(kNoNumber);
        for (const auto index : argmax_with_log_prob(scores).index) {
          CHECK(index >= 0);
          CHECK(index < m);
        }
      }
    }
  });
}

TEST_CASE("argmax: the same on any number of threads") {
  at::manual_seed(2);
  const auto scores = at::randn({100, 333});
  const ThreadCount one(1);
  const Argmax expected = argmax_with_log_prob(scores);
  for (const int threads : {2, 4}) {
    const ThreadCount count(threads);
    CHECK(same(argmax_with_log_prob(scores), expected));
  }
  CHECK(holds_on_threads(4, 5, [&] { return same(argmax_with_log_prob(scores), expected); }));
}
