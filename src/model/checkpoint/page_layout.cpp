#include "model/checkpoint/page_layout.h"

#include "fovea/checkpoint.h"

namespace fovea {

Layout layout_of_checkpoint(const std::string& folder) {
  return layout_of(read_config(folder + "/config.json"));
}

}  // namespace fovea
