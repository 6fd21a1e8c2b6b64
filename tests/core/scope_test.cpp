#include "fovea/scope.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "fovea/error.h"

using namespace fovea;

namespace {

std::string user_of(std::string_view text) { return scope_from_name(text).user; }

/// One to six pieces of what parts names, what stands for it, and other bytes.
std::string hard_name(std::mt19937& random) {
  const std::string pieces[] = {"a",   "/", "%", "2F",   "%2F", "%2f",
                                "%25", " ", "ü", "\xFF", "\n",  "default"};
  std::string name;
  for (auto left = random() % 6 + 1; left > 0; --left) name += pieces[random() % std::size(pieces)];
  return name;
}

}  // namespace

TEST_CASE("scope: parts that are left out are default, and so is a run nobody named") {
  CHECK(scope_from_name("ann") == Scope{.user = "ann"});
  CHECK(scope_from_name("ann/coder") == Scope{.user = "ann", .agent = "coder"});
  CHECK(scope_from_name("ann/coder/monday") == Scope{"ann", "coder", "monday"});
  CHECK(scope_from_name("ann/coder/monday/2") == Scope{"ann", "coder", "monday", "2"});
  CHECK(to_text({}) == "default/default/default");
  CHECK(to_text({.user = "ann"}) == "ann/default/default");
  CHECK(to_text({"ann", "coder", "monday", "2"}) == "ann/coder/monday/2");
  CHECK(to_text({"ann", "coder", "monday", "default"}) == "ann/coder/monday");
}

TEST_CASE("scope: a slash in a name is written as what stands for it, in either case") {
  CHECK(to_text({.user = "a/b"}) == "a%2Fb/default/default");
  CHECK(user_of("a%2Fb") == "a/b");
  CHECK(user_of("a%2fb") == "a/b");
  CHECK(user_of("a%252Fb") == "a%2Fb");
  CHECK(user_of("100%") == "100%");
  CHECK(user_of("%2") == "%2");
  CHECK(user_of("%20x") == "%20x");  // no other escapes
}

TEST_CASE("scope: no two are written alike, and each is read back from what it is written as") {
  std::mt19937 random(7);
  std::set<std::string> texts;
  std::set<std::vector<std::string>> scopes;
  for (int round = 0; round < 5000; ++round) {
    const Scope scope{hard_name(random), hard_name(random), hard_name(random), hard_name(random)};
    const std::string text = to_text(scope);
    CAPTURE(text);
    REQUIRE(scope_from_name(text) == scope);
    texts.insert(text);
    scopes.insert({scope.user, scope.agent, scope.session, scope.run});
  }
  CHECK(texts.size() == scopes.size());
}

TEST_CASE("scope: an empty part, one too many and nothing at all are refused with an example") {
  for (const std::string text : {"", "/", "/ann", "ann/", "ann//monday", "a/b/c/", "a/b/c/d/",
                                 "a/b/c/d/e", "a/b/c/d/e/f", "//", "////"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(scope_from_name(text),
                         doctest::Contains(("scope \"" + text + "\": expected user/agent").c_str()),
                         Error);
  }
}
