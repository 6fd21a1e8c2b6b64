#include "memctl/lifetime/figures.h"

#include <algorithm>

#include "fovea/measure.h"
#include "memctl/measurement/token_budget.h"

namespace fovea::memctl {
namespace {

/// What is left of one page, or of one page over several days: shares of its characters, exact
/// strings and questions.
struct Left {
  PageShare characters, exact_strings, found, readable, answered;

  void operator+=(const Left& other) {
    for (PageShare Left::*share :
         {&Left::characters, &Left::exact_strings, &Left::found, &Left::readable, &Left::answered})
      this->*share += other.*share;
  }
};

/// The pages of an age, each once, and the tokens of all pages of that age.
struct Collected {
  std::map<std::size_t, Left> pages;
  double tokens = 0;
  std::size_t counted = 0;

  void operator+=(const Collected& other) {
    for (const auto& [page, left] : other.pages) pages[page] += left;
    tokens += other.tokens;
    counted += other.counted;
  }
};

class Summary {
 public:
  Summary(const LifetimePlan& plan, const Life& life,
          const std::vector<std::vector<Question>>& questions, const LifeRecords& records)
      : plan_(plan), life_(life), questions_(questions), records_(records) {}

  LifeFigures figures() {
    LifeFigures figures;
    std::vector<AgeCurve> over_all_days;
    for (const NamedPolicy& policy : plan_.policies) {
      std::map<std::pair<Method, std::size_t>, Collected> sums;  // by range
      for (const auto& [key, record] : records_.snapshots()) {
        if (key.policy != policy.name) continue;
        const Holding holding = holding_of(key, record);
        figures.holdings.push_back(holding);
        const std::size_t newest = newest_text(holding);
        for (std::size_t range = 0; range < kAgeRanges.size(); ++range) {
          const auto pages = pages_of_age(life_, kAgeRanges[range], life_.end_of_day(key.day - 1),
                                          record.levels.size());
          const auto sample = sample_of(pages, plan_.pages, plan_.seed);
          for (const Method method : {Method::vision_tokens, Method::newest_text}) {
            const Collected collected = method == Method::newest_text
                                            ? in_newest_text(newest, pages, sample)
                                            : in_store(holding, pages, sample);
            sums[{method, range}] += collected;
            add(figures.curves, policy, method, key.day, kAgeRanges[range], collected);
          }
        }
      }
      for (const auto& [place, collected] : sums)
        add(over_all_days, policy, place.first, std::nullopt, kAgeRanges[place.second], collected);
    }
    figures.curves.insert(figures.curves.end(), over_all_days.begin(), over_all_days.end());
    return figures;
  }

 private:
  Holding holding_of(const SnapshotKey& key, const SnapshotRecord& record) const {
    Holding holding{.policy = key.policy, .day = key.day, .levels = {}, .record = &record};
    for (std::size_t i = 0; i < record.levels.size(); ++i) {
      holding.history_tokens += life_.pages[i].text_tokens;
      if (!record.levels[i]) {
        ++holding.gone;
        continue;
      }
      ++holding.pages;
      ++holding.levels[*record.levels[i]];
    }
    holding.history_tokens += record.verbatim_tokens;
    return holding;
  }

  using Pages = std::vector<std::size_t>;

  Collected in_store(const Holding& holding, const Pages& pages, const Pages& sample) {
    Collected collected{.pages = {}, .counted = pages.size()};
    for (const std::size_t page : pages)
      if (const auto level = holding.record->levels[page]) collected.tokens += token_count(*level);
    for (const std::size_t page : sample) collected.pages[page] = left_of(holding, page);
    return collected;
  }

  Collected in_newest_text(std::size_t begin, const Pages& pages, const Pages& sample) {
    Collected collected{.pages = {}, .counted = pages.size()};
    for (const std::size_t page : pages)
      collected.tokens +=
          double(begin <= life_.pages[page].begin ? life_.pages[page].text_tokens
                                                  : count_text_tokens(kept_of(page, begin)));
    for (const std::size_t page : sample) collected.pages[page] = left_in_newest_text(page, begin);
    return collected;
  }

  /// Where the newest text begins that costs as many tokens as the policy takes.
  std::size_t newest_text(const Holding& holding) const {
    const std::size_t end = life_.bytes_until(life_.end_of_day(holding.day - 1));
    const std::string_view said = std::string_view(life_.text).substr(0, end);
    // Long texts take long to count: no more of them than may be needed.
    std::size_t bytes = 8 * holding.tokens() + 64;
    while (bytes < end && costs_at_most(said.substr(end - bytes), holding.tokens())) bytes *= 2;
    const std::string_view kept =
        last_tokens(said.substr(end - std::min(bytes, end)), holding.tokens());
    return end - kept.size();
  }

  std::string_view kept_of(std::size_t page, std::size_t begin) const {
    const LifePage& whole = life_.pages[page];
    const std::string_view text = life_.text_of(whole);
    return text.substr(std::clamp(begin, whole.begin, whole.end) - whole.begin);
  }

  Left left_in_newest_text(std::size_t page, std::size_t begin) {
    const std::string_view text = life_.text_of(life_.pages[page]), kept = kept_of(page, begin);
    Tally strings{exact_strings_of(page), 0};
    if (kept.size() == text.size())
      strings.given_back = strings.all;
    else if (!kept.empty())
      strings = sum_of(exact_strings_in(text, kept));
    Left left;
    left.characters = {double(count_characters(kept)), double(life_.pages[page].characters)};
    left.exact_strings = {double(strings.given_back), double(strings.all)};
    std::size_t kept_answers = 0;
    for (const Question& question : questions_[page]) kept_answers += question.begin >= begin;
    const PageShare answers{double(kept_answers), double(questions_[page].size())};
    left.found = left.readable = left.answered = answers;
    return left;
  }

  Left left_of(const Holding& holding, std::size_t page) {
    const std::size_t asked = questions_[page].size();
    Left left;
    left.characters.whole = double(life_.pages[page].characters);
    left.found.whole = left.readable.whole = left.answered.whole = double(asked);
    const ReadingRecord* reading = reading_of(holding, page);
    const auto found = holding.record->found.find(page);
    if (!reading || found == holding.record->found.end()) {  // gone
      left.exact_strings.whole = double(exact_strings_of(page));
      return left;
    }
    left.characters.part = reading->fidelity.accuracy * left.characters.whole;
    left.exact_strings = {double(reading->exact_strings.given_back),
                          double(reading->exact_strings.all)};
    for (std::size_t i = 0; i < asked; ++i) {
      left.found.part += found->second.at(i);
      left.readable.part += reading->answers.at(i);
      left.answered.part += found->second.at(i) && reading->answers.at(i);
    }
    return left;
  }

  /// The policy's own where there is one: its page has no exact text any more.
  const ReadingRecord* reading_of(const Holding& holding, std::size_t page) const {
    const std::optional<Level> level = holding.record->levels[page];
    if (!level) return nullptr;
    const ReadingRecord* own = records_.reading({holding.policy, page, *level});
    return own ? own : records_.reading({"", page, *level});
  }

  std::size_t exact_strings_of(std::size_t page) {
    const auto [known, added] = exact_strings_.try_emplace(page);
    if (added) known->second = find_exact_strings(life_.text_of(life_.pages[page])).size();
    return known->second;
  }

  void add(std::vector<AgeCurve>& curves, const NamedPolicy& policy, Method method,
           std::optional<int> day, const AgeRange& range, const Collected& collected) const {
    if (collected.pages.empty()) return;
    const auto share = [&](PageShare Left::*of) {
      std::vector<PageShare> shares;
      for (const auto& [page, left] : collected.pages) shares.push_back(left.*of);
      return share_of(shares, plan_.seed);
    };
    AgeCurve& curve = curves.emplace_back();
    curve.policy = policy.name;
    curve.method = method;
    curve.day = day;
    curve.age = range;
    curve.pages = collected.pages.size();
    curve.tokens = collected.tokens / double(collected.counted);
    for (const auto& [page, left] : collected.pages) curve.questions += questions_[page].size();
    curve.fidelity = share(&Left::characters);
    curve.exact_strings = share(&Left::exact_strings);
    curve.found = share(&Left::found);
    curve.readable = share(&Left::readable);
    curve.answered = share(&Left::answered);
  }

  const LifetimePlan& plan_;
  const Life& life_;
  const std::vector<std::vector<Question>>& questions_;
  const LifeRecords& records_;
  std::map<std::size_t, std::size_t> exact_strings_;  // by page
};

}  // namespace

std::string_view name_of(Method method) {
  return method == Method::newest_text ? "newest text" : "vision tokens";
}

LifeFigures figures_of(const LifetimePlan& plan, const Life& life,
                       const std::vector<std::vector<Question>>& questions,
                       const LifeRecords& records) {
  return Summary(plan, life, questions, records).figures();
}

}  // namespace fovea::memctl
