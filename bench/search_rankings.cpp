// Ranks the pages of a store for many questions in each way that a search knows, for
// bench/search_quality.py.
// Usage: search_rankings STORE CHECKPOINT < questions, one a line > rankings, a JSON object a line

#include <algorithm>
#include <iostream>
#include <string>

#include "fovea/codec.h"
#include "memory/ranking.h"
#include "memory/store.h"

namespace {

using namespace fovea;

constexpr std::size_t kDepth = 50;

void print(const char* name, const std::vector<PageScore>& pages, const char* end) {
  std::cout << '"' << name << "\": [";
  for (std::size_t i = 0; i < pages.size(); ++i) std::cout << (i ? ", " : "") << pages[i].id;
  std::cout << "]" << end;
}

std::vector<PageScore> by_bm25(std::vector<PageScore> found) {
  std::ranges::stable_sort(found, std::ranges::greater{}, &PageScore::bm25);
  return found;
}

RankedList cut(std::vector<PageScore> pages, double weight = 1) {
  if (pages.size() > kDepth) pages.resize(kDepth);
  return {std::move(pages), weight};
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 3) {
    std::cerr << "usage: search_rankings STORE CHECKPOINT < questions\n";
    return 2;
  }
  Store store(arguments[1]);
  const Codec codec(arguments[2]);
  for (std::string question; std::getline(std::cin, question);) {
    const auto words = store.search_text({}, question, kNoLimit).pages;
    const auto vectors =
        store.search_vectors({}, codec.fingerprint(), codec.embed(question), kDepth);
    const RankedList page = cut(by_bm25(words)), piece = cut(words),
                     likeness = cut(vectors);
    std::cout << "{";
    print("bm25", page.pages, ", ");
    print("piece", piece.pages, ", ");
    print("embedding", likeness.pages, ", ");
    print("bm25+piece", fuse(std::vector{piece, page}, kDepth), ", ");
    print("bm25+embedding", fuse(std::vector{page, likeness}, kDepth), ", ");
    print("piece+embedding", fuse(std::vector{piece, likeness}, kDepth), ", ");
    print("piece+0.25 embedding", fuse(std::vector{piece, cut(vectors, 0.25)}, kDepth), "}\n");
  }
} catch (const std::exception& error) {
  std::cerr << "search_rankings: " << error.what() << '\n';
  return 1;
}
