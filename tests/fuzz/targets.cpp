// The data file of targets: what is taken can count pictures of every level.
#include <nlohmann/json.hpp>

#include "context/image_tokens.h"
#include "context/page_form.h"
#include "context/targets.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  Targets targets;
  if (!fuzz::accepts([&] { targets = Targets::parse(text, "targets.json"); })) return 0;
  const auto file = nlohmann::json::parse(text);
  for (const auto& [name, value] : file["targets"].items()) {
    const Target& target = *targets.find(name);
    if (target.pages == Target::Pages::never) continue;
    for (const Level level : kLevels) {
      const int side = side_of(level);
      const SeenImage seen = see_image(target.count, side, side);
      fuzz::expect(seen.tokens >= 0, "a picture does not cost less than nothing");
      fuzz::expect(seen.scale > 0 && seen.scale < 1e6, "a picture is seen at some size");
    }
    PageMeasure page;
    page.characters = 5'618;
    page.text_tokens = 1'250;
    fuzz::expect(choose_form(target, page).tokens <= page.text_tokens,
                 "a page never costs more than its text");
  }
  return 0;
}
