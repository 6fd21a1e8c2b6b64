// renderer_bench [CHECKPOINT [TEXT]]: pages a second of one core for laying out and drawing pages
// at density 106, for each shrink, and for both together. TEXT: a file to draw instead of plain
// English.

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "fovea/error.h"
#include "fovea/renderer.h"

namespace {

constexpr std::string_view kEnglish =
    "The fovea is the small sharp centre of the eye: recent things are sharp, old things are a "
    "blur "
    "that you can still recognise.\nWhat was said an hour ago stays word for word, what was said "
    "in "
    "spring is known by its outline, and nobody is the worse for it. ";

std::string text_for_a_page(int argc, char** argv) {
  std::string text;
  if (argc > 2) {
    std::ifstream file(argv[2], std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  if (text.empty()) text = kEnglish;
  const std::string once = text;
  while (text.size() < 100'000) text += once;
  return text;
}

/// Calls `work` for about a second of processor time and prints how often it went in one second.
template <class Work>
void measure(const std::string& name, Work work) {
  work();
  int count = 0;
  double seconds = 0;
  for (const std::clock_t start = std::clock(); seconds < 1; ++count) {
    work();
    seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }
  std::printf("%-24s %8.0f pages/s\n", name.c_str(), count / seconds);
}

void run(int argc, char** argv) {
  const fovea::Renderer renderer(argc > 1 ? argv[1] : FOVEA_SOURCE_DIR "/models/fovea-nano");
  const std::string text = text_for_a_page(argc, argv);
  const auto drawn = [&] {
    fovea::Page page = renderer.lay_out(text, fovea::Density::d106);
    renderer.draw(page);
    return page;
  };
  const fovea::Page page = drawn();
  measure("lay out", [&] { renderer.lay_out(text, fovea::Density::d106); });
  measure("lay out, draw at 1280", drawn);
  for (fovea::Level level : fovea::kLevels) {
    if (level == fovea::Level::large) continue;
    const std::string name(name_of(level));
    measure("shrink to " + name, [&] { shrink(page, level); });
    measure("both, " + name, [&] { shrink(drawn(), level); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc, argv);
  } catch (const fovea::Error& error) {
    std::fprintf(stderr, "renderer_bench: %s\n", error.what());
    return 1;
  }
}
