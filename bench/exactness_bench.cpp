// What anchors and corrections take on the disk and give, by level: pages of the texts named are
// drawn, encoded, read back, and made better with what a policy could keep beside them. Prints a
// Markdown table.
// Usage: exactness_bench [--pages N] TEXT...

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/utf8.h"
#include "fovea/codec.h"
#include "fovea/error.h"
#include "fovea/memory.h"
#include "fovea/renderer.h"
#include "measure/fidelity.h"
#include "memory/archive.h"
#include "recovery/recovered_page.h"

namespace fovea {
namespace {

constexpr std::size_t kNoBudget = 1 << 20;
const std::string kCheckpoint = FOVEA_SOURCE_DIR "/models/fovea-nano";

std::string read_text(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, std::string(path) + ": cannot be opened");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `count` full pages spread evenly over the text.
void add_pages(const Renderer& renderer, const std::string& text, std::size_t count,
               std::vector<Page>& pages) {
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t start = text.size() * i / count;
    while (start < text.size() && utf8_is_continuation(text[start])) ++start;
    Page page = renderer.lay_out(std::string_view(text).substr(start), Density::d106);
    if (!Renderer::is_full(page)) continue;
    renderer.draw(page);
    pages.push_back(std::move(page));
  }
}

/// Sums over pages.
struct Row {
  double tokens = 0, anchored = 0, corrected = 0;  ///< accuracies
  std::size_t anchors = 0, anchors_read = 0;
  std::size_t token_bytes = 0, anchor_bytes = 0, alone_bytes = 0, after_bytes = 0, text_bytes = 0;
};

std::size_t packed_size(const std::string& bytes) {
  return bytes.empty() ? 0 : compress(bytes).size();
}

void measure(const Page& page, const VisionTokens& tokens, const ReadPage& read, Row& row) {
  const auto exact = rows_of(page);
  const auto anchors = anchors_of(page, kNoBudget);
  RecoveredPage alone(read, page.density, tokens.row_lengths);
  const auto from_reading = corrections_between(alone.rows(), exact);
  RecoveredPage recovered(read, page.density, tokens.row_lengths);
  recovered.put(anchors);
  row.tokens += accuracy(page.text, read.text);
  row.anchored += accuracy(page.text, recovered.text());
  const auto from_anchors = corrections_between(recovered.rows(), exact);
  recovered.correct(from_anchors);
  row.corrected += accuracy(page.text, recovered.text());
  for (const Anchor& anchor : anchors) {
    row.anchors += 1;
    row.anchors_read += read.text.find(anchor.text) != std::string::npos;
  }
  row.token_bytes += byte_count(tokens);
  row.anchor_bytes += packed_size(pack_anchors(anchors));
  row.alone_bytes += packed_size(pack_corrections(from_reading));
  row.after_bytes += packed_size(pack_corrections(from_anchors));
  row.text_bytes += packed_size(page.text);
}

void print(Level level, const Row& row, double pages) {
  const auto bytes = [&](std::size_t sum) { return static_cast<double>(sum) / pages; };
  std::printf("| %s | %.2f | %.2f | %.2f | %.1f | %.0f | %.0f | %.0f | %.0f | %.0f |\n",
              std::string(name_of(level)).c_str(), 100 * row.tokens / pages,
              100 * row.anchored / pages, 100 * row.corrected / pages,
              100.0 * static_cast<double>(row.anchors_read) / static_cast<double>(row.anchors),
              bytes(row.token_bytes), bytes(row.anchor_bytes), bytes(row.alone_bytes),
              bytes(row.after_bytes), bytes(row.text_bytes));
  std::fflush(stdout);
}

void run(int count, char** arguments) {
  std::size_t wanted = 3;
  const Renderer renderer(kCheckpoint);
  const Codec codec(kCheckpoint);
  std::vector<Page> pages;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--pages" && i + 1 < count) {
      wanted = std::strtoul(arguments[++i], nullptr, 10);
    } else {
      add_pages(renderer, read_text(arguments[i]), wanted, pages);
    }
  }
  if (pages.empty())
    throw Error(ErrorCode::invalid_argument, "usage: exactness_bench [--pages N] TEXT...");
  std::printf("%zu pages\n\n| level | read from tokens, %% | with anchors | with corrections | "
              "anchors right in what tokens read, %% | tokens, bytes | anchors | "
              "corrections alone | corrections after anchors | whole text |\n"
              "|---|---|---|---|---|---|---|---|---|---|\n",
              pages.size());
  for (const Level level : kLevels) {
    Row row;
    for (const Page& page : pages) {
      const Page shrunk = shrink(page, level);
      const VisionTokens tokens = codec.encode({&shrunk, 1}).front();
      measure(page, tokens, codec.decode({&tokens, 1}).front(), row);
    }
    print(level, row, static_cast<double>(pages.size()));
  }
}

}  // namespace
}  // namespace fovea

int main(int count, char** arguments) try {
  fovea::run(count, arguments);
} catch (const std::exception& error) {
  std::fprintf(stderr, "exactness_bench: %s\n", error.what());
  return 1;
}
