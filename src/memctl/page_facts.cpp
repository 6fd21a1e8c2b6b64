#include "memctl/page_facts.h"

namespace fovea::memctl {

nlohmann::ordered_json page_facts(const PageInfo& page) {
  using Json = nlohmann::ordered_json;
  return {{"first_time", page.first_time},
          {"time", page.time},
          {"last_recalled", page.last_recalled},
          {"expires", page.expires},
          {"pinned", page.pinned},
          {"has_archive", page.has_archive},
          {"keeps_text", page.keeps_text},
          {"characters", page.characters},
          {"text_bytes", page.text_bytes},
          {"text_tokens", page.text_tokens},
          {"vision_tokens", page.vision_tokens},
          {"token_bytes", page.token_bytes},
          {"fidelity", page.fidelity ? Json(*page.fidelity) : Json(nullptr)},
          {"messages", page.messages}};
}

}  // namespace fovea::memctl
