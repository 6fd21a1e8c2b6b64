#include "memctl/lifetime/questions.h"

#include <doctest/doctest.h>

using namespace fovea::memctl;

namespace {

Life life_of_one_page(std::string text) {
  Life life;
  life.text = std::move(text);
  life.pages.push_back({.begin = 0, .end = life.text.size()});
  return life;
}

}  // namespace

TEST_CASE("questions: one asks with the words around a string for the string itself") {
  const Life life =
      life_of_one_page("the keeper of the harbour wrote commit 4f9a1c2e7 into his book\n");
  const auto questions = questions_of(life, 1, 1).at(0);
  REQUIRE(questions.size() == 1);
  CHECK(questions[0].answer == "4f9a1c2e7");
  CHECK(life.text.substr(questions[0].begin, 9) == "4f9a1c2e7");
  CHECK(questions[0].query.find("harbour") != std::string::npos);
  CHECK(questions[0].query.find("4f9a1c2e7") == std::string::npos);
}

TEST_CASE("questions: what stands twice is no answer, and few words are no question") {
  CHECK(questions_of(life_of_one_page("the keeper saw 4f9a1c2e7 and the keeper saw 4f9a1c2e7\n"), 3,
                     1)
            .at(0)
            .empty());
  CHECK(questions_of(life_of_one_page("commit 4f9a1c2e7\n"), 3, 1).at(0).empty());
}

TEST_CASE("questions: without exact strings one asks for a word, and no line is asked for twice") {
  const Life life = life_of_one_page("once upon a midnight the lighthouse keeper slept\n");
  const auto questions = questions_of(life, 3, 1).at(0);
  REQUIRE(questions.size() == 1);
  CHECK(questions[0].answer.size() >= 6);
  CHECK(questions_of(life, 3, 1).at(0)[0].answer == questions[0].answer);
}
