#include "memory/piece_vectors.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "memory/pieces.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

const std::string kModel = "toy-model";

/// Two kinds of meaning, and a little of none.
std::vector<float> toy(const std::string& text) {
  const auto has = [&](std::initializer_list<const char*> words) {
    return std::ranges::any_of(words, [&](const char* word) { return contains(text, word); }) ? 1.f : 0.f;
  };
  return {has({"dog", "puppy", "hound"}), has({"car", "automobile", "engine"}), .3f};
}

/// A store of messages, each on a page of its own, and their vectors.
struct Meanings {
  TemporaryFolder folder;
  Store store{folder.file()};
  ScopeId scope = store.scope(kScope);

  PageId say(const std::string& text, const std::string& id = "") {
    return add_text(store, scope, text, id);
  }
  void embed(ScopeId of, const std::string& model = kModel) {
    const auto pieces = store.pieces_without_vector(of, 0, 100);
    std::vector<std::vector<float>> vectors;
    for (const Piece& piece : pieces) vectors.push_back(toy(*piece.text));
    store.set_vectors(of, model, pieces, vectors);
  }
  QuestionVector asked(const std::string& question, const std::string& model = kModel) const {
    return {model, toy(question)};
  }
  std::vector<PageId> found(const std::string& question, const Scope& name = kScope) const {
    std::vector<PageId> pages;
    for (const PageScore& page : store.search_text(name, question, 10, {}, asked(question)).pages)
      pages.push_back(page.id);
    return pages;
  }
};

}  // namespace

TEST_CASE("vectors: a question that shares no word finds by meaning, and without a vector nothing") {
  Meanings m;
  m.say("The bus is late again.");
  const PageId puppy = m.say("Our puppy chewed the slippers.");
  m.say("Rain all week.");
  m.embed(m.scope);
  CHECK(m.store.search_text(kScope, "hound", 10).pages.empty());
  REQUIRE_FALSE(m.found("hound").empty());
  CHECK(m.found("hound").front() == puppy);
  const auto best = m.store.search_text(kScope, "hound", 10, {}, m.asked("hound")).pages.front();
  CHECK(best.cosine == doctest::Approx(1).epsilon(.01));
  std::size_t answering = 0;
  const auto order = m.store.order_pieces(m.scope, "hound", &answering, m.asked("hound"));
  CHECK(answering > 0);
  CHECK(m.store.read_pieces(m.scope, {order.data(), 1}).at(0).text == "Our puppy chewed the slippers.");
}

TEST_CASE("vectors: words and meaning count alike, each as a share of the best") {
  Meanings m;
  const PageId both = m.say("The hound has a red collar.");
  const PageId word = m.say("Seven hats, one collar, no hat stand, and a long list of other things.");
  const PageId meaning = m.say("A puppy again.");
  m.embed(m.scope);
  const auto pages = m.found("collar of the dog");
  REQUIRE(pages.size() == 3);
  CHECK(pages[0] == both);
  CHECK(std::ranges::count(pages, word) == 1);
  CHECK(std::ranges::count(pages, meaning) == 1);
}

TEST_CASE("vectors: a piece without one counts as the mean, and is told of") {
  Meanings m;
  m.say("Our puppy sleeps.");
  m.say("The engine coughs.");
  m.embed(m.scope);
  const PageId late = m.say("A dog with the harbour master.");
  const TextHits hits = m.store.search_text(kScope, "hound", 10, {}, m.asked("hound"));
  CHECK(hits.without_vector == 1);
  CHECK(std::ranges::count(hits.pages, late, &PageScore::id) == 0);
  CHECK(m.found("harbour").front() == late);
  CHECK(m.store.pieces_without_vector(m.scope, 0, 10).size() == 1);
  m.embed(m.scope);  // what is new is read without reading the rest again
  CHECK(m.store.search_text(kScope, "hound", 10, {}, m.asked("hound")).without_vector == 0);
}

TEST_CASE("vectors: another user's never enter a search, nor are they touched") {
  Meanings m;
  const Scope other{"someone else", "a", "s"};
  const ScopeId theirs = m.store.scope(other);
  const PageId secret = add_text(m.store, theirs, "My dog is called Argos.");
  m.say("The engine coughs.");
  m.embed(m.scope);
  m.embed(theirs);
  const PageId mine = m.say("Nothing to tell.");
  m.embed(m.scope);
  CHECK(std::ranges::count(m.found("puppy"), secret) == 0);
  CHECK(m.found("puppy", other) == std::vector<PageId>{secret});
  for (const Piece& piece : m.store.pieces(m.scope)) CHECK(piece.page != secret);
  const std::vector<Condition> anywhere = {condition_from_text("agent ~ *")};
  for (const PageScore& page : m.store.search_text(kScope, "puppy", 10, anywhere, m.asked("puppy")).pages)
    CHECK(page.id != secret);
  m.store.remove_vectors(m.scope);
  CHECK(m.store.vector_stats(m.scope).with_vector == 0);
  CHECK(m.store.vector_stats(theirs).with_vector == 1);
  m.store.erase_pages(m.scope, {&mine, 1}, 5);
  CHECK(m.store.vector_stats(theirs).with_vector == 1);
  CHECK(m.store.verify().empty());
}

TEST_CASE("vectors: of two embedders none are compared, and the error says what to do") {
  Meanings m;
  m.say("Our puppy sleeps.");
  m.embed(m.scope);
  m.say("The engine coughs.");
  const auto refused = [&](auto call) {
    const auto error = error_of(call);
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK(contains(error->what(), "toy-model"));
    CHECK(contains(error->what(), "--replace"));
  };
  refused([&] { m.embed(m.scope, "another"); });
  refused([&] { m.store.search_text(kScope, "dog", 5, {}, m.asked("dog", "another")); });
  refused([&] { m.store.to_be_embedded("another", kScope, "dog"); });
  refused([&] { m.store.search_text(kScope, "dog", 5, {}, {kModel, {1, 0}}); });
  const auto error = error_of([&] {
    const auto pieces = m.store.pieces_without_vector(m.scope, 0, 10);
    m.store.set_vectors(m.scope, kModel, pieces, std::vector<std::vector<float>>{{1, 0}});
  });
  REQUIRE(error);
  CHECK(contains(error->what(), "2 numbers, others have 3"));
  m.store.remove_vectors(m.scope);
  m.embed(m.scope, "another");
  CHECK(m.store.vector_stats(m.scope).embedder == "another");
  CHECK(m.store.vector_stats(m.scope).with_vector == 2);
}

TEST_CASE("vectors: they go with the text of their pieces, and the receipt counts them") {
  Meanings m;
  const PageId first = m.say("Our puppy sleeps."), second = m.say("The engine coughs.");
  m.say("Third.");
  m.embed(m.scope);
  const EraseReceipt erased = m.store.erase_pages(m.scope, {&first, 1}, 5);
  CHECK(erased.rows.at("piece_vectors") == 1);
  CHECK(m.store.vector_stats(m.scope).with_vector == 2);
  m.store.drop_archive(m.scope, second, 6);
  CHECK(m.store.vector_stats(m.scope).with_vector == 1);
  CHECK(m.store.verify().empty());
  CHECK(m.store.erase_scope(m.scope, 7).rows.at("piece_vectors") == 1);
  CHECK(m.store.vector_stats(m.scope).with_vector == 0);
  CHECK(m.store.verify().empty());
}

TEST_CASE("vectors: what has expired is neither embedded nor found, and its vectors go") {
  Meanings m;
  const NewMessage brief{"user", "Our puppy sleeps.", 10, "b", 20};
  m.store.add_messages(m.scope, {&brief, 1});
  CHECK(m.store.pieces_without_vector(m.scope, 0, 10).empty());
  const NewMessage longer{"user", "A hound barks.", 10, "l", 4'000'000'000};
  m.store.add_messages(m.scope, {&longer, 1});
  m.embed(m.scope);
  CHECK(m.store.vector_stats(m.scope).with_vector == 1);
  CHECK(m.store.erase_expired(m.scope, 4'000'000'001).rows.at("piece_vectors") == 1);
}

TEST_CASE("vectors: what is shortened by an erasure has none, as it means something else") {
  Meanings m;
  const NewMessage message{"user", "Our puppy sleeps. The engine coughs.", 10, "m"};
  m.store.add_messages(m.scope, {&message, 1});
  m.embed(m.scope);
  const std::int64_t id = m.store.find_messages(m.scope, {}).front();
  m.store.erase(m.scope, {.pages = {}, .rewritten = {}, .verbatim = {{id, 0, 18}}}, 5);
  CHECK(m.store.vector_stats(m.scope).with_vector == 0);
  CHECK(m.store.pieces_without_vector(m.scope, 0, 10).at(0).text == "The engine coughs.");
  m.embed(m.scope);
  CHECK(m.store.search_text(kScope, "automobile", 5, {}, m.asked("automobile")).verbatim != 0);
}

TEST_CASE("vectors: a piece that changed meanwhile does not get one") {
  Meanings m;
  m.say("Our puppy sleeps.");
  auto pieces = m.store.pieces_without_vector(m.scope, 0, 10);
  pieces[0].length -= 1;
  CHECK(m.store.set_vectors(m.scope, kModel, pieces, std::vector<std::vector<float>>{{1, 0, 0}}) == 0);
  for (const std::vector<float>& bad : {std::vector<float>{0, 0, 0}, std::vector<float>{NAN, 1, 1}}) {
    pieces = m.store.pieces_without_vector(m.scope, 0, 10);
    CHECK(error_of([&] { m.store.set_vectors(m.scope, kModel, pieces, {&bad, 1}); })->code() ==
          ErrorCode::invalid_argument);
  }
}

TEST_CASE("vectors: an exported scope takes them along, under the embedder's name") {
  Meanings m;
  m.say("Filler for other ids.");
  const Scope moved{"u", "a", "moved"};
  Store target(m.folder.file("target.db"));
  const ScopeId before = target.scope({"x", "y", "z"});
  add_text(target, before, "A text of somebody else.");
  m.say("Our puppy sleeps.");
  m.embed(m.scope);
  m.store.export_scope(kScope, m.folder.file("scope.fovea"), {});
  target.import_scope(m.folder.file("scope.fovea"), {}, {}, moved);
  const ScopeId scope = target.find_scope(moved).value();
  CHECK(target.vector_stats(scope).embedder == kModel);
  CHECK(target.vector_stats(scope).with_vector == 2);
  CHECK(target.vector_stats(before).with_vector == 0);
  CHECK(target.search_text(moved, "hound", 5, {}, m.asked("hound")).pages.size() == 1);
  CHECK(target.verify().empty());
}

TEST_CASE("vectors: a damaged one is named, left out and made anew" * doctest::skip(on_server())) {
  Meanings m;
  m.say("Our puppy sleeps.");
  m.say("The engine coughs.");
  m.embed(m.scope);
  {
    const Database database(m.folder.file(), "store", 1000);
    database.execute("UPDATE piece_vectors SET vector = x'0000803f010203' WHERE piece & 1");
  }
  Store store(m.folder.file());
  const auto findings = store.verify();
  REQUIRE(findings.size() == 1);
  CHECK(contains(findings.front(), "has a vector that does not match its checksum"));
  CHECK(store.search_text(kScope, "hound", 5, {}, m.asked("hound")).without_vector == 1);
  CHECK(store.pieces_without_vector(m.scope, 0, 10).size() == 1);
  m.embed(m.scope);
  CHECK(Store(m.folder.file()).verify().empty());
}

TEST_CASE("vectors: of a question the names of speakers are not embedded") {
  Meanings m;
  for (int i = 0; i < 4; ++i) {
    m.say("Caroline: I like the sea, part " + std::to_string(i) + ".");
    m.say("Melanie: And I like the hills, part " + std::to_string(i) + ".");
  }
  CHECK_FALSE(m.store.to_be_embedded(kModel, kScope, "What does Caroline like?"));
  m.embed(m.scope);
  CHECK(m.store.to_be_embedded(kModel, kScope, "What is Caroline's dog?") == "What is  dog?");
  CHECK(m.store.to_be_embedded(kModel, kScope, "Caroline?") == "Caroline?");
}

TEST_CASE("vectors: cosines are those of the vectors, but for what eight bits take") {
  PieceVectors vectors;
  vectors.dim = 384;
  std::vector<std::vector<float>> exact;
  std::vector<float> question;
  std::uint32_t state = 7;
  const auto random = [&] {
    state = state * 1664525 + 1013904223;
    return static_cast<float>(state >> 8) / static_cast<float>(1 << 24) - .5f;
  };
  const auto unit = [&] {
    std::vector<float> vector(vectors.dim);
    float length = 0;
    for (float& value : vector) {
      value = random();
      length += value * value;
    }
    for (float& value : vector) value /= std::sqrt(length);
    return vector;
  };
  for (int i = 0; i < 9000; ++i) {
    exact.push_back(unit());
    float largest = 0;
    for (const float value : exact.back()) largest = std::max(largest, std::abs(value));
    vectors.scales.push_back(largest / 127);
    for (const float value : exact.back())
      vectors.values.push_back(static_cast<std::int8_t>(std::lround(value / vectors.scales.back())));
  }
  question = unit();
  const auto found = cosines(vectors, question);
  double worst = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < vectors.dim; ++j)
      sum += static_cast<double>(exact[i][j]) * static_cast<double>(question[j]);
    worst = std::max(worst, std::abs(sum - static_cast<double>(found[i])));
  }
  CHECK(worst < .002);
}
