// A checkpoint's tokenizer.json, whole or as a change (RFC 7386) of one that is right: text comes
// back exactly unless a rule removes some of it.
#include <nlohmann/json.hpp>

#include "model/tokenizer/tokenizer.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

constexpr std::string_view kText = "Heron 42, \xc3\xa4\xe6\xbc\xa2\xff<|end|>'s  it\n\tx = y1;";

void check_tokenizer(const std::string& text) {
  const fuzz::InputFile file(text);
  fuzz::accepts([&] {
    const Tokenizer tokenizer(file.path());
    const std::vector<int> ids = tokenizer.encode(kText);
    for (const int id : ids) fuzz::expect(id >= 0 && id < tokenizer.size(), "ids are of tokens");
    if (text.find("Removed") == text.npos)
      fuzz::expect(tokenizer.decode(ids) == kText, "text comes back exactly");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto base = nlohmann::json::parse(
      fuzz::read_file(FOVEA_SOURCE_DIR "/tests/golden/tokenizer/digits.json"));
  const std::string text(fuzz::text_of(data, size));
  check_tokenizer(text);
  const auto change = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!change.is_object()) return 0;
  nlohmann::json changed = base;
  changed.merge_patch(change);
  check_tokenizer(changed.dump());
  return 0;
}
