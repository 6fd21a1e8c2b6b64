// A page that was measured is the same after it was written down and read again: an experiment that
// goes on gives the figures of one that was never stopped.
#include "memctl/experiment/page_record.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "fovea/error.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Made {
 public:
  explicit Made(unsigned seed) : random_(seed) {}

  PageRecord record() {
    PageRecord made;
    made.key = {.density = pick(Density::d64, Density::d106, Density::d160),
                .domain = pick("ships", "random", "a \"quoted\" name\n", "文"),
                .shuffle = pick(Shuffle::none, Shuffle::words, Shuffle::characters),
                .page = count(),
                .level = pick(Level::large, Level::tiny, Level::trace)};
    made.begin = count(), made.full = count() % 2 == 0, made.characters = count();
    made.text_tokens = count(), made.vision_tokens = count(), made.text_bytes = count();
    made.token_bytes = count(), made.zstd_bytes = count(), made.xz_bytes = count();
    made.unknown_cells = count();
    made.errors = share() * 5618, made.exact_rows = share(), made.word_precision = share();
    made.word_recall = share(), made.confidence = share();
    made.encode_seconds = share() / 1e7, made.read_seconds = share() * 1e7;
    for (const char* name : {"own", "o200k"}) made.tokens_by[name] = count();
    for (const char* kind : {"id", "path"})
      made.exact_strings[kind] = {.all = count(), .given_back = count()};
    for (auto left = count() % 5; left > 0; --left) made.rows.push_back(row());
    made.confusions[{"0", "O"}] = count(), made.confusions[{"", "文"}] = count();
    made.confusions[{"\"", ""}] = count();
    if (made.key.shuffle == Shuffle::none) {
      made.baselines["newest"] = {count(), share() * 100, share(), count(), count()};
      made.row_lengths = {106, 0, static_cast<int>(count() % 106)};
      made.wrong_cells = {"", "..#", "#"};
      made.read_rows = {"one row", "\xC3\xA9\t\\", ""};
    }
    return made;
  }

 private:
  template <typename First, typename... Others>
  First pick(First first, Others... others) {
    const First all[] = {first, others...};
    return all[random_() % std::size(all)];
  }
  std::size_t count() { return random_() % 100'000; }
  double share() { return std::uniform_real_distribution<double>()(random_); }
  float logarithm() { return random_() % 4 == 0 ? -float(kInfinity) : -float(share()) * 9; }
  RowRecord row() {
    return {
        .confidence = float(share()),
        .evidence = {.decoder = logarithm(), .weakest = logarithm(), .glyph_reader = logarithm()},
        .exact = count() % 2 == 0};
  }

  std::mt19937 random_;
};

PageRecord written_and_read(const PageRecord& record) {
  return page_record_from(Json::parse(json_of(record).dump()));
}

}  // namespace

TEST_CASE("page record: it comes back from its line as it was, to the last digit") {
  Made made(3);
  for (int round = 0; round < 200; ++round) {
    const PageRecord before = made.record(), after = written_and_read(before);
    REQUIRE(json_of(after).dump() == json_of(before).dump());
    CHECK(after.key == before.key);
    CHECK(after.errors == before.errors);
    CHECK(after.encode_seconds == before.encode_seconds);
    CHECK(after.confusions == before.confusions);
    CHECK(after.tokens_by == before.tokens_by);
    CHECK(after.row_lengths == before.row_lengths);
    CHECK(after.wrong_cells == before.wrong_cells);
    CHECK(after.read_rows == before.read_rows);
    CHECK(after.baselines.size() == before.baselines.size());
    CHECK(after.wrong_share() == before.wrong_share());
    REQUIRE(after.rows.size() == before.rows.size());
    for (std::size_t i = 0; i < after.rows.size(); ++i) {
      CHECK(after.rows[i].confidence == before.rows[i].confidence);
      CHECK(after.rows[i].exact == before.rows[i].exact);
      CHECK(after.rows[i].evidence.decoder == before.rows[i].evidence.decoder);
      CHECK(after.rows[i].evidence.weakest == before.rows[i].evidence.weakest);
      CHECK(after.rows[i].evidence.glyph_reader == before.rows[i].evidence.glyph_reader);
    }
  }
}

TEST_CASE("page record: a line that lacks anything, or has it in another form, is refused") {
  const Json whole = json_of(Made(5).record());
  REQUIRE_NOTHROW(page_record_from(whole));
  for (const auto& [name, value] : whole.items()) {
    CAPTURE(name);
    Json less = whole;
    less.erase(name);
    CHECK_THROWS(page_record_from(less));
    Json other = whole;
    other[name] = value.is_string() ? Json(7) : Json("seven");
    CHECK_THROWS(page_record_from(other));
  }
  for (const char* wrong : {R"({"level": "huge"})", R"({"shuffle": "rows"})", R"({"density": 107})",
                            R"({"rows": [[0, 0]]})", R"({"confusions": [["a", "b"]]})"}) {
    CAPTURE(wrong);
    Json other = whole;
    other.update(Json::parse(wrong));
    CHECK_THROWS(page_record_from(other));
  }
}

TEST_CASE("page record: the share of a page that is wrong, of nothing too") {
  PageRecord record;
  CHECK(record.wrong_share() == 0);
  record.characters = 200, record.errors = 5;
  CHECK(record.wrong_share() == 0.025);
}

TEST_CASE("page record: pages are in the order of density, text, shuffle, number and level") {
  const std::vector<PageKey> keys = {{Density::d64, "verse", Shuffle::words, 9, Level::trace},
                                     {Density::d106, "a", Shuffle::words, 9, Level::trace},
                                     {Density::d106, "ships", Shuffle::none, 3, Level::tiny},
                                     {Density::d106, "ships", Shuffle::none, 3, Level::trace},
                                     {Density::d106, "ships", Shuffle::none, 4, Level::large},
                                     {Density::d106, "ships", Shuffle::words, 0, Level::large},
                                     {Density::d106, "verse", Shuffle::none, 0, Level::large},
                                     {Density::d128, "a", Shuffle::none, 0, Level::large}};
  for (std::size_t i = 1; i < keys.size(); ++i) CHECK(keys[i - 1] < keys[i]);
  CHECK(columns_of(Density::d106) == "106");
}
