#include "memctl/experiment/experiment_run.h"

#include "memctl/experiment/controls.h"
#include "memctl/experiment/measuring.h"
#include "memctl/experiment/pages.h"
#include "memctl/interrupt.h"
#include "memctl/measurement/generator.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

/// A page as it stands in a text.
struct PlannedPage {
  const PlannedText* source;
  PageKey key;  // without shuffle and level
  std::size_t begin;
};

class Run {
 public:
  Run(const ExperimentPlan& plan, const Renderer& renderer, const Codec& codec,
      PageJournal& journal, ProgressBar& bar)
      : plan_(plan), renderer_(renderer), codec_(codec), journal_(journal), bar_(bar) {
    for (const Density density : plan.densities) {
      for (const PlannedText& source : plan.sources) {
        std::size_t number = 0;
        for (const std::size_t begin : page_starts(renderer, source.text, density, plan.pages))
          pages_.push_back(
              {&source, {.density = density, .domain = source.name, .page = number++}, begin});
      }
    }
    for (const PlannedPage& page : pages_)
      for (const Shuffle shuffle : shuffles_of(page)) left_ += levels_left(page, shuffle).size();
  }

  bool run() {
    const std::size_t known = journal_.records().size();
    if (known > 0) say(counted(known, "page") + " read before, " + grouped(left_) + " to go");
    for (const PlannedPage& page : pages_)
      for (const Shuffle shuffle : shuffles_of(page))
        if (!read(page, shuffle)) return false;
    return true;
  }

 private:
  static std::vector<Shuffle> shuffles_of(const PlannedPage& page) {
    if (!page.source->shuffled) return {Shuffle::none};
    return {kShuffles.begin(), kShuffles.end()};
  }

  PageKey key_of(const PlannedPage& page, Shuffle shuffle, Level level) const {
    PageKey key = page.key;
    key.shuffle = shuffle;
    key.level = level;
    return key;
  }

  std::vector<Level> levels_left(const PlannedPage& page, Shuffle shuffle) const {
    std::vector<Level> left;
    for (const Level level : plan_.levels)
      if (!journal_.records().contains(key_of(page, shuffle, level))) left.push_back(level);
    return left;
  }

  /// The same for a page whatever else is read.
  std::uint64_t seed_of(const PageKey& key) const {
    return generator_of(plan_.seed, {static_cast<std::uint64_t>(key.density), key.page,
                                     static_cast<std::uint64_t>(key.shuffle)})();
  }

  Page drawn(const PlannedPage& planned, const PageKey& key) const {
    Page page = renderer_.lay_out(std::string_view(planned.source->text).substr(planned.begin),
                                  key.density);
    if (key.shuffle != Shuffle::none)
      page = renderer_.lay_out(shuffled_text(page, key.shuffle, seed_of(key)), key.density);
    renderer_.draw(page);
    return page;
  }

  const TokenFrequencies& frequencies_of(const PlannedText& source) {
    if (counted_ != &source) frequencies_.emplace(source.text);
    counted_ = &source;
    return *frequencies_;
  }

  /// False after an interrupt.
  bool read(const PlannedPage& planned, Shuffle shuffle) {
    const std::vector<Level> levels = levels_left(planned, shuffle);
    if (levels.empty()) return true;
    const PageKey key = key_of(planned, shuffle, levels.front());
    const Page page = drawn(planned, key);
    const PageRecord sizes = sizes_of(page, key, planned.begin, plan_.tokenizers);
    for (const Level level : levels) {
      if (interrupted()) return false;
      PageRecord record = read_back(codec_, page, level, sizes);
      if (shuffle == Shuffle::none) add_baselines(page, frequencies_of(*planned.source), record);
      journal_.add(record);
      ++done_;
      bar_.show(done_, double(done_) / double(left_));
    }
    return true;
  }

  const ExperimentPlan& plan_;
  const Renderer& renderer_;
  const Codec& codec_;
  PageJournal& journal_;
  ProgressBar& bar_;
  std::vector<PlannedPage> pages_;
  std::optional<TokenFrequencies> frequencies_;  // of the text that is read
  const PlannedText* counted_ = nullptr;         // that text
  std::size_t left_ = 0, done_ = 0;
};

}  // namespace

bool run_experiment(const ExperimentPlan& plan, const Renderer& renderer, const Codec& codec,
                    PageJournal& journal, ProgressBar& bar) {
  return Run(plan, renderer, codec, journal, bar).run();
}

}  // namespace fovea::memctl
