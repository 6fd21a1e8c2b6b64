#include "memctl/lifetime/questions.h"

#include <algorithm>
#include <random>
#include <unordered_map>

#include "fovea/measure.h"
#include "fovea/text.h"
#include "memctl/measurement/generator.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kShortestString = 4, kShortestWord = 6;  // bytes of an answer
constexpr std::size_t kAround = 160;                           // bytes of a line on each side
constexpr std::size_t kFewestWords = 3, kMostWords = 8;        // of a query
constexpr std::size_t kShortestAsked = 3;                      // bytes of a word of a query

using Counts = std::unordered_map<std::string_view, std::size_t>;

struct Place {
  std::size_t begin, length;  // in the page
};

class Questions {
 public:
  explicit Questions(const Life& life) : life_(life) {
    for (const std::string_view word : words_of(life.text)) ++words_[word];
    for (const ExactString& one : find_exact_strings(life.text))
      ++strings_[std::string_view(life.text).substr(one.begin, one.length)];
  }

  std::vector<Question> of(const LifePage& page, std::size_t most, std::mt19937_64& random) const {
    const std::string_view text = life_.text_of(page);
    std::vector<Question> chosen;
    for (const bool words : {false, true}) {
      if (chosen.size() == most) break;
      std::vector<Place> places = words ? words_in(text) : strings_in(text);
      shuffle(places, random);
      for (const Place& place : places) {
        if (chosen.size() == most) break;
        const Question question{query_for(text, place),
                                std::string(text.substr(place.begin, place.length)),
                                page.begin + place.begin};
        if (!question.query.empty() && is_apart(question, chosen)) chosen.push_back(question);
      }
    }
    std::ranges::sort(chosen, {}, &Question::begin);
    return chosen;
  }

 private:
  /// The standard's shuffle differs between libraries.
  static void shuffle(std::vector<Place>& places, std::mt19937_64& random) {
    for (std::size_t i = places.size(); i > 1; --i) std::swap(places[i - 1], places[random() % i]);
  }

  /// No two questions of a page about the same line.
  static bool is_apart(const Question& question, const std::vector<Question>& others) {
    return std::ranges::all_of(others, [&](const Question& other) {
      const std::size_t low = std::min(question.begin, other.begin);
      return std::max(question.begin, other.begin) - low > 2 * kAround;
    });
  }

  static bool is_once(std::string_view text, const Place& place) {
    const std::string_view found = text.substr(place.begin, place.length);
    return text.find(found) == place.begin &&
           text.find(found, place.begin + 1) == std::string_view::npos;
  }

  std::vector<Place> strings_in(std::string_view text) const {
    std::vector<Place> places;
    for (const ExactString& one : find_exact_strings(text)) {
      const auto count = strings_.find(text.substr(one.begin, one.length));
      const bool is_rare = count != strings_.end() && count->second == 1;
      const Place place{one.begin, one.length};
      if (is_rare && one.length >= kShortestString && is_once(text, place)) places.push_back(place);
    }
    return places;
  }

  std::vector<Place> words_in(std::string_view text) const {
    std::vector<Place> places;
    for (const std::string_view word : words_of(text)) {
      const Place place{static_cast<std::size_t>(word.data() - text.data()), word.size()};
      if (word.size() >= kShortestWord && count_of(word) == 1 && is_once(text, place))
        places.push_back(place);
    }
    return places;
  }

  /// 0 for a word that the end of a page cuts.
  std::size_t count_of(std::string_view word) const {
    const auto found = words_.find(word);
    return found == words_.end() ? 0 : found->second;
  }

  /// The rarest words of the answer's line in their order; empty where it has too few.
  std::string query_for(std::string_view text, const Place& answer) const {
    std::vector<std::string_view> words;
    for (const std::string_view side : {before(text, answer), after(text, answer)})
      for (const std::string_view word : words_of(side))
        if (word.size() >= kShortestAsked && count_of(word) > 0 &&
            std::ranges::find(words, word) == words.end())
          words.push_back(word);
    if (words.size() < kFewestWords) return {};
    std::vector<std::size_t> counts;
    for (const std::string_view word : words) counts.push_back(count_of(word));
    std::ranges::sort(counts);
    const std::size_t most = counts[std::min(counts.size(), kMostWords) - 1];
    std::string query;
    std::size_t taken = 0;
    for (const std::string_view word : words) {
      if (count_of(word) > most || taken == kMostWords) continue;
      if (taken++ > 0) query += ' ';
      query += word;
    }
    return query;
  }

  static std::string_view before(std::string_view text, const Place& place) {
    std::size_t begin = place.begin > kAround ? character_start(text, place.begin - kAround) : 0;
    const std::size_t line = text.substr(0, place.begin).rfind('\n');
    if (line != std::string_view::npos) begin = std::max(begin, line + 1);
    return text.substr(begin, place.begin - begin);
  }

  static std::string_view after(std::string_view text, const Place& place) {
    const std::string_view rest = cut_text(text.substr(place.begin + place.length), kAround);
    return rest.substr(0, rest.find('\n'));
  }

  const Life& life_;
  Counts words_, strings_;
};

}  // namespace

std::vector<std::vector<Question>> questions_of(const Life& life, std::size_t per_page,
                                                std::uint64_t seed) {
  const Questions questions(life);
  std::vector<std::vector<Question>> all;
  for (const LifePage& page : life.pages) {
    auto random = generator_of(seed, {all.size()});
    all.push_back(questions.of(page, per_page, random));
  }
  return all;
}

}  // namespace fovea::memctl
