// Loops over the rows of a decoding step against their definitions in float64.
#include "tests/model/torch_and_doctest.h"

#include <cmath>
#include <vector>

#include "model/operators/row_kernels.h"
#include "tests/kernels/every_set.h"
#include "tests/model/thread_count.h"

namespace {

using namespace fovea;

constexpr float kUnwritten = 1e9f;

/// Rows of different lengths with one to four new tokens each, one with none.
RowStep uneven_step(std::int64_t prefix) { return RowStep(prefix, {5, 0, 3, 2}, {1, 4, 0, 2}); }

/// All that the loops read and write.
struct Rows {
  Rows(std::int64_t heads, std::int64_t kv_heads, std::int64_t dim, std::int64_t prefix)
      : shape{heads, kv_heads, dim, 9}, step(uneven_step(prefix)) {
    const auto n = step.tokens(), half = dim / 2;
    qkv = random_values(n * (heads + 2 * kv_heads) * dim, 1);
    for (const float angle : random_values((prefix + 9) * half, 2)) {
      cos.push_back(std::cos(angle));
      sin.push_back(std::sin(angle));
    }
    q.resize(heads * n * dim);
    keys = random_values(4 * kv_heads * 9 * dim, 3);
    values = random_values(4 * kv_heads * 9 * dim, 4);
  }

  void put() {
    apply_rope(shape, step, qkv.data(), cos.data(), sin.data(), q.data(), keys.data(),
               values.data());
  }
  std::vector<float> attend() const {
    std::vector<float> out(q.size(), kUnwritten);
    attend_rows(shape, step, q.data(), keys.data(), values.data(), out.data());
    return out;
  }

  /// Of the cache: a place of the row of token `i`, for a query's head.
  std::int64_t cached(std::int64_t i, std::int64_t head, std::int64_t place) const {
    const auto kv_head = head / (shape.heads / shape.kv_heads);
    return ((step.row[i] * shape.kv_heads + kv_head) * shape.capacity + place) * shape.head_dim;
  }
  double score(std::int64_t i, std::int64_t head, std::int64_t place) const {
    double sum = 0;
    for (std::int64_t d = 0; d < shape.head_dim; ++d)
      sum += double{q[(head * step.tokens() + i) * shape.head_dim + d]} *
             keys[cached(i, head, place) + d];
    return sum;
  }

  RowShape shape;
  RowStep step;
  std::vector<float> qkv, cos, sin, q, keys, values;
};

struct Heads {
  std::int64_t query, kv, dim;
};
constexpr Heads kHeads[] = {{1, 1, 2}, {4, 4, 16}, {6, 2, 20}, {4, 1, 34}};

}  // namespace

TEST_CASE("row step: tokens know their row and place, rows without any have none") {
  const RowStep step = uneven_step(7);
  CHECK(step.rows() == 4);
  CHECK(step.tokens() == 7);
  CHECK(step.row == std::vector<std::int64_t>{0, 1, 1, 1, 1, 3, 3});
  CHECK(step.place == std::vector<std::int64_t>{5, 0, 1, 2, 3, 2, 3});
  CHECK(step.longest() == 6);
  CHECK_FALSE(step.starts());
  CHECK(RowStep(0, {0, 0}, {3, 1}).starts());
  CHECK_FALSE(RowStep(1, {0, 0}, {3, 1}).starts());
  CHECK_FALSE(RowStep(0, {0, 1}, {3, 1}).starts());
  CHECK(RowStep(0, {}, {}).longest() == 0);
}

TEST_CASE("row kernels: tokens are rotated by their positions and put behind their rows") {
  with_every_set([] {
    for (const auto& [heads, kv_heads, dim] : kHeads) {
      CAPTURE(heads);
      CAPTURE(dim);
      Rows rows(heads, kv_heads, dim, 3);
      const auto old_keys = rows.keys, old_values = rows.values;
      rows.put();
      auto expected_keys = old_keys, expected_values = old_values;
      const auto half = dim / 2, n = rows.step.tokens();
      const double scale = 1 / std::sqrt(static_cast<double>(dim));
      for (std::int64_t i = 0; i < n; ++i) {
        const float* own = rows.qkv.data() + i * (heads + 2 * kv_heads) * dim;
        const auto at = (3 + rows.step.place[i]) * half;
        const auto turned = [&](std::int64_t head, std::int64_t d) {
          const float *x = own + head * dim, c = rows.cos[at + d % half],
                      s = rows.sin[at + d % half];
          return d < half ? double{x[d]} * c - double{x[d + half]} * s
                          : double{x[d]} * c + double{x[d - half]} * s;
        };
        for (std::int64_t head = 0; head < heads; ++head) {
          for (std::int64_t d = 0; d < dim; ++d)
            CHECK(std::abs(rows.q[(head * n + i) * dim + d] - scale * turned(head, d)) < 1e-6);
        }
        for (std::int64_t head = 0; head < kv_heads; ++head) {
          const auto to = rows.cached(i, head * (heads / kv_heads), rows.step.place[i]);
          for (std::int64_t d = 0; d < dim; ++d) {
            expected_keys[to + d] = static_cast<float>(turned(heads + head, d));
            expected_values[to + d] = own[(heads + kv_heads + head) * dim + d];
          }
        }
      }
      CHECK(rows.values == expected_values);  // all other places too
      for (std::size_t i = 0; i < rows.keys.size(); ++i)
        CHECK(std::abs(rows.keys[i] - expected_keys[i]) < 1e-6f);
    }
  });
}

TEST_CASE("row kernels: a token attends to its own row up to its place") {
  with_every_set([] {
    for (const auto& [heads, kv_heads, dim] : kHeads) {
      CAPTURE(heads);
      CAPTURE(dim);
      Rows rows(heads, kv_heads, dim, 0);
      rows.put();
      for (std::int64_t i = 0; i < rows.step.tokens(); ++i) {
        // What must not be seen: if it were, all would be NaN.
        if (i + 1 < rows.step.tokens() && rows.step.row[i + 1] == rows.step.row[i]) continue;
        for (auto place = rows.step.place[i] + 1; place < rows.shape.capacity; ++place) {
          for (std::int64_t head = 0; head < heads; ++head)
            rows.keys[rows.cached(i, head, place)] = rows.values[rows.cached(i, head, place)] =
                kNaN;
        }
      }
      const auto found = rows.attend();
      for (std::int64_t i = 0; i < rows.step.tokens(); ++i) {
        for (std::int64_t head = 0; head < heads; ++head) {
          double sum = 0;
          std::vector<double> expected(dim);
          for (std::int64_t place = 0; place <= rows.step.place[i]; ++place) {
            const double weight = std::exp(rows.score(i, head, place));
            sum += weight;
            for (std::int64_t d = 0; d < dim; ++d)
              expected[d] += weight * rows.values[rows.cached(i, head, place) + d];
          }
          for (std::int64_t d = 0; d < dim; ++d)
            CHECK(std::abs(found[(i * heads + head) * dim + d] - expected[d] / sum) < 1e-5);
        }
      }
    }
  });
}

TEST_CASE("row kernels: where rows share a prefix, weights of both add up to one") {
  with_every_set([] {
    for (const std::int64_t prefix : {1, 7, 33}) {
      for (const auto& [heads, kv_heads, dim] : kHeads) {
        CAPTURE(prefix);
        CAPTURE(heads);
        Rows rows(heads, kv_heads, dim, prefix);
        rows.put();
        const auto n = rows.step.tokens(), stride = prefix + rows.step.longest() + 2;
        const auto given = random_values(heads * n * stride, 7);
        const auto from_prefix = random_values(heads * n * dim, 8);
        auto scores = given;
        std::vector<float> out(n * heads * dim, kUnwritten);
        attention_weights(rows.shape, rows.step, rows.q.data(), rows.keys.data(), stride,
                          scores.data());
        weighted_values(rows.shape, rows.step, scores.data(), stride, rows.values.data(),
                        from_prefix.data(), out.data());
        for (std::int64_t head = 0; head < heads; ++head) {
          for (std::int64_t i = 0; i < n; ++i) {
            const auto query = head * n + i, seen = rows.step.place[i] + 1;
            std::vector<double> expected;
            double sum = 0;
            for (std::int64_t p = 0; p < prefix + seen; ++p) {
              const double score =
                  p < prefix ? double{given[query * stride + p]} : rows.score(i, head, p - prefix);
              expected.push_back(std::exp(score));
              sum += expected.back();
            }
            for (std::int64_t p = 0; p < stride; ++p) {
              const float found = scores[query * stride + p];
              if (p < prefix + seen)
                CHECK(std::abs(found - expected[p] / sum) < 3e-6);
              else
                CHECK(found == given[query * stride + p]);  // beyond what it sees
            }
            for (std::int64_t d = 0; d < dim; ++d) {
              double value = from_prefix[query * dim + d];
              for (std::int64_t p = 0; p < seen; ++p)
                value += expected[prefix + p] / sum * rows.values[rows.cached(i, head, p) + d];
              CHECK(std::abs(out[(i * heads + head) * dim + d] - value) < 1e-5);
            }
          }
        }
      }
    }
  });
}

TEST_CASE("row kernels: the same bits on any number of threads, and from many at once") {
  Rows rows(16, 4, 32, 0);
  {
    const ThreadCount one(1);
    rows.put();
  }
  const auto q = rows.q, keys = rows.keys;
  const auto expected = rows.attend();
  for (const int threads : {1, 2, 4}) {
    const ThreadCount count(threads);
    rows.put();
    CHECK(rows.q == q);
    CHECK(rows.keys == keys);
    CHECK(rows.attend() == expected);
  }
  CHECK(holds_on_threads(4, 5, [&] { return rows.attend() == expected; }));
}
