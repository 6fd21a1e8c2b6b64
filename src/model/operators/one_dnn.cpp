#include "model/operators/one_dnn.h"

#ifdef FOVEA_ONE_DNN

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
#include <ATen/ops/empty.h>
#include <dnnl.hpp>
#include <omp.h>

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
int threads_here() { return omp_in_parallel() ? 1 : omp_get_max_threads(); }

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

/// What oneDNN makes code for. Of one shape and type all weights have the same layout.
struct Shape {
  std::vector<std::int64_t> x, w, y;  ///< sides
  at::ScalarType type, result;
  bool x_transposed, w_transposed, w_packed, has_bias;
  int threads = threads_here();

  auto operator<=>(const Shape&) const = default;
};

memory::desc plain(const std::vector<std::int64_t>& sides, at::ScalarType type, bool transposed) {
  using Tag = memory::format_tag;
  const bool batched = sides.size() == 3;
  const auto tag = transposed ? (batched ? Tag::acb : Tag::ba) : (batched ? Tag::abc : Tag::ab);
  return {sides, type_of(type), tag};
}

/// oneDNN's code for a shape. Any thread may run it.
class MatrixProduct {
 public:
  /// `layout`: of the weight, if it is packed; null: oneDNN chooses. Nothing where oneDNN has none.
  static std::optional<MatrixProduct> make(const Shape& shape, const memory::desc* layout) try {
    const ThreadsForCode threads(shape.threads);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);  // else of one thread
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

 private:
  static constexpr std::size_t kMost = 1024;
  std::shared_mutex mutex_;
  std::map<Shape, std::shared_ptr<const MatrixProduct>> all_;  // shared: of those who run them too
};

MatrixProducts& products() {
  static MatrixProducts all;
  return all;
}

Shape packed_shape(std::int64_t rows, std::int64_t in, std::int64_t out, at::ScalarType type,
                   at::ScalarType result, bool has_bias) {
  return {.x = {rows, in},
          .w = {in, out},
          .y = {rows, out},
          .type = type,
          .result = result,
          .x_transposed = false,
          .w_transposed = false,
          .w_packed = true,
          .has_bias = has_bias};
}

/// A weight in the layout that oneDNN multiplies fastest.
class OneDnnProduct : public Product {
 public:
  OneDnnProduct(const memory::desc& layout, const at::Tensor& weight, const at::Tensor& bias)
      : in_(weight.size(1)), out_(weight.size(0)), type_(weight.scalar_type()) {
    const auto from = weight.contiguous();
    const memory stored(plain({in_, out_}, type_, true), engine(), from.data_ptr());
    weight_ = memory(layout, engine());
    dnnl::stream calls(engine());
    dnnl::reorder(stored, weight_).execute(calls, const_cast<memory&>(stored), weight_);
    calls.wait();
    if (bias.defined()) bias_ = bias.to(at::kFloat).contiguous();
  }

  at::Tensor multiply(const at::Tensor& x, at::ScalarType wanted) const override {
    const auto input = x.to(type_).reshape({-1, in_}).contiguous();
    auto sizes = x.sizes().vec();
    sizes.back() = out_;
    const auto result = type_ == at::kFloat ? type_ : wanted;
    auto y = at::empty(sizes, input.options().dtype(result));
    if (!y.numel()) return y;
    const auto layout = weight_.get_desc();
    const auto code = products().get(
        packed_shape(input.size(0), in_, out_, type_, result, bias_.defined()), &layout);
    code->run(input.data_ptr(), weight_.get_data_handle(),
              bias_.defined() ? bias_.data_ptr<float>() : nullptr, y.data_ptr());
    return y;
  }

 private:
  std::int64_t in_, out_;
  at::ScalarType type_;
  memory weight_;
  at::Tensor bias_;  // [out] float32, or undefined
};

/// Whether the last two sides lie in memory one behind the other, or turned; nothing: neither.
std::optional<bool> is_transposed(const at::Tensor& x) {
  if (x.is_contiguous()) return false;
  if (x.transpose(-1, -2).is_contiguous()) return true;
  return {};
}

}  // namespace

std::unique_ptr<Product> make_one_dnn_product(const at::Tensor& weight, const at::Tensor& bias) {
  constexpr std::int64_t kAnyRows = 128;
  if (!weight.numel()) return nullptr;
  const auto code = products().get(packed_shape(kAnyRows, weight.size(1), weight.size(0),
                                                weight.scalar_type(), at::kFloat, bias.defined()));
  if (!code) return nullptr;
  return std::make_unique<OneDnnProduct>(code->weight(), weight, bias);
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

std::unique_ptr<Product> make_one_dnn_product(const at::Tensor&, const at::Tensor&) {
  return nullptr;
}
bool multiply_with_one_dnn(const at::Tensor&, const at::Tensor&, const at::Tensor&) {
  return false;
}

}  // namespace fovea

#endif
