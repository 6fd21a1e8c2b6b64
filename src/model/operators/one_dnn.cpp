#include "model/operators/one_dnn.h"

#ifdef FOVEA_ONE_DNN

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <dnnl.hpp>
#include <omp.h>

#include "model/operators/openmp_threads.h"

namespace fovea {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

memory::data_type type_of(at::ScalarType type) {
  return type == at::kBFloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

/// Inside a parallel region oneDNN has the calling thread alone.
int threads_here() {
  return omp_in_parallel() ? 1 : std::min(omp_get_max_threads(), most_sure_threads());
}

/// oneDNN cuts a product up for as many threads as OpenMP names when the code is made. Were it made
/// for more than then run it, parts of the sums would be left out.
class ThreadsForCode {
 public:
  explicit ThreadsForCode(int threads) : before_(omp_get_max_threads()) {
    omp_set_num_threads(threads);
  }
  ~ThreadsForCode() { omp_set_num_threads(before_); }
  ThreadsForCode(const ThreadsForCode&) = delete;

 private:
  int before_;
};

/// What oneDNN makes code for.
struct Shape {
  std::vector<std::int64_t> x, w, y;  ///< sides
  at::ScalarType type, result;
  bool x_transposed, w_transposed, w_packed, has_bias;
  Activation activation = Activation::none;
  bool adds = false;  ///< to what is there already
  int threads = threads_here();

  auto operator<=>(const Shape&) const = default;
};

memory::desc plain(const std::vector<std::int64_t>& sides, at::ScalarType type, bool transposed) {
  using Tag = memory::format_tag;
  const bool batched = sides.size() == 3;
  const auto tag = transposed ? (batched ? Tag::acb : Tag::ba) : (batched ? Tag::abc : Tag::ab);
  return {sides, type_of(type), tag};
}

/// What happens to the sums before they are written.
dnnl::post_ops after_sums(const Shape& shape) {
  using dnnl::algorithm;
  dnnl::post_ops all;
  if (shape.activation == Activation::gelu)
    all.append_eltwise(1, algorithm::eltwise_gelu_erf, 0, 0);
  if (shape.activation == Activation::quick_gelu)
    all.append_eltwise(1, algorithm::eltwise_swish, 1.702f, 0);
  if (shape.adds) all.append_sum();
  return all;
}

/// oneDNN's code for a shape. Any thread may run it.
class MatrixProduct {
 public:
  /// `layout`: of the weight, if it is packed; null: oneDNN chooses. Nothing where oneDNN has none.
  static std::optional<MatrixProduct> make(const Shape& shape, const memory::desc* layout) try {
    const ThreadsForCode threads(shape.threads);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);  // else of one thread
    attributes.set_post_ops(after_sums(shape));
    const auto x = plain(shape.x, shape.type, shape.x_transposed);
    auto w = plain(shape.w, shape.type, shape.w_transposed);
    if (shape.w_packed)
      w = layout ? *layout : memory::desc(shape.w, type_of(shape.type), memory::format_tag::any);
    const auto y = plain(shape.y, shape.result, false);
    const memory::desc bias({1, shape.w.back()}, memory::data_type::f32, memory::format_tag::ab);
    const auto what =
        shape.has_bias ? dnnl::matmul::desc(x, w, bias, y) : dnnl::matmul::desc(x, w, y);
    return MatrixProduct(dnnl::matmul::primitive_desc(what, attributes, engine()), bias);
  } catch (const dnnl::error&) {
    return {};
  }

  const memory::desc& weight() const { return w_; }

  void run(const void* x, const void* w, const float* bias, void* y) const {
    thread_local dnnl::stream calls(engine());
    thread_local std::optional<memory> scratch;
    if (!scratch || scratch->get_desc().get_size() < scratch_.get_size())
      scratch.emplace(scratch_, engine());
    const auto in = [](const memory::desc& desc, const void* data) {
      return memory(desc, engine(), const_cast<void*>(data));
    };
    std::unordered_map<int, memory> all{
        {DNNL_ARG_SRC, in(x_, x)},
        {DNNL_ARG_WEIGHTS, in(w_, w)},
        {DNNL_ARG_DST, in(y_, y)},
        {DNNL_ARG_SCRATCHPAD, in(scratch_, scratch->get_data_handle())}};
    if (bias) all.emplace(DNNL_ARG_BIAS, in(bias_, bias));
    code_.execute(calls, all);
  }

 private:
  MatrixProduct(const dnnl::matmul::primitive_desc& chosen, const memory::desc& bias)
      : code_(chosen),
        x_(chosen.src_desc()),
        w_(chosen.weights_desc()),
        y_(chosen.dst_desc()),
        bias_(bias),
        scratch_(chosen.scratchpad_desc()) {}

  dnnl::matmul code_;
  memory::desc x_, w_, y_, bias_, scratch_;
};

/// Code is made once for a shape: that takes longer than a small product. Thread-safe.
class MatrixProducts {
 public:
  std::shared_ptr<const MatrixProduct> get(const Shape& shape,
                                           const memory::desc* layout = nullptr) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto known = all_.find(shape); known != all_.end()) return known->second;
    }
    auto made = MatrixProduct::make(shape, layout);
    if (!made) return nullptr;
    const std::lock_guard lock(mutex_);
    if (all_.size() >= kMost) all_.clear();  // rows may be any number
    return all_.emplace(shape, std::make_shared<const MatrixProduct>(*made)).first->second;
  }

  /// How weights of a shape are packed; nothing where oneDNN has no code. oneDNN's choice depends on
  /// the threads that there are, but all weights have the first one: code is found by its shape, and
  /// made for one layout it would read another one wrongly.
  std::optional<memory::desc> layout_of(const Shape& shape) {
    auto weights = shape;
    weights.threads = 0;
    const std::lock_guard lock(layouts_mutex_);
    if (const auto known = layouts_.find(weights); known != layouts_.end()) return known->second;
    const auto made = MatrixProduct::make(shape, nullptr);
    if (!made) return {};
    return layouts_.emplace(weights, made->weight()).first->second;
  }

 private:
  static constexpr std::size_t kMost = 1024;
  std::shared_mutex mutex_;
  std::map<Shape, std::shared_ptr<const MatrixProduct>> all_;  // shared: of those who run them too
  std::mutex layouts_mutex_;
  std::map<Shape, memory::desc> layouts_;
};

MatrixProducts& products() {
  static MatrixProducts all;
  return all;
}

/// Of x [rows, in] times a weight that is stored as [out, in], or packed.
Shape weight_shape(std::int64_t rows, std::int64_t in, std::int64_t out, at::ScalarType type,
                   at::ScalarType result, bool packed, bool has_bias) {
  return {.x = {rows, in},
          .w = {in, out},
          .y = {rows, out},
          .type = type,
          .result = result,
          .x_transposed = false,
          .w_transposed = !packed,
          .w_packed = packed,
          .has_bias = has_bias};
}

/// Matrices above each other.
class OneDnnProduct : public Product {
 public:
  struct Part {
    std::int64_t out;
    at::Tensor stored;  ///< [out, in], or undefined: `packed` it is
    memory packed;
    at::Tensor bias;  ///< [out] float32, or undefined
  };

  OneDnnProduct(std::vector<Part> parts, std::int64_t in, at::ScalarType type)
      : parts_(std::move(parts)), in_(in), type_(type) {}

  at::Tensor activated(const at::Tensor& x, at::ScalarType wanted,
                       Activation activation) const override {
    const auto input = rows_of(x);
    const auto result = type_ == at::kFloat ? type_ : wanted;
    std::vector<at::Tensor> outs;
    for (const Part& part : parts_) {
      outs.push_back(at::empty({input.size(0), part.out}, input.options().dtype(result)));
      if (input.numel()) run(input, part, outs.back(), activation, /*adds=*/false);
    }
    const auto y = outs.size() == 1 ? outs[0] : at::cat(outs, 1);
    auto sizes = x.sizes().vec();
    sizes.back() = y.size(1);
    return y.view(sizes);
  }

  void add_to(at::Tensor y, const at::Tensor& x) const override {
    const auto input = rows_of(x);
    if (parts_.size() > 1 || !y.is_contiguous() || !input.numel()) return Product::add_to(y, x);
    run(input, parts_[0], y, Activation::none, /*adds=*/true);
  }

 private:
  at::Tensor rows_of(const at::Tensor& x) const {
    return x.to(type_).reshape({-1, in_}).contiguous();
  }

  void run(const at::Tensor& x, const Part& part, at::Tensor& y, Activation activation,
           bool adds) const {
    const bool packed = !part.stored.defined();
    const auto layout = packed ? part.packed.get_desc() : memory::desc();
    auto shape =
        weight_shape(x.size(0), in_, part.out, type_, y.scalar_type(), packed, part.bias.defined());
    shape.activation = activation;
    shape.adds = adds;
    const auto code = products().get(shape, &layout);
    code->run(x.data_ptr(), packed ? part.packed.get_data_handle() : part.stored.data_ptr(),
              part.bias.defined() ? part.bias.data_ptr<float>() : nullptr, y.data_ptr());
  }

  std::vector<Part> parts_;
  std::int64_t in_;
  at::ScalarType type_;
};

/// `weight`: [out, in].
memory packed_weight(const at::Tensor& weight, const memory::desc& layout) {
  memory stored(plain({weight.size(1), weight.size(0)}, weight.scalar_type(), true), engine(),
                weight.data_ptr());
  memory packed(layout, engine());
  dnnl::stream calls(engine());
  dnnl::reorder(stored, packed).execute(calls, stored, packed);
  calls.wait();
  return packed;
}

/// Whether the last two sides lie in memory one behind the other, or turned; nothing: neither.
std::optional<bool> is_transposed(const at::Tensor& x) {
  if (x.is_contiguous()) return false;
  if (x.transpose(-1, -2).is_contiguous()) return true;
  return {};
}

}  // namespace

std::unique_ptr<Product> make_one_dnn_product(const std::vector<at::Tensor>& parts,
                                              const at::Tensor& bias, WeightLayout layout) {
  constexpr std::int64_t kAnyRows = 128;
  const auto in = parts[0].size(1);
  const auto type = parts[0].scalar_type();
  const bool is_packed = layout == WeightLayout::packed;
  std::vector<OneDnnProduct::Part> all;
  std::int64_t first = 0;
  for (const at::Tensor& some : parts) {
    const auto part = some.contiguous();  // as a mapped file is
    const auto out = part.size(0);
    if (!part.numel()) return nullptr;
    const auto shape = weight_shape(kAnyRows, in, out, type, at::kFloat, is_packed, bias.defined());
    all.push_back({.out = out, .stored = {}, .packed = {}, .bias = {}});
    if (is_packed) {
      const auto chosen = products().layout_of(shape);
      if (!chosen) return nullptr;
      all.back().packed = packed_weight(part, *chosen);
    } else {
      if (!products().get(shape)) return nullptr;
      all.back().stored = part;
    }
    if (bias.defined()) all.back().bias = bias.narrow(0, first, out).to(at::kFloat).contiguous();
    first += out;
  }
  return std::make_unique<OneDnnProduct>(std::move(all), in, type);
}

bool multiply_with_one_dnn(const at::Tensor& a, const at::Tensor& b, const at::Tensor& y) {
  const auto turned_a = is_transposed(a), turned_b = is_transposed(b);
  if (!turned_a || !turned_b || !y.is_contiguous() || !y.numel()) return false;
  const auto code = products().get({.x = a.sizes().vec(),
                                    .w = b.sizes().vec(),
                                    .y = y.sizes().vec(),
                                    .type = a.scalar_type(),
                                    .result = y.scalar_type(),
                                    .x_transposed = *turned_a,
                                    .w_transposed = *turned_b,
                                    .w_packed = false,
                                    .has_bias = false});
  if (!code) return false;
  code->run(a.data_ptr(), b.data_ptr(), nullptr, y.data_ptr());
  return true;
}

}  // namespace fovea

#else

namespace fovea {

std::unique_ptr<Product> make_one_dnn_product(const std::vector<at::Tensor>&, const at::Tensor&,
                                              WeightLayout) {
  return nullptr;
}
bool multiply_with_one_dnn(const at::Tensor&, const at::Tensor&, const at::Tensor&) {
  return false;
}

}  // namespace fovea

#endif
