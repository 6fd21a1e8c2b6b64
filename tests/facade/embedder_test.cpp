// Meaning in search, recall and context; needs the shipped checkpoint.

#include "tests/facade/facade_fixture.h"

#include <algorithm>

#include "fovea/embedder.h"

namespace {

using namespace fovea;
using namespace fovea::test;

/// Two kinds of meaning, and a little of none. Counts the texts that it was given.
struct Toy {
  std::shared_ptr<std::vector<std::string>> texts = std::make_shared<std::vector<std::string>>();

  static bool has(const std::string& text, std::initializer_list<const char*> words) {
    return std::ranges::any_of(words, [&](const char* word) { return text.find(word) != std::string::npos; });
  }
  Embedder embedder(const std::string& name = "toy") const {
    return {.name = name, .embed = [texts = texts](const std::vector<std::string>& given) {
              std::vector<std::vector<float>> vectors;
              for (const std::string& text : given) {
                texts->push_back(text);
                vectors.push_back({has(text, {"dog", "puppy", "hound"}) ? 1.f : 0.f,
                                   has(text, {"car", "automobile", "engine"}) ? 1.f : 0.f, .3f});
              }
              return vectors;
            }};
  }
};

const std::vector<Message> kTalk = {said("The bus is late again.", "1"),
                                    said("Our puppy chewed the slippers.", "2"),
                                    said("The engine coughs in the morning.", "3")};

bool is_in(const std::string& part, const std::string& text) { return text.find(part) != std::string::npos; }

std::string text_of(const Context& context) {
  std::string text;
  for (const ContextPart& part : context.parts) text += part.text;
  return text;
}

TEST_CASE("embedder: without one a question that shares no word finds nothing, and is told why") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, kTalk, at_level(kTiny));
  memory.finish(at_level(kTiny));
  const SearchResult none = memory.search("zeppelin", SearchOptions{});
  CHECK(none.hits.empty());
  CHECK(is_in("no text here shares a word with the query; an embedder", none.note));
  CHECK(memory.recall_pieces("zeppelin").empty());
  const Context context = memory.context({.budget = 500, .query = "zeppelin", .target = "text"});
  CHECK(is_in("puppy", text_of(context)));  // the newest, as far as they go
  REQUIRE(context.notes.size() == 1);
  CHECK(is_in("The context holds the newest text instead", context.notes[0]));
  CHECK(memory.context({.budget = 500, .query = "slippers", .target = "text"}).notes.empty());
}

TEST_CASE("embedder: what is added is embedded, and a question finds by meaning") {
  const TemporaryStore store;
  Memory memory = store.open();
  const Toy toy;
  memory.use_embedder(toy.embedder());
  compact(memory, kTalk, at_level(kTiny));
  CHECK(toy.texts->size() == 3);
  CHECK(memory.recall_pieces("hound", 1).at(0).text == "Our puppy chewed the slippers.");
  CHECK(memory.search("hound", SearchOptions{}).verbatim_snippet == "Our puppy chewed the slippers.");
  memory.finish(at_level(kTiny));
  CHECK(toy.texts->size() == 3 + 2);  // the pieces once, and each question
  const auto hit = memory.search("hound", 1).at(0);
  CHECK(hit.snippet == "Our puppy chewed the slippers.");
  CHECK(hit.cosine.value() > .9);
  CHECK(is_in("puppy", text_of(memory.context({.budget = 60, .query = "hound", .target = "text"}))));
  const Stats stats = memory.stats();
  CHECK(stats.embedded_pieces == 3);
  CHECK(stats.pieces == 3);
  CHECK(stats.embedder == "toy");
  CHECK(memory.verify().empty());
}

TEST_CASE("embedder: what was stored without one is embedded by a call that goes on where it ended") {
  const TemporaryStore store;
  { Memory memory = store.open(); compact(memory, kTalk, at_level(kTiny)); }
  Memory memory = store.open();
  CHECK(code_of([&] { memory.embed_pieces(); }) == ErrorCode::invalid_argument);
  const Toy toy;
  Embedder one_by_one = toy.embedder();
  one_by_one.batch = 1;
  memory.use_embedder(one_by_one);
  CHECK(memory.recall_pieces("hound").empty());
  CHECK(toy.texts->empty());  // a query embeds nothing that is stored
  EmbedOptions first;
  first.progress = [](std::size_t done, std::size_t total) {
    CHECK(total == 3);
    return done < 2;
  };
  const EmbedResult part = memory.embed_pieces(first);
  CHECK(part.stopped);
  CHECK(part.pieces == 2);
  const EmbedResult rest = memory.embed_pieces();
  CHECK(rest.pieces == 1);
  CHECK(rest.known == 2);
  CHECK(memory.recall_pieces("hound", 1).at(0).text == "Our puppy chewed the slippers.");
  CHECK(memory.embed_pieces().pieces == 0);
}

TEST_CASE("embedder: another one's vectors are refused before anything is stored, or replaced") {
  const TemporaryStore store;
  Memory memory = store.open();
  const Toy toy;
  memory.use_embedder(toy.embedder());
  compact(memory, kTalk, at_level(kTiny));
  memory.use_embedder(toy.embedder("another"));
  CHECK(code_of([&] { compact(memory, {said("More.", "4")}, at_level(kTiny)); }) ==
        ErrorCode::invalid_argument);
  CHECK(memory.stats().messages == 3);
  for (const auto& call : {std::function<void()>([&] { memory.search("hound"); }),
                           std::function<void()>([&] { memory.recall_pieces("hound"); }),
                           std::function<void()>([&] { memory.context({.query = "hound"}); }),
                           std::function<void()>([&] { memory.embed_pieces(); })})
    CHECK(code_of(call) == ErrorCode::invalid_argument);
  const EmbedResult replaced = memory.embed_pieces({.replace = true});
  CHECK(replaced.removed == 3);
  CHECK(replaced.pieces == 3);
  CHECK(memory.stats().embedder == "another");
}

TEST_CASE("embedder: one that fails ends the call after the messages are stored") {
  const TemporaryStore store;
  Memory memory = store.open();
  const auto giving = [](std::vector<std::vector<float>> vectors, std::size_t dimensions = 0) {
    return Embedder{.name = "bad", .embed = [vectors](const auto&) { return vectors; }, .dimensions = dimensions};
  };
  memory.use_embedder({.name = "bad", .embed = [](const auto&) -> std::vector<std::vector<float>> {
                         throw Error(ErrorCode::io, "the line is cut");
                       }});
  CHECK(code_of([&] { compact(memory, kTalk, at_level(kTiny)); }) == ErrorCode::io);
  CHECK(memory.stats().messages == 3);
  for (const Embedder& bad : {giving({{1}}), giving({{1}, {1}, {}}), giving({{1}, {1}, {1}}, 2)}) {
    memory.use_embedder(bad);
    CHECK(code_of([&] { memory.embed_pieces(); }) == ErrorCode::invalid_argument);
  }
  CHECK(code_of([&] { memory.use_embedder({.name = "no function"}); }) == ErrorCode::invalid_argument);
  const Toy toy;
  memory.use_embedder(toy.embedder());
  CHECK(memory.embed_pieces().pieces == 3);
}

TEST_CASE("embedder: text that is kept nowhere leaves no vector, nor is it shown to an embedder") {
  const TemporaryStore store;
  Memory memory = store.open();
  const Toy toy;
  memory.use_embedder(toy.embedder());
  MemoryOptions options = at_level(kTiny);
  options.archive = Archive::drop;
  compact(memory, {said(prose(70), "1")}, options);
  const std::size_t on_no_page = toy.texts->size();
  CHECK(on_no_page > 0);
  CHECK(memory.stats().embedded_pieces == on_no_page);
  memory.finish(options);
  CHECK(toy.texts->size() == on_no_page);
  CHECK(memory.stats().embedded_pieces == 0);
  CHECK(memory.verify().empty());
}

TEST_CASE("embedder: what another user keeps is neither shown to it nor found") {
  const TemporaryStore store;
  Memory other(store.path(), kCheckpoint, {"bob", "a", "s"});
  const Toy toy, his;
  other.use_embedder(his.embedder());
  compact(other, {said("My dog is called Argos.", "1")}, at_level(kTiny));
  Memory memory = store.open();
  memory.use_embedder(toy.embedder());
  compact(memory, kTalk, at_level(kTiny));
  memory.finish(at_level(kTiny));
  for (const std::string& text : *toy.texts) CHECK_FALSE(is_in("Argos", text));
  SearchOptions anywhere;
  anywhere.where = {condition_from_text("agent ~ *")};
  for (const Hit& hit : memory.search("dog", anywhere).hits) CHECK_FALSE(is_in("Argos", hit.snippet));
  for (const RecalledPiece& piece : memory.recall_pieces("dog", 10)) CHECK_FALSE(is_in("Argos", piece.around));
  CHECK_FALSE(is_in("Argos", text_of(memory.context({.budget = 2000, .query = "dog", .target = "text"}))));
}

TEST_CASE("embedder: an endpoint needs an address and a model") {
  CHECK(code_of([] { embedder_at({.url = "ftp://x/v1", .model = "m"}); }) == ErrorCode::invalid_argument);
  CHECK(code_of([] { embedder_at({.url = "http://x/v1"}); }) == ErrorCode::invalid_argument);
  const Embedder nobody = embedder_at({.url = "http://127.0.0.1:1/v1", .model = "m"});
  CHECK(nobody.name == "m");
  CHECK(code_of([&] { nobody.embed({"text"}); }) == ErrorCode::io);
}

}  // namespace
