#include "memory/passage_rank.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr int kHalfPassage = 48;  // words
constexpr double kSaturation = 1.2;

/// What a query needs to know once: how much each of its phrases tells.
struct PhraseWeights {
  std::vector<double> of;
};

int count_row(const Fts5ExtensionApi*, Fts5Context*, void* count) {
  ++*static_cast<std::int64_t*>(count);
  return SQLITE_OK;
}

/// Inverse document frequencies over pages; nothing when SQLite fails.
std::unique_ptr<PhraseWeights> weigh_phrases(const Fts5ExtensionApi& api, Fts5Context* context) {
  sqlite3_int64 rows = 0;
  if (api.xRowCount(context, &rows) != SQLITE_OK) return nullptr;
  auto weights = std::make_unique<PhraseWeights>();
  for (int phrase = 0; phrase < api.xPhraseCount(context); ++phrase) {
    std::int64_t hits = 0;
    if (api.xQueryPhrase(context, phrase, &hits, count_row) != SQLITE_OK) return nullptr;
    const auto with = static_cast<double>(hits);
    const auto without = static_cast<double>(std::max<std::int64_t>(rows - hits, 0));
    weights->of.push_back(std::log1p((without + 0.5) / (with + 0.5)));
  }
  return weights;
}

const PhraseWeights* weights_of(const Fts5ExtensionApi& api, Fts5Context* context) {
  if (void* known = api.xGetAuxdata(context, 0)) return static_cast<PhraseWeights*>(known);
  PhraseWeights* weights = weigh_phrases(api, context).release();
  const auto destroy = [](void* old) { delete static_cast<PhraseWeights*>(old); };
  if (weights) api.xSetAuxdata(context, weights, destroy);  // destroys it when it fails, too
  return static_cast<PhraseWeights*>(api.xGetAuxdata(context, 0));
}

/// The phrases in two halves of a passage, as it moves over a page.
class MovingPassage {
 public:
  explicit MovingPassage(const PhraseWeights& weights)
      : weights_(weights), before_(weights.of.size()), here_(weights.of.size()) {}

  /// Phrases come in order of their place.
  void add(int phrase, int place) {
    const int half = place / kHalfPassage;
    if (half != half_) {
      close();
      if (half == half_ + 1)
        before_.swap(here_);
      else
        std::ranges::fill(before_, 0);
      std::ranges::fill(here_, 0);
      half_ = half;
    }
    ++here_[static_cast<std::size_t>(phrase)];
  }

  double best() {
    close();
    return best_;
  }

 private:
  void close() {
    double sum = 0;
    for (std::size_t i = 0; i < here_.size(); ++i) {
      const double times = before_[i] + here_[i];
      if (times > 0) sum += weights_.of[i] * times * (kSaturation + 1) / (times + kSaturation);
    }
    best_ = std::max(best_, sum);
  }

  const PhraseWeights& weights_;
  std::vector<double> before_, here_;
  int half_ = -2;
  double best_ = 0;
};

void passage(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int,
             sqlite3_value**) {
  const PhraseWeights* weights = weights_of(*api, context);
  int count = 0;
  if (!weights || api->xInstCount(context, &count) != SQLITE_OK)
    return sqlite3_result_error_nomem(result);
  MovingPassage moving(*weights);
  for (int i = 0; i < count; ++i) {
    int phrase = 0, column = 0, place = 0;
    if (const int code = api->xInst(context, i, &phrase, &column, &place); code != SQLITE_OK)
      return sqlite3_result_error_code(result, code);
    moving.add(phrase, place);
  }
  sqlite3_result_double(result, moving.best());
}

}  // namespace

void add_passage_rank(fts5_api& api) {
  if (api.xCreateFunction(&api, "passage", nullptr, passage, nullptr) != SQLITE_OK)
    throw Error(ErrorCode::unsupported, "this SQLite's full-text search takes no functions of ours");
}

}  // namespace fovea
