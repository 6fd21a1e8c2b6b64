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

std::vector<PageScore> by_bm25(const Store& store, const std::string& question,
                               const std::vector<PageScore>& found) {
  std::vector<PageId> ids;
  for (const PageScore& page : found) ids.push_back(page.id);
  std::vector<PageScore> pages;
  for (const auto& [id, score] : store.bm25_of(question, ids)) pages.push_back({id, score});
  std::ranges::stable_sort(pages, std::ranges::greater{}, &PageScore::score);
  return pages;
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
    const auto words = store.search_text({}, question, kNoLimit);
    const auto vectors =
        store.search_vectors({}, codec.fingerprint(), codec.embed(question), kDepth);
    const RankedList page = cut(by_bm25(store, question, words)), passage = cut(words),
                     likeness = cut(vectors);
    std::cout << "{";
    print("bm25", page.pages, ", ");
    print("passage", passage.pages, ", ");
    print("embedding", likeness.pages, ", ");
    print("bm25+passage", fuse(std::vector{passage, page}, kDepth), ", ");
    print("bm25+embedding", fuse(std::vector{page, likeness}, kDepth), ", ");
    print("passage+embedding", fuse(std::vector{passage, likeness}, kDepth), ", ");
    print("passage+0.25 embedding", fuse(std::vector{passage, cut(vectors, 0.25)}, kDepth), "}\n");
  }
} catch (const std::exception& error) {
  std::cerr << "search_rankings: " << error.what() << '\n';
  return 1;
}
