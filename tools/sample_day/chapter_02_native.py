"""A C++ filter that does not compile, then does not work, then is measured."""

HPP = '''
// Filters for the gauge's own box: no allocation after construction.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tide {

/// Keeps the last `width` samples and gives their median (the upper one of an even count).
class MedianFilter {
 public:
  explicit MedianFilter(std::size_t width) : ring_(width), sorted_(width) {}

  double push(double sample) {
    ring_[next_] = sample;
    next_ = (next_ + 1) % ring_.size();
    count_ = std::min(count_ + 1, ring_.size());
    std::copy_n(ring_.begin(), count_, sorted_.begin());
    const auto middle = sorted_.begin() + static_cast<std::ptrdiff_t>(count_ / 2);
    std::nth_element(sorted_.begin(), middle, sorted_.begin() + static_cast<std::ptrdiff_t>(count_));
    return *middle;
  }

 private:
  std::vector<double> ring_;
  std::vector<double> sorted_;  // scratch
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

/// Mean of the samples of one report interval.
class IntervalMean {
 public:
  void add(double sample) {
    sum_ += sample;
    ++count_;
  }

  /// The mean since the last call; of an empty interval, the last mean again.
  double finish() {
    if (count_ > 0) last_ = sum_ / static_cast<double>(count_);
    sum_ = 0;
    count_ = 0;
    return last_;
  }

 private:
  double sum_ = 0;
  double last_ = 0;
  std::size_t count_ = 0;
};

}  // namespace tide
'''

BENCH = '''
#include <chrono>
#include <cmath>
#include <cstdio>

#include "smooth.hpp"

int main() {
  using clock = std::chrono::steady_clock;
  for (std::size_t width : {3, 5, 7, 15, 31, 63, 127}) {
    tide::MedianFilter filter(width);
    double checksum = 0;
    const int samples = 400000;
    const auto begin = clock::now();
    for (int i = 0; i < samples; ++i) checksum += filter.push(std::sin(i * 0.001) + ((i * 7919) % 101) * 1e-4);
    const double seconds = std::chrono::duration<double>(clock::now() - begin).count();
    std::printf("width %4zu  %8.1f ns a sample  %9.0f samples/s  (checksum %.3f)\\n",
                width, seconds / samples * 1e9, samples / seconds, checksum);
  }
}
'''


def play(day) -> None:
    day.at(9, 20)
    day.user("Yes, go ahead with native/. I have never built it on this machine either.")
    day.bash("cat native/Makefile && make -C native check 2>&1 | head -90", "First: does it build at all?")
    day.say("""
It does not. The output is long, but there are only two errors in it:

* `std::sort` on a `std::list`. `sort` needs random-access iterators (it computes `last - first`), and a list's iterators only go step by step. The compiler then lists every `operator-` that it considered, which is what makes the message a hundred lines long.
* `IntervalMean::finish() const` calls `samples_.clear()`. In a const member function `samples_` is a `const std::vector<double>`, so that "discards qualifiers".

Before I repair it line by line, let me look at the whole header. Its first line promises "no allocation after construction", and neither a list copied on every sample nor a growing vector keeps that promise.""")
    day.bash("cat -A native/Makefile | head -9; cat native/smooth.hpp")
    day.bash("""sed -i 's/  double finish() const {/  double finish() {/; s/std::list<double> window_/std::deque<double> window_/; s/#include <list>/#include <deque>/' native/smooth.hpp
make -C native check 2>&1 | tail -30""", "The smallest repair first, to see what the tests say about behaviour.")
    day.say("""
Now it compiles, and the tests show two more bugs that the compiler could not see:

* `mean of an interval: got 2.000000, wanted 2.500000`. `std::accumulate(begin, end, 0)` adds up in the type of its third argument. That is an `int`, so 2.25 becomes 2 after the first step, and 2 + 2.75 = 4.75 becomes 4; 4 / 2 = 2. A classic; it should have been `0.0`.
* `an empty interval repeats the last mean: got 0.000000, wanted 1.000000`. With no samples it divides 0 by 0, and because of the first bug that is a division of *integers*: undefined behaviour. It happened to give 0 here; with other flags the program may as well stop with SIGFPE.

I'd rather write both classes as the comment says they should be: a ring buffer and a scratch buffer that are allocated once, `nth_element` in place of a full sort, and a running sum with a remembered mean.""")
    day.write_file("native/smooth.hpp", HPP)
    day.bash("make -C native clean check CXXFLAGS='-std=c++17 -O1 -g -Wall -Wextra -Wconversion -fsanitize=address,undefined' 2>&1")
    day.user("""
Nice. Is nth_element actually quicker than keeping the window sorted, for the widths that we use?
The boxes have a slow ARM core and sample at 8 Hz, so I doubt that it matters, but Pia will ask.""")
    day.write_file("native/smooth_bench.cpp", BENCH)
    day.bash("cd native && g++ -std=c++17 -O2 -Wall -Wextra -o /tmp/tidewatch-bench smooth_bench.cpp && /tmp/tidewatch-bench; rm -f /tmp/tidewatch-bench")
    day.say("""
For our widths (5 and 7) a sample costs some tens of nanoseconds here, and even a core fifty times slower would need a few microseconds of the 125 ms between two samples. So it does not matter, as you thought.

The curve also shows where it *would* begin to matter: the cost grows in proportion to the width, since every push copies the window and partitions it. A window kept sorted (binary search, then a memmove) also moves O(width) bytes, but in one block; for widths over about 60 I'd expect it to win by a factor of two or three. I have not measured that one, so take it as a guess.

I suggest to keep the benchmark out of the repository, commit the header, and let `make check` run on CI.""")
    day.bash("""rm native/smooth_bench.cpp
git add -A && git commit -q -m 'native: filters build, keep their promise not to allocate, and pass

std::sort cannot sort a list; accumulate(..., 0) added up in int; an empty interval
gave NaN. A ring buffer and nth_element replace list and full sort.' && git show --stat HEAD && git diff HEAD~1 -- native/smooth.hpp""")
    day.say("""
Committed as one change, because the header did not compile before and there was no state in between that anybody could have used.""")
