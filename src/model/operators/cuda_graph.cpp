#include "model/operators/cuda_graph.h"

#include <ATen/ATen.h>

#if defined(FOVEA_CUDA)
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#endif

#include "fovea/error.h"
#include "model/operators/fused_operators.h"

namespace fovea {

#if defined(FOVEA_CUDA)

struct CudaGraph::Impl {
  at::cuda::CUDAGraph graph;
  at::Tensor result;
};

bool CudaGraph::possible(at::Device device) {
  return has_grouped_products() && device.is_cuda() &&
         at::cuda::getDeviceProperties(device.index())->major >= 9;
}

CudaGraph::CudaGraph(at::Device device, const std::function<at::Tensor()>& work)
    : impl_(std::make_unique<Impl>()) {
  const c10::cuda::OptionalCUDAGuard on_device(device);
  const auto outer = at::cuda::getCurrentCUDAStream();
  const auto stream = at::cuda::getStreamFromPool();  // the default stream cannot record
  outer.synchronize();
  const c10::cuda::CUDAStreamGuard on_stream(stream);
  work();
  stream.synchronize();
  impl_->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
  impl_->result = work();
  impl_->graph.capture_end();
}

const at::Tensor& CudaGraph::replay() {
  impl_->graph.replay();
  return impl_->result;
}

#else

struct CudaGraph::Impl {
  at::Tensor result;
};

bool CudaGraph::possible(at::Device) { return false; }

CudaGraph::CudaGraph(at::Device, const std::function<at::Tensor()>&) {
  throw Error(ErrorCode::unsupported, "this build of Fovea has no CUDA");
}

const at::Tensor& CudaGraph::replay() { return impl_->result; }

#endif

CudaGraph::~CudaGraph() = default;

}  // namespace fovea
