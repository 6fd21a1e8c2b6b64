// Included once for every target, after hwy/foreach_target.h: no #pragma once.
#if defined(FOVEA_MODEL_KERNELS_PANELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_MODEL_KERNELS_PANELS_INL_H_
#undef FOVEA_MODEL_KERNELS_PANELS_INL_H_
#else
#define FOVEA_MODEL_KERNELS_PANELS_INL_H_
#endif

#include "model/kernels/tile_product.h"
#include "model/kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {

/// Vectors that a panel's 16 columns are cut into.
using PanelLanes = hn::CappedTag<float, kPanelWidth>;
using PanelVector = hn::Vec<PanelLanes>;
constexpr std::int64_t kPanelLanes = static_cast<std::int64_t>(hn::MaxLanes(PanelLanes()));
constexpr int kPanelVectors = static_cast<int>(kPanelWidth / kPanelLanes);

HWY_INLINE PanelVector load_int8(const std::int8_t* from) {
  const hn::Rebind<std::int8_t, PanelLanes> bytes;
  const hn::RebindToSigned<PanelLanes> words;
  return hn::ConvertTo(PanelLanes(), hn::PromoteTo(words, hn::LoadU(bytes, from)));
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
