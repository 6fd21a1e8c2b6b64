#include "bench/kernels/one_dnn.h"

#include <algorithm>
#include <cmath>

namespace fovea::bench {
namespace {

using dnnl::memory;

dnnl::engine& engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::stream& stream() {
  static dnnl::stream calls(engine());
  return calls;
}

constexpr float kScale = 1.0f / 64;

memory reordered(memory from, const memory::desc& wanted) {
  memory to(wanted, engine());  // a copy, whatever the layout
  dnnl::reorder(from, to).execute(stream(), from, to);
  return to;
}

memory::desc plain(const memory::dims& sides, Type type) {
  return {sides, type, sides.size() == 2 ? Tag::ab : Tag::abc};
}

dnnl::matmul matmul_of(const memory::desc& a, const memory::desc& b, const memory::desc& y,
                       const memory::desc* bias = nullptr, const dnnl::primitive_attr& attr = {}) {
  const auto what = bias ? dnnl::matmul::desc(a, b, *bias, y) : dnnl::matmul::desc(a, b, y);
  return dnnl::matmul(dnnl::matmul::primitive_desc(what, attr, engine()));
}

dnnl::softmax_v2_forward softmax_of(const memory::desc& x) {
  const dnnl::softmax_v2_forward::desc what(dnnl::prop_kind::forward_inference,
                                            dnnl::algorithm::softmax_accurate, x, x,
                                            static_cast<int>(x.dims().size()) - 1);
  return dnnl::softmax_v2_forward(dnnl::softmax_v2_forward::primitive_desc(what, engine()));
}

}  // namespace

memory filled(const memory::dims& sides, Type type, Tag tag) {
  std::int64_t size = 1;
  for (const auto side : sides) size *= side;
  memory floats({sides, Type::f32, tag}, engine());
  auto* values = static_cast<float*>(floats.get_data_handle());
  for (std::int64_t i = 0; i < size; ++i) values[i] = static_cast<float>(i * 37 % 101 - 50) / 64;
  return type == Type::f32 ? floats : reordered(floats, {sides, type, tag});
}

OneDnnLinear::OneDnnLinear(std::int64_t rows, std::int64_t in, std::int64_t out, Type type,
                           int weights, bool prepacked)
    : x_(filled({rows, in}, type, Tag::ab)),
      y_(plain({rows, out}, type == Type::bf16 ? type : Type::f32), engine()),
      bias_(filled({1, out}, Type::f32, Tag::ab)) {
  if (type == Type::s8) floats_.assign(static_cast<std::size_t>(rows * in), 0.25f);
  dnnl::primitive_attr attr;
  if (type == Type::s8)
    attr.set_output_scales(2, std::vector<float>(static_cast<std::size_t>(out), kScale * kScale));
  const auto bias = bias_.get_desc();
  const dnnl::matmul::desc what(x_.get_desc(), {{in, out}, type, prepacked ? Tag::any : Tag::ba},
                                bias, y_.get_desc());
  const dnnl::matmul::primitive_desc chosen(what, attr, engine());
  product_ = dnnl::matmul(chosen);
  const auto as_stored = filled({in, out}, type, Tag::ba);  // [out, in] in memory
  for (int i = 0; i < weights; ++i) weights_.push_back(reordered(as_stored, chosen.weights_desc()));
}

void OneDnnLinear::quantise() {
  float top = 0;
  for (const float value : floats_) top = std::max(top, std::abs(value));
  const float scale = 127 / top;
  auto* to = static_cast<std::int8_t*>(x_.get_data_handle());
  for (std::size_t i = 0; i < floats_.size(); ++i)
    to[i] = static_cast<std::int8_t>(floats_[i] * scale);
}

void OneDnnLinear::operator()(int weight) {
  if (!floats_.empty()) quantise();
  product_.execute(stream(), {{DNNL_ARG_SRC, x_},
                              {DNNL_ARG_WEIGHTS, weights_[static_cast<std::size_t>(weight)]},
                              {DNNL_ARG_BIAS, bias_},
                              {DNNL_ARG_DST, y_}});
}

OneDnnAttention::OneDnnAttention(std::int64_t batch, std::int64_t queries, std::int64_t keys,
                                 std::int64_t dim, Type type)
    : q_(filled({batch, queries, dim}, type, Tag::abc)),
      k_(filled({batch, dim, keys}, type, Tag::acb)),
      v_(filled({batch, keys, dim}, type, Tag::abc)),
      scores_(plain({batch, queries, keys}, type), engine()),
      out_(plain({batch, queries, dim}, type), engine()) {
  dnnl::primitive_attr scaled;
  scaled.set_output_scales(0, {1 / std::sqrt(static_cast<float>(dim))});
  score_ = matmul_of(q_.get_desc(), k_.get_desc(), scores_.get_desc(), nullptr, scaled);
  softmax_ = softmax_of(scores_.get_desc());
  sum_ = matmul_of(scores_.get_desc(), v_.get_desc(), out_.get_desc());
}

void OneDnnAttention::operator()() {
  score_.execute(stream(), {{DNNL_ARG_SRC, q_}, {DNNL_ARG_WEIGHTS, k_}, {DNNL_ARG_DST, scores_}});
  softmax_.execute(stream(), {{DNNL_ARG_SRC, scores_}, {DNNL_ARG_DST, scores_}});
  sum_.execute(stream(), {{DNNL_ARG_SRC, scores_}, {DNNL_ARG_WEIGHTS, v_}, {DNNL_ARG_DST, out_}});
}

OneDnnSoftmax::OneDnnSoftmax(std::int64_t rows, std::int64_t n)
    : x_(filled({rows, n}, Type::f32, Tag::ab)), softmax_(softmax_of(x_.get_desc())) {}

void OneDnnSoftmax::operator()() {
  softmax_.execute(stream(), {{DNNL_ARG_SRC, x_}, {DNNL_ARG_DST, x_}});
}

}  // namespace fovea::bench
