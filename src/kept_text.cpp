#include "src/kept_text.h"

#include "src/fidelity.h"
#include "src/recovery/recovered_page.h"

namespace fovea {

std::string anchors_to_keep(const Policy& policy, const Page& page, Level level, bool has_archive) {
  const bool kept = (has_archive || policy.anchors_without_archive) && policy.anchors.bytes > 0 &&
                    level <= policy.anchors.down_to;
  return kept ? pack_anchors(anchors_of(page, policy.anchors.bytes)) : std::string();
}

bool keeps_corrections(const Policy& policy, Level level, bool has_archive) {
  return !has_archive && policy.corrections.bytes > 0 && level <= policy.corrections.down_to;
}

std::string corrections_to_keep(const Page& page, const ReadPage& read, const std::string& anchors,
                                std::size_t max_bytes) {
  RecoveredPage recovered(read, page.density, row_lengths(page));
  recovered.put(unpack_anchors(anchors, page.density));
  std::string packed = pack_corrections(corrections_between(recovered.rows(), rows_of(page)));
  return packed.size() <= max_bytes ? packed : std::string();
}

}  // namespace fovea
