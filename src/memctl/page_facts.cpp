#include "memctl/page_facts.h"

#include "memctl/output.h"

namespace fovea::memctl {

nlohmann::ordered_json page_facts(const PageInfo& page) {
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
          {"fidelity", or_null(page.fidelity)},
          {"fidelity_error", page.fidelity_error},
          {"messages", page.messages}};
}

}  // namespace fovea::memctl
