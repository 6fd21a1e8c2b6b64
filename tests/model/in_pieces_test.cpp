// Work in pieces: each once, none too large, on any number of threads.
#include "tests/model/torch_and_doctest.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "model/operators/in_pieces.h"
#include "tests/model/thread_count.h"

using fovea::in_pieces;

namespace {

/// How often each of `count` was in a piece; -1 everywhere when a piece was empty or too large.
std::vector<int> visits(std::int64_t count, std::int64_t most) {
  std::vector<std::atomic<int>> seen(count);
  std::atomic<bool> fits = true;
  in_pieces(count, most, [&](std::int64_t begin, std::int64_t end) {
    if (begin >= end || end - begin > most) fits = false;
    for (auto i = begin; i < end; ++i) ++seen[i];
  });
  std::vector<int> all;
  for (const auto& times : seen) all.push_back(fits ? times.load() : -1);
  return all;
}

}  // namespace

TEST_CASE("pieces: each of any number is in one, and none is larger than allowed") {
  for (const int threads : {1, 2, 3, 4}) {
    const ThreadCount at_once(threads);
    for (const std::int64_t count : {0, 1, 2, 3, 7, 16, 100, 1001}) {
      for (const std::int64_t most : {1, 3, 128, 5000}) {
        CAPTURE(threads);
        CAPTURE(count);
        CAPTURE(most);
        CHECK(visits(count, most) == std::vector<int>(count, 1));
      }
    }
  }
}

TEST_CASE("pieces: inside a piece the work goes on alone") {
  const ThreadCount four(4);
  std::atomic<int> sum = 0, elsewhere = 0;
  in_pieces(8, 1, [&](std::int64_t, std::int64_t) {
    const auto own = std::this_thread::get_id();
    in_pieces(10, 3, [&](std::int64_t begin, std::int64_t end) {
      if (std::this_thread::get_id() != own) ++elsewhere;
      sum += static_cast<int>(end - begin);
    });
  });
  CHECK(sum == 80);
  CHECK(elsewhere == 0);
}

TEST_CASE("pieces: an error in one reaches the caller, and the next work is done") {
  for (const int threads : {1, 4}) {
    const ThreadCount at_once(threads);
    CHECK_THROWS_AS(in_pieces(20, 1,
                              [](std::int64_t begin, std::int64_t) {
                                if (begin == 13) throw std::runtime_error("this one");
                              }),
                    std::runtime_error);
    CHECK(visits(20, 1) == std::vector<int>(20, 1));
  }
}

TEST_CASE("pieces: several threads work in pieces at once") {
  const ThreadCount two(2);
  CHECK(holds_on_threads(4, 10, [] { return visits(57, 5) == std::vector<int>(57, 1); }));
}

TEST_CASE("rows: a function of some is one of all, of none and of many, whatever their type") {
  at::manual_seed(1);
  for (const int threads : {1, 2, 4}) {
    const ThreadCount at_once(threads);
    for (const std::int64_t rows : {0, 1, 127, 128, 129, 600}) {
      CAPTURE(rows);
      const auto x = at::randint(-9, 9, {rows, 6}, at::kFloat).to(at::kBFloat16);
      const auto y = fovea::map_rows(
          x, 3, [](const at::Tensor& some) { return some.narrow(1, 1, 3).to(at::kFloat) * 2; });
      CHECK((y.scalar_type() == at::kFloat));
      CHECK(at::equal(y, x.narrow(1, 1, 3).to(at::kFloat) * 2));
    }
  }
}

TEST_CASE("two threads: each piece of work is done once, and an error reaches the caller") {
  for (const std::size_t count : {0, 1, 2, 7}) {
    std::vector<std::atomic<int>> done(count);
    fovea::in_two_threads(count, [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) CHECK(times == 1);
  }
  std::atomic<int> at_once = 0;
  fovea::in_two_threads(2, [&](std::size_t) {
    ++at_once;
    while (at_once < 2) std::this_thread::yield();  // for the other one
  });
  CHECK(at_once == 2);
  const auto fail_at = [](std::size_t bad) {
    fovea::in_two_threads(8, [&](std::size_t i) {
      if (i == bad) throw std::runtime_error("no");
    });
  };
  for (const std::size_t bad : {0, 1, 7}) CHECK_THROWS_AS(fail_at(bad), std::runtime_error);
}
