#include "renderer/area_shrink.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "fovea/error.h"

namespace fovea {
namespace {

// One axis is divided by P / Q in lowest terms. In units of 1 / Q pixel an input pixel is Q long
// and an output pixel P, so the overlaps of the two are whole weights that sum to P for each output
// pixel. A sum over both axes is at most 255 * 10 * 10, which 16 bits hold.
using Sum = std::uint16_t;

struct Ratio {
  int p, q;
};

Ratio ratio_of(int from, int to) {
  const int divisor = std::gcd(from, to);
  return {from / divisor, to / divisor};
}

/// Length of input pixel `i` inside output pixel `o`, in units of 1 / q.
constexpr int overlap(int i, int o, int p, int q) {
  return std::max(0, std::min((i + 1) * q, (o + 1) * p) - std::max(i * q, o * p));
}

/// One output row's sums over the input rows that it covers: [width].
void sum_rows(const std::uint8_t* in, int width, int out_row, Ratio ratio, Sum* sums) {
  std::fill_n(sums, width, Sum{0});
  const int first = out_row * ratio.p / ratio.q;
  for (int row = first; overlap(row, out_row, ratio.p, ratio.q) > 0; ++row) {
    const auto weight = static_cast<Sum>(overlap(row, out_row, ratio.p, ratio.q));
    const std::uint8_t* pixels = in + std::size_t(row) * width;
    for (int x = 0; x < width; ++x) sums[x] += static_cast<Sum>(pixels[x] * weight);
  }
}

/// Sums along a row: groups of P inputs give Q outputs.
template <int P, int Q>
void sum_columns(const Sum* in, int groups, Sum* out) {
  for (int group = 0; group < groups; ++group, in += P, out += Q) {
    for (int o = 0; o < Q; ++o) {
      int sum = 0;
      for (int i = 0; i < P; ++i) sum += in[i] * overlap(i, o, P, Q);
      out[o] = static_cast<Sum>(sum);
    }
  }
}

void sum_columns(const Sum* in, int width, Ratio ratio, Sum* out) {
  const int groups = width / ratio.p;
  switch (ratio.p * 10 + ratio.q) {
    case 11:
      return sum_columns<1, 1>(in, groups, out);
    case 21:
      return sum_columns<2, 1>(in, groups, out);
    case 51:
      return sum_columns<5, 1>(in, groups, out);
    case 52:
      return sum_columns<5, 2>(in, groups, out);
    case 53:
      return sum_columns<5, 3>(in, groups, out);
    case 54:
      return sum_columns<5, 4>(in, groups, out);
    case 103:
      return sum_columns<10, 3>(in, groups, out);
  }
  throw Error(ErrorCode::invalid_argument,
              "cannot shrink by " + std::to_string(ratio.p) + "/" + std::to_string(ratio.q));
}

/// A divisor known when compiling becomes a multiplication that vectorises.
template <int Area>
void divide(const Sum* sums, int count, std::uint8_t* out) {
  for (int x = 0; x < count; ++x) {
    out[x] = static_cast<std::uint8_t>(static_cast<Sum>(sums[x] + Area / 2) / Area);
  }
}

void divide(const Sum* sums, int count, int area, std::uint8_t* out) {
  switch (area) {
    case 4:
      return divide<4>(sums, count, out);
    case 25:
      return divide<25>(sums, count, out);
    case 100:
      return divide<100>(sums, count, out);
  }
  for (int x = 0; x < count; ++x) out[x] = static_cast<std::uint8_t>((sums[x] + area / 2) / area);
}

}  // namespace

void shrink_area(const std::uint8_t* in, Size from, std::uint8_t* out, Size to) {
  const Ratio across = ratio_of(from.width, to.width), down = ratio_of(from.height, to.height);
  std::vector<Sum> column_sums(from.width), sums(to.width);
  for (int row = 0; row < to.height; ++row, out += to.width) {
    sum_rows(in, from.width, row, down, column_sums.data());
    sum_columns(column_sums.data(), from.width, across, sums.data());
    divide(sums.data(), to.width, across.p * down.p, out);
  }
}

}  // namespace fovea
