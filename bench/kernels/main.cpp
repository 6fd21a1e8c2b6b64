// Each hand-written kernel beside the same work by oneDNN, whose weights lie in the layout that it
// likes best, or by libtorch where oneDNN has no counterpart; at the shapes of fovea-nano and of
// DeepSeek-OCR, on one thread, in one run.
// Usage: kernels_bench [--rounds N] [--only KERNEL]
// FOVEA_CPU and ONEDNN_MAX_CPU_ISA together limit the instructions (doc/speed.md).

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>

#include "bench/kernels/one_dnn.h"
#include "bench/kernels/paired.h"
#include "model/attention.h"
#include "model/kernels/softmax.h"
#include "model/kernels/tile_attention.h"
#include "model/operators/activation.h"
#include "model/operators/argmax.h"
#include "model/operators/batched_product.h"
#include "model/operators/packed_matrix.h"
#include "model/operators/row_kernels.h"
#include "model/operators/token_kernels.h"
#include "model/placement.h"

namespace fovea::bench {
namespace {

/// A product, [rows, in] x [in, out].
struct Shape {
  const char* place;
  std::int64_t rows, in, out;
};

/// Memory that weights of one kind go round in: what the model's layers take together, as far as
/// the machine's caches notice.
constexpr double kNanoBytes = 16e6, kFullBytes = 400e6;

const std::vector<Shape> kNanoMany = {
    {"nano SAM qkv", 128, 320, 960},     {"nano SAM lin1", 128, 320, 1280},
    {"nano SAM lin2", 128, 1280, 320},   {"nano neck", 128, 2304, 256},
    {"nano CLIP qkv", 257, 512, 1536},   {"nano CLIP fc2", 257, 2048, 512},
    {"nano decoder qkv", 60, 512, 1536}, {"nano expert", 14, 512, 384},
    {"nano head", 60, 512, 12544}};
const std::vector<Shape> kFullMany = {
    {"full SAM qkv", 196, 768, 2304},   {"full SAM lin2", 196, 3072, 768},
    {"full CLIP fc1", 257, 1024, 4096}, {"full decoder qkv", 300, 1280, 3840},
    {"full expert up", 28, 1280, 1792}, {"full expert down", 28, 896, 1280}};
const std::vector<Shape> kNanoFew = {{"nano qkv", 1, 512, 1536},
                                     {"nano qkv", 4, 512, 1536},
                                     {"nano expert", 2, 512, 384},
                                     {"nano head", 1, 512, 12544}};
const std::vector<Shape> kFullFew = {{"full qkv", 1, 1280, 3840},
                                     {"full qkv", 4, 1280, 3840},
                                     {"full qkv", 6, 1280, 3840},
                                     {"full expert up", 1, 1280, 1792},
                                     {"full head", 1, 1280, 32320}};

class Bench {
 public:
  Bench(int rounds, std::string only) : rounds_(rounds), only_(std::move(only)) {}

  bool wanted(const std::string& kernel) const {
    return only_.empty() || kernel.find(only_) != kernel.npos;
  }
  void run(const Pair& pair) const { compare(pair, rounds_); }

 private:
  int rounds_;
  std::string only_;
};

std::string text_of(const Shape& s) {
  return std::string(s.place) + " " + std::to_string(s.rows) + "x" + std::to_string(s.in) + "x" +
         std::to_string(s.out);
}

const char* name_of(Type type) {
  return type == Type::f32 ? "oneDNN fp32" : type == Type::bf16 ? "oneDNN bf16" : "oneDNN int8";
}

/// Our product for several weights of one shape beside oneDNN's of each of the types.
void compare_product(const Bench& bench, const std::string& kernel, const Shape& s, double bytes,
                     const std::function<std::function<void(int)>(int weights)>& make,
                     const std::vector<Type>& types, bool prepacked = true) {
  if (!bench.wanted(kernel)) return;
  const auto most = static_cast<double>(s.in * s.out) * 4;
  const int weights = std::max(2, static_cast<int>(bytes / most));
  const auto ours = make(weights);
  for (const Type type : types) {
    try {
      OneDnnLinear theirs(s.rows, s.in, s.out, type, weights, prepacked);
      const auto other = std::string(name_of(type)) + (prepacked ? "" : ", plain");
      bench.run({kernel, text_of(s), other, weights, ours, [&](int weight) { theirs(weight); }});
    } catch (const dnnl::error& error) {
      std::printf("%-22s %-30s %-22s %s\n", kernel.c_str(), text_of(s).c_str(), name_of(type),
                  error.what());
    }
  }
}

std::function<void(int)> with_packed(const Shape& s, int weights,
                                     const std::function<StoredMatrix()>& weight,
                                     Int8Products products = Int8Products::expanded) {
  auto matrices = std::make_shared<std::vector<PackedMatrix>>();
  for (int i = 0; i < weights; ++i) matrices->emplace_back(weight(), at::Tensor(), products);
  const auto x = at::rand({s.rows, s.in});
  return [matrices, x](int i) { (*matrices)[static_cast<std::size_t>(i)].multiply(x); };
}

void bench_packed(const Bench& bench, const Shape& s, double bytes) {
  const auto values = at::rand({s.out, s.in}) - 0.5;
  compare_product(bench, "int8 panels", s, bytes,
                  [&](int weights) {
                    return with_packed(s, weights, [&] { return quantised(values, at::kFloat); });
                  },
                  {Type::f32, Type::bf16, Type::s8});
  for (const Int8Products products : {Int8Products::digits, Int8Products::two_digits}) {
    const bool two = products == Int8Products::two_digits;
    compare_product(bench, two ? "int8 two digits" : "int8 digits", s, bytes,
                    [&](int weights) {
                      return with_packed(
                          s, weights, [&] { return quantised(values, at::kFloat); }, products);
                    },
                    {Type::f32, Type::bf16, Type::s8});
  }
  compare_product(bench, "bf16 rows", s, bytes,
                  [&](int weights) {
                    return with_packed(s, weights, [&] {
                      return StoredMatrix{{}, {}, {values.to(at::kBFloat16)}, at::kFloat};
                    });
                  },
                  {Type::f32, Type::bf16});
}

/// Heads of one layer.
struct Heads {
  const char* place;
  std::int64_t batch, queries, keys, dim;
};

const std::vector<Heads> kSelfAttention = {{"nano SAM window", 10, 64, 64, 64},
                                           {"nano SAM global", 5, 1024, 1024, 64},
                                           {"nano CLIP", 8, 257, 257, 64},
                                           {"full SAM window", 12, 196, 196, 64},
                                           {"full CLIP", 16, 257, 257, 64}};

std::string text_of(const Heads& h) {
  return std::string(h.place) + " " + std::to_string(h.batch) + "x" + std::to_string(h.queries) +
         "x" + std::to_string(h.keys) + "x" + std::to_string(h.dim);
}

void attend_in_panels(const at::Tensor& qkv, std::int64_t heads, at::Tensor& out) {
  const auto n = qkv.size(0), stride = qkv.size(1), width = stride / 3, dim = width / heads;
  const auto* from = qkv.data_ptr<float>();
  for (std::int64_t head = 0; head < heads; ++head) {
    const auto* q = from + head * dim;
    HeadPanels(q + width, q + 2 * width, stride, n, dim)
        .attend(q, stride, n, {}, out.data_ptr<float>() + head * dim, width);
  }
}

void bench_attention(const Bench& bench, const Heads& h) {
  if (bench.wanted("fp32 attention")) {
    const auto qkv = at::rand({h.queries, 3 * h.batch * h.dim});
    auto out = at::empty({h.queries, h.batch * h.dim});
    OneDnnAttention theirs(h.batch, h.queries, h.keys, h.dim, Type::f32);
    bench.run({"fp32 attention", text_of(h), "oneDNN fp32", 1,
               [&](int) { attend_in_panels(qkv, h.batch, out); }, [&](int) { theirs(); }});
  }
  if (bench.wanted("bf16 attention") && multiplies_bf16(at::kCPU)) {
    const auto qkv = at::rand({1, h.queries, 3 * h.batch * h.dim}).to(at::kBFloat16);
    OneDnnAttention theirs(h.batch, h.queries, h.keys, h.dim, Type::bf16);
    bench.run({"bf16 attention", text_of(h), "oneDNN bf16", 1,
               [&](int) { self_attention(qkv, h.batch, {}); }, [&](int) { theirs(); }});
  }
}

/// Rows of a page that share a prefix: what each new token asks of the prefix and of its own row.
struct Rows {
  const char* place;
  std::int64_t rows, prefix, held, heads, dim;
};

const std::vector<Rows> kRowSteps = {{"nano reading", 26, 111, 40, 8, 64},
                                     {"nano reading", 26, 273, 80, 8, 64},
                                     {"full answer", 1, 0, 300, 10, 128},
                                     {"full answers", 16, 0, 300, 10, 128}};

/// The loops over the rows' own tokens.
void bench_rows(const Bench& bench, const Rows& r) {
  if (!bench.wanted("row attention")) return;
  const RowShape shape{r.heads, r.heads, r.dim, r.held + 1};
  const RowStep step(0, std::vector<std::int64_t>(r.rows, r.held),
                     std::vector<std::int64_t>(r.rows, 1));
  const auto q = at::rand({r.heads, r.rows, r.dim});
  const auto k = at::rand({r.rows, r.heads, r.held + 1, r.dim});
  auto out = at::empty({r.rows, r.heads * r.dim});
  OneDnnAttention theirs(r.rows * r.heads, 1, r.held + 1, r.dim, Type::f32);
  const auto text =
      std::string(r.place) + " " + std::to_string(r.rows) + " rows of " + std::to_string(r.held);
  bench.run({"row attention", text, "oneDNN fp32", 1,
             [&](int) {
               attend_rows(shape, step, q.data_ptr<float>(), k.data_ptr<float>(),
                           k.data_ptr<float>(), out.data_ptr<float>());
             },
             [&](int) { theirs(); }});
}

/// The products with a prefix that all rows share.
void bench_prefix(const Bench& bench, const Rows& r) {
  if (!r.prefix || !bench.wanted("batched product")) return;
  const auto a = at::rand({r.heads, r.rows, r.dim});
  const auto b = at::rand({r.heads, r.prefix, r.dim}).transpose(1, 2);
  auto y = at::empty({r.heads, r.rows, r.prefix});
  const auto text = std::string(r.place) + " " + std::to_string(r.heads) + "x" +
                    std::to_string(r.rows) + "x" + std::to_string(r.dim) + "x" +
                    std::to_string(r.prefix);
  bench.run({"batched product", text, "libtorch bmm", 1,
             [&](int) { multiply_batches(a, b, y, {}); }, [&](int) { at::bmm_out(y, a, b); }});
}

void bench_tokens(const Bench& bench, const char* place, std::int64_t rows, std::int64_t d,
                  std::int64_t hidden) {
  const auto text = std::string(place) + " " + std::to_string(rows) + "x";
  if (bench.wanted("softmax")) {
    auto scores = at::rand({rows, d});
    OneDnnSoftmax theirs(rows, d);
    bench.run({"softmax", text + std::to_string(d), "oneDNN fp32", 1,
               [&](int) {
                 for (std::int64_t i = 0; i < rows; ++i)
                   softmax_weights(scores.data_ptr<float>() + i * d, d, 0.125f);
               },
               [&](int) { theirs(); }});
  }
  if (bench.wanted("SwiGLU")) {
    const auto gate_up = at::rand({rows, 2 * hidden});
    bench.run({"SwiGLU", text + std::to_string(hidden), "libtorch", 1,
               [&](int) { swiglu(gate_up); },
               [&](int) {
                 at::silu(gate_up.narrow(1, 0, hidden)).mul_(gate_up.narrow(1, hidden, hidden));
               }});
  }
  if (bench.wanted("GELU")) {
    const auto from = at::rand({rows, hidden}) * 8 - 4;
    auto x = at::empty_like(from);  // copied each time, since values made smaller become denormals
    bench.run({"GELU", text + std::to_string(hidden), "libtorch", 1,
               [&](int) { activated(x.copy_(from), Activation::gelu); },
               [&](int) { at::gelu(from); }});
    bench.run({"quick GELU", text + std::to_string(hidden), "libtorch", 1,
               [&](int) { activated(x.copy_(from), Activation::quick_gelu); },
               [&](int) { at::sigmoid(from * 1.702).mul_(from); }});
  }
  if (bench.wanted("RMS norm")) {
    const auto x = at::rand({rows, d}), weight = at::rand({d});
    bench.run({"RMS norm", text + std::to_string(d), "libtorch", 1,
               [&](int) { rms_norm(x, weight, 1e-6); },
               [&](int) { (x * x.square().mean(-1, true).add_(1e-6).rsqrt_()).mul_(weight); }});
  }
  if (bench.wanted("weighted sums")) {
    const auto output = at::rand({rows * 2, d}), weights = at::rand({rows, 2});
    const auto order = at::randperm(rows * 2, at::kLong).view({rows, 2});
    bench.run({"weighted sums", text + std::to_string(d), "libtorch", 1,
               [&](int) { weighted_sums({output}, order, weights); },
               [&](int) {
                 auto by_token = output.index_select(0, order.flatten()).view({rows, 2, d});
                 (by_token * weights.unsqueeze(-1)).sum(1);
               }});
  }
}

void bench_scores(const Bench& bench, std::int64_t rows, std::int64_t vocabulary) {
  if (!bench.wanted("argmax")) return;
  const auto scores = at::rand({rows, vocabulary}) * 10;
  bench.run({"argmax", std::to_string(rows) + "x" + std::to_string(vocabulary), "libtorch", 1,
             [&](int) { argmax_with_log_prob(scores); },
             [&](int) {
               const auto [top, index] = scores.max(1);
               const auto log_probability = top - at::logsumexp(scores, 1);
             }});
}

void run(const Bench& bench) {
  print_header();
  for (const Shape& s : kNanoMany) bench_packed(bench, s, kNanoBytes);
  for (const Shape& s : kNanoFew) bench_packed(bench, s, kNanoBytes);
  for (const Shape& s : kFullMany) bench_packed(bench, s, kFullBytes);
  for (const Shape& s : kFullFew) bench_packed(bench, s, kFullBytes);
  for (const Heads& h : kSelfAttention) bench_attention(bench, h);
  for (const Rows& r : kRowSteps) {
    bench_rows(bench, r);
    bench_prefix(bench, r);
  }
  bench_tokens(bench, "nano", 60, 512, 1536);
  bench_tokens(bench, "full", 16, 1280, 6848);
  bench_scores(bench, 60, 12544);
}

}  // namespace
}  // namespace fovea::bench

int main(int argc, char** argv) {
  CLI::App app("Compares Fovea's kernels with oneDNN's");
  int rounds = 31;
  std::string only;
  app.add_option("--rounds", rounds, "Timings of each pair")
      ->check(CLI::Range(3, 10'000))
      ->capture_default_str();
  app.add_option("--only", only, "Kernels whose name has this in it");
  CLI11_PARSE(app, argc, argv);
  try {
    at::set_num_threads(1);
    const c10::InferenceMode inference;
    fovea::bench::run(fovea::bench::Bench(rounds, only));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kernels_bench: %s\n", error.what());
    return 1;
  }
}
