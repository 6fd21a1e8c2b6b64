// What threads share: a checkpoint that is loaded once, and a store. Needs models/fovea-nano.

#include "tests/threads.h"

#include "tests/facade/facade_fixture.h"

#include <atomic>

#include "facade/shared_checkpoint.h"
#include "fovea/embedder.h"

namespace {

using namespace fovea;
using namespace fovea::test;

constexpr Level kFaint = Level::faint;

TEST_CASE("threads: one codec encodes and reads several pages at once as it does alone") {
  const Codec codec(kCheckpoint, {.precision = Precision::fp32});
  const Renderer renderer(kCheckpoint);
  const std::vector<std::string> texts = {"the first page", "another one, not as short"};
  std::vector<Page> pages;
  std::vector<VisionTokens> alone;
  for (const std::string& text : texts) {
    pages.push_back(renderer.render(text, Density::d64, kFaint).at(0));
    alone.push_back(codec.encode(std::vector{pages.back()}).at(0));
  }
  const auto expected = codec.decode(alone);
  std::atomic<int> right = 0;
  on_threads(4, [&](int thread) {
    const std::size_t own = thread % 2;
    const auto tokens = codec.encode(std::vector{pages[own]});
    const auto read = codec.decode(std::vector{alone[own]});
    right += tokens.at(0).code == alone[own].code && read.at(0).text == expected[own].text;
  });
  CHECK(right == 4);
}

TEST_CASE("threads: a checkpoint that several ask for at once is loaded once") {
  std::vector<std::shared_ptr<const Codec>> codecs(4);
  on_threads(4, [&](int thread) {
    codecs[thread] = shared_codec(kCheckpoint, {.precision = Precision::fp32});
  });
  for (const auto& codec : codecs) CHECK(codec == codecs[0]);
  CHECK(shared_codec(kCheckpoint, {.precision = Precision::bf16}) != codecs[0]);
}

TEST_CASE("threads: users with a memory each write one store, and nobody reads the other's") {
  const TemporaryStore store;
  const std::vector<std::string> users = {"ann", "bob", "eve"};
  const auto open = [&](const std::string& user) {
    return Memory(store.path(), kCheckpoint, {user});
  };
  const auto options = at_level(kFaint);
  on_threads(static_cast<int>(users.size()), [&](int thread) {
    Memory memory = open(users[thread]);
    for (int i = 0; i < 4; ++i)
      memory.add("I am " + users[thread] + ", message " + std::to_string(i) + ".", "user", options);
    memory.finish(options);
    memory.recall({memory.pages().at(0).id}, Source::tokens);
  });
  for (const std::string& user : users) {
    CAPTURE(user);
    const Memory memory = open(user);
    std::string expected;
    for (int i = 0; i < 4; ++i)
      expected += "user:\nI am " + user + ", message " + std::to_string(i) + ".\n\n";
    CHECK(joined(memory.recall_all(Source::archive)) == expected);
    for (const std::string& other : users) CHECK(memory.search(other, 9).size() == (other == user));
    CHECK(memory.verify().empty());
  }
}

TEST_CASE("threads: one endpoint takes the requests of several in turn") {
  const Embedder nobody = embedder_at({.url = "http://127.0.0.1:1/v1", .model = "m"});
  CHECK(holds_on_threads(4, 5, [&] {
    try {
      nobody.embed({"text"});
    } catch (const Error& error) {
      return error.code() == ErrorCode::io;
    }
    return false;
  }));
}

}  // namespace
