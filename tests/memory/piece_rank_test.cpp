#include "memory/piece_rank.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "memory/embedding_bytes.h"
#include "memory/pieces.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

constexpr const char* kEmbedder = "toy";
constexpr std::size_t kDim = 8;

std::vector<float> unit(std::vector<float> vector) {
  float length = 0;
  for (const float value : vector) length += value * value;
  for (float& value : vector) value /= std::sqrt(length);
  return vector;
}

/// A store of random messages, most of them on pages, with vectors.
class RandomStore {
 public:
  /// `roles`: of the messages in turn.
  RandomStore(unsigned seed, std::vector<std::string> roles, std::size_t longest)
      : random_(seed), roles_(std::move(roles)), longest_(longest) {}

  Store& store() { return store_; }
  ScopeId scope() const { return scope_; }

  std::string words(std::size_t count) {
    static constexpr std::string_view kSyllables = "bakodilunomatu";
    std::string text;
    for (; count > 0; --count) {
      const double rank = std::exp(uniform_(random_) * std::log(300.));
      for (auto left = static_cast<std::size_t>(rank) + 6; left > 0; left /= 7)
        text += kSyllables.substr(2 * (left % 7), 2);
      text += ' ';
    }
    return text;
  }

  std::vector<float> vector() {
    std::normal_distribution<float> normal;
    std::vector<float> values(kDim);
    for (float& value : values) value = normal(random_);
    return unit(values);
  }

  void grow(int messages) {
    for (int i = 0; i < messages; ++i) {
      time_ += random_() % 20 == 0 ? 50'000 : 60;
      const NewMessage message{roles_[count_++ % roles_.size()], words(1 + random_() % longest_), time_, ""};
      store_.add_messages(scope_, {&message, 1});
      const Verbatim verbatim = store_.verbatim(scope_, 3000);
      if (verbatim.text.size() > 2000) store_.add_page(scope_, make_page(verbatim.text));
    }
    note_stretches();
    const auto pieces = store_.pieces_without_vector(scope_, 0, SIZE_MAX);
    std::vector<std::vector<float>> made;
    for (const Piece& piece : pieces) {
      made.push_back(vector());
      vectors_[piece.place] = unpack_embedding(pack_embedding(made.back()));
    }
    store_.set_vectors(scope_, kEmbedder, pieces, made);
  }

  /// What is left of a piece in part has no vector.
  std::set<std::int64_t> without_vector() const {
    std::set<std::int64_t> places;
    for (const Piece& piece : store_.pieces_without_vector(scope_, 0, SIZE_MAX)) places.insert(piece.place);
    return places;
  }

  void erase_some() {
    std::vector<PageId> pages;
    for (const Piece& piece : store_.pieces(scope_)) {
      if (piece.page != 0 && random_() % 40 == 0) pages.push_back(piece.page);
    }
    std::ranges::sort(pages);
    pages.erase(std::ranges::unique(pages).begin(), pages.end());
    store_.erase_pages(scope_, pages, time_);
  }

  std::int64_t stretch(std::int64_t place) const { return stretches_.at(place); }
  const std::vector<float>& vector_of(std::int64_t place) const { return vectors_.at(place); }
  std::size_t random(std::size_t below) { return random_() % below; }

 private:
  /// About 5600 bytes each, of the pieces that there are when one is added.
  void note_stretches() {
    std::int64_t stretch = 0;
    std::size_t bytes = 0;
    for (const Piece& piece : store_.pieces(scope_)) {
      const auto known = stretches_.find(piece.place);
      const std::int64_t last = stretch;
      if (known != stretches_.end())
        stretch = known->second;
      else if (bytes > 0 && bytes + piece.length > 5600)
        ++stretch;
      bytes = (stretch == last ? bytes : 0) + piece.length;
      stretches_[piece.place] = stretch;
    }
  }

  TemporaryFolder folder_;
  Store store_{folder_.file()};
  ScopeId scope_ = store_.scope(kScope);
  std::mt19937 random_;
  std::uniform_real_distribution<double> uniform_{0, 1};
  std::vector<std::string> roles_;
  std::size_t longest_, count_ = 0;
  Time time_ = 1'700'000'000;
  std::map<std::int64_t, std::int64_t> stretches_;
  std::map<std::int64_t, std::vector<float>> vectors_;
};

/// The ranking as doc/search.md tells it, every piece for itself and nothing left out.
class PlainRanking {
 public:
  PlainRanking(RandomStore& of, const std::string& question, const std::vector<float>& meaning)
      : pieces_(of.store().pieces(of.scope())) {
    std::vector<std::int64_t> places;
    for (const Piece& piece : pieces_) places.push_back(piece.place);
    pieces_ = of.store().read_pieces(of.scope(), places);
    for (const Piece& piece : pieces_) stretch_.push_back(of.stretch(piece.place));
    own_.resize(pieces_.size());
    alone_.resize(pieces_.size());
    std::istringstream words(question);
    std::vector<std::string> asked;
    for (std::string word; words >> word;) {
      if (std::ranges::find(asked, word) == asked.end()) asked.push_back(word);
    }
    for (const std::string& word : asked) add(word);
    if (!meaning.empty()) add_meaning(of, meaning);
    spread();
  }

  const std::vector<Piece>& pieces() const { return pieces_; }
  double score(std::size_t i) const { return score_[i]; }

  /// Score by page that has a piece with anything of its own.
  std::map<PageId, double> pages() const {
    std::map<PageId, double> best, found;
    double best_piece = 0, best_page = 0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (pieces_[i].page == 0) continue;
      best[pieces_[i].page] = std::max(best[pieces_[i].page], score_[i]);
      if (own_[i] > 0) found[pieces_[i].page] = 0;
    }
    for (auto& [page, score] : found) {
      best_piece = std::max(best_piece, best[page]);
      if (page_.contains(page)) best_page = std::max(best_page, page_.at(page));
    }
    for (auto& [page, score] : found) {
      score = best[page] / best_piece;
      if (best_page > 0 && page_.contains(page)) score += .25 * page_.at(page) / best_page;
    }
    return found;
  }

 private:
  static std::size_t count(const std::string& text, const std::string& word) {
    std::istringstream words(text);
    std::size_t times = 0;
    for (std::string one; words >> one;) times += word.empty() || one == word ? 1 : 0;
    return times;
  }

  /// bm25 of a word in the things that `key_of` puts pieces into.
  template <class KeyOf>
  std::map<std::int64_t, double> bm25(const std::string& word, double saturation, KeyOf key_of) const {
    std::map<std::int64_t, double> times, lengths;
    double all = 0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const auto length = static_cast<double>(count(*pieces_[i].text, ""));
      all += length;
      const std::int64_t key = key_of(i);
      if (key < 0) continue;
      lengths[key] += length;
      if (const std::size_t found = count(*pieces_[i].text, word))
        times[key] += static_cast<double>(found);
    }
    const auto n = static_cast<double>(times.size()), size = static_cast<double>(lengths.size());
    const double weight = std::log1p((size - n + .5) / (n + .5));
    for (auto& [key, value] : times)
      value = weight * value * (saturation + 1) /
              (value + saturation * (.25 + .75 * lengths[key] / (all / size)));
    return times;
  }

  void add(const std::string& word) {
    const auto by_piece = bm25(word, .9, [](std::size_t i) { return static_cast<std::int64_t>(i); });
    const auto by_stretch = bm25(word, 1.2, [&](std::size_t i) { return stretch_[i]; });
    const auto by_session = bm25(word, 1.2, [&](std::size_t i) { return pieces_[i].session; });
    const auto by_page = bm25(word, 1.2, [&](std::size_t i) { return pieces_[i].page != 0 ? pieces_[i].page : -1; });
    const bool sessions = pieces_.front().session != pieces_.back().session;
    const auto at = [](const auto& map, std::int64_t key) {
      const auto found = map.find(key);
      return found == map.end() ? 0 : found->second;
    };
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const double own = at(by_piece, static_cast<std::int64_t>(i));
      own_[i] += own;
      alone_[i] += own + (sessions ? .2 : .3) * at(by_stretch, stretch_[i]) +
                   (sessions ? .3 * at(by_session, pieces_[i].session) : 0);
    }
    for (const auto& [page, value] : by_page) page_[page] += value;
  }

  void add_meaning(const RandomStore& of, const std::vector<float>& meaning) {
    const std::set<std::int64_t> without = of.without_vector();
    std::map<std::size_t, double> cosines;
    double mean = 0, best = 0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (without.contains(pieces_[i].place)) continue;
      const std::vector<float>& vector = of.vector_of(pieces_[i].place);
      for (std::size_t j = 0; j < kDim; ++j)
        cosines[i] += static_cast<double>(vector[j]) * static_cast<double>(meaning[j]);
    }
    for (const auto& [i, cosine] : cosines) mean += cosine / static_cast<double>(cosines.size());
    for (const auto& [i, cosine] : cosines) best = std::max(best, cosine - mean);
    const double words = *std::ranges::max_element(alone_);
    for (double& alone : alone_) alone = words > 0 ? alone / words : 0;
    for (const auto& [i, cosine] : cosines) {
      const double more = std::max(0., cosine - mean) / best;
      alone_[i] += more;
      own_[i] += more;
    }
  }

  void spread() {
    std::vector<std::size_t> message(pieces_.size());
    for (std::size_t i = 1; i < pieces_.size(); ++i)
      message[i] = message[i - 1] + (pieces_[i].message != pieces_[i - 1].message ? 1 : 0);
    const auto has = [&](const char* role) { return std::ranges::find(pieces_, role, &Piece::role) != pieces_.end(); };
    const bool roles = has("user") && has("assistant");
    const bool by_message = !roles && static_cast<double>(pieces_.size()) >= 1.5 * static_cast<double>(message.back() + 1);
    std::vector<double> best(message.back() + 1);
    for (std::size_t i = 0; i < pieces_.size(); ++i) best[message[i]] = std::max(best[message[i]], alone_[i]);
    constexpr double kNear[] = {0, .5, .3, .15};
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const auto& from = by_message ? best : alone_;
      const std::size_t at = by_message ? message[i] : i;
      double score = alone_[i];
      for (std::size_t d = 1; d <= 3; ++d) {
        if (at >= d) score += kNear[d] * from[at - d];
        if (at + d < from.size()) score += kNear[d] * from[at + d];
      }
      if (roles && pieces_[i].role == "user") score *= 3;
      if (i == 0 || message[i] != message[i - 1]) score *= 1.4;
      score_.push_back(score);
    }
  }

  std::vector<Piece> pieces_;
  std::vector<std::int64_t> stretch_;
  std::vector<double> own_, alone_, score_;
  std::map<PageId, double> page_;
};

/// Floats are summed up in another order, and a question's vector has 16 bits a value.
double tolerance(const QuestionVector& meaning) { return meaning.values.empty() ? 1e-4 : 1e-3; }

void check_pages(RandomStore& of, const std::string& question, const QuestionVector& meaning,
                 const PlainRanking& plain) {
  auto expected = plain.pages();
  const auto all = of.store().search_text(kScope, question, SIZE_MAX, {}, meaning).pages;
  CHECK(all.size() == expected.size());
  for (const PageScore& page : all) {
    REQUIRE(expected.contains(page.id));
    CHECK(page.score == doctest::Approx(expected[page.id]).epsilon(tolerance(meaning)));
  }
  const auto some = of.store().search_text(kScope, question, 5, {}, meaning).pages;
  REQUIRE(some.size() == std::min<std::size_t>(5, all.size()));
  for (std::size_t i = 0; i < some.size(); ++i) CHECK(some[i].id == all[i].id);
}

void check_order(RandomStore& of, const std::string& question, const QuestionVector& meaning,
                 const PlainRanking& plain) {
  std::map<std::int64_t, double> expected;
  for (std::size_t i = 0; i < plain.pieces().size(); ++i) expected[plain.pieces()[i].place] = plain.score(i);
  std::size_t answering = 0;
  const auto order = of.store().order_pieces(of.scope(), question, &answering, meaning);
  CHECK(order.size() == expected.size());
  CHECK(static_cast<std::ptrdiff_t>(answering) ==
        std::ranges::count_if(expected, [](const auto& piece) { return piece.second > 0; }));
  for (std::size_t i = 1; i < order.size(); ++i)
    CHECK(expected.at(order[i]) <= expected.at(order[i - 1]) * (1 + tolerance(meaning)) + 1e-6);
  for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, 1 + of.random(order.size()), answering}) {
    const auto first = of.store().order_pieces(of.scope(), question, nullptr, meaning, {}, limit);
    CHECK(first == std::vector(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(limit)));
  }
}

void check_against_plain(RandomStore& of, int questions) {
  for (int i = 0; i < questions; ++i) {
    const std::string question = of.words(1 + of.random(6));
    QuestionVector meaning;
    if (i % 2 == 1) meaning = {kEmbedder, of.vector()};
    const PlainRanking plain(of, question, meaning.values);
    CAPTURE(question);
    check_pages(of, question, meaning, plain);
    check_order(of, question, meaning, plain);
  }
}

}  // namespace

TEST_CASE("ranking: random stores are ranked as piece by piece, before and after pages are erased") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    RandomStore chat(seed, {"user", "assistant"}, seed % 2 ? 60 : 300);
    chat.grow(120);
    check_against_plain(chat, 6);
    chat.erase_some();
    check_against_plain(chat, 6);
    chat.grow(40);
    check_against_plain(chat, 6);
  }
}

TEST_CASE("ranking: long messages of one voice are ranked as piece by piece") {
  RandomStore tale(5, {"narrator"}, 400);
  tale.grow(60);
  check_against_plain(tale, 10);
  tale.erase_some();
  check_against_plain(tale, 10);
}

TEST_CASE("ranking: what another scope holds moves no score") {
  RandomStore chat(6, {"user", "assistant"}, 80);
  chat.grow(80);
  const std::string question = chat.words(4);
  const auto told = [&] {
    std::ostringstream text;
    for (const PageScore& page : chat.store().search_text(kScope, question, 50).pages)
      text << page.id << ' ' << page.score << '\n';
    for (const std::int64_t place : chat.store().order_pieces(chat.scope(), question)) text << place << ' ';
    return text.str();
  };
  const std::string before = told();
  const ScopeId other = chat.store().scope({"v", "a", "s"});
  for (int i = 0; i < 20; ++i) add_text(chat.store(), other, question + chat.words(50));
  CHECK(told() == before);
}

TEST_CASE("ranking: what is erased or over answers no more, though it was ranked before") {
  TemporaryFolder folder;
  Store reader(folder.file()), writer(folder.file());
  const ScopeId scope = writer.scope(kScope);
  const auto found = [&] {
    std::vector<PageId> pages;
    for (const PageScore& page : reader.search_text(kScope, "kingfisher", 10).pages) pages.push_back(page.id);
    return pages;
  };
  const PageId first = add_text(writer, scope, "The kingfisher is blue.");
  const PageId second = add_text(writer, scope, "A kingfisher dives.");
  CHECK(found().size() == 2);
  writer.erase_pages(scope, std::vector{first}, 5);
  CHECK(found() == std::vector{second});
  NewMessage message{"user", "The kingfisher was here.", 0, ""};
  message.expires = std::time(nullptr) - 1;
  writer.add_messages(scope, {&message, 1});
  writer.add_page(scope, make_page(message.text));
  CHECK(found() == std::vector{second});
  CHECK(reader.order_pieces(scope, "kingfisher").size() == 1);
}
