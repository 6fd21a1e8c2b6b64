#include "memory/stems.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "fovea/error.h"
#include "memory/full_text.h"

namespace fovea {
namespace {

/// English endings that a stem loses.
constexpr std::string_view kEndings[] = {
    "s",      "es",     "ed",      "er",     "ers",     "ing",     "ings",   "ly",     "y",      "ies",
    "ied",    "e",      "al",      "ally",   "able",    "ably",    "ible",   "ance",   "ances",  "ence",
    "ences",  "ant",    "ants",    "ent",    "ents",    "ate",     "ates",   "ated",   "ating",  "ation",
    "ations", "ational", "ator",   "ators",  "ative",   "ion",     "ions",   "ional",  "ment",   "ments",
    "ness",   "ity",    "ities",   "ize",    "izes",    "ized",    "izing",  "ization", "izations", "ful",
    "fully",  "ism",    "ist",     "ists",   "ive",     "ively",   "ous",    "ously",  "iveness", "ousness"};

int take_stem(void* stems, int flags, const char* token, int size, int, int) {
  try {
    static_cast<std::vector<Stem>*>(stems)->push_back(
        {std::string(token, static_cast<std::size_t>(size)), (flags & FTS5_TOKEN_COLOCATED) != 0});
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

}  // namespace

struct Stems::Porter {
  fts5_tokenizer functions{};
  Fts5Tokenizer* tokenizer = nullptr;
};

Stems::Stems(const Database& database) : porter_(std::make_unique<Porter>()) {
  fts5_api* api = fts5_of(database);
  void* context = nullptr;
  std::array<const char*, 1> below = {"words"};
  if (!api || api->xFindTokenizer(api, "porter", &context, &porter_->functions) != SQLITE_OK ||
      porter_->functions.xCreate(context, below.data(), 1, &porter_->tokenizer) != SQLITE_OK)
    throw Error(ErrorCode::unsupported, "this SQLite's full-text search has no Porter stems");
}

Stems::~Stems() {
  if (porter_->tokenizer) porter_->functions.xDelete(porter_->tokenizer);
}

std::vector<Stem> Stems::stems_of(std::string_view text, int flags) const {
  std::vector<Stem> stems;
  if (porter_->functions.xTokenize(porter_->tokenizer, &stems, flags, text.data(),
                                   static_cast<int>(text.size()), take_stem) != SQLITE_OK)
    throw std::bad_alloc();
  return stems;
}

std::vector<Stem> Stems::of_text(std::string_view text) const {
  return stems_of(text, FTS5_TOKENIZE_DOCUMENT);
}

std::vector<std::string> Stems::of_terms(std::string_view terms) const {
  std::vector<std::string> stems;
  for (Stem& stem : stems_of(terms, FTS5_TOKENIZE_QUERY)) stems.push_back(std::move(stem.text));
  return stems;
}

std::vector<std::string> Stems::of_beginning(std::string_view beginning) const {
  constexpr std::size_t kShortest = 3;  // bytes; shorter stems are of too many words
  std::string words;
  for (const std::string_view ending : kEndings) {
    for (std::size_t there = 0; there <= std::min(ending.size() - 1, beginning.size()); ++there) {
      if (beginning.ends_with(ending.substr(0, there)))
        words.append(beginning).append(ending.substr(there)).append(" ");
    }
  }
  std::vector<std::string> stems = of_terms(words);
  std::erase_if(stems, [&](const std::string& stem) {
    return stem.size() < kShortest || stem.size() >= beginning.size() || !beginning.starts_with(stem);
  });
  std::ranges::sort(stems);
  const auto repeated = std::ranges::unique(stems);
  stems.erase(repeated.begin(), repeated.end());
  return stems;
}

}  // namespace fovea
