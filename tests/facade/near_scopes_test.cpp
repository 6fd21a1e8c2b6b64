#include "facade/near_scopes.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace fovea;

namespace {

std::vector<Scope> scopes_of(const std::vector<std::string>& names) {
  std::vector<Scope> scopes;
  for (const std::string& name : names) scopes.push_back(scope_from_name(name));
  return scopes;
}

/// What somebody who gave `name` is told.
std::string told(const std::string& name, const std::vector<std::string>& held) {
  return did_you_mean(near_scopes(scope_from_name(name), scopes_of(held)));
}

}  // namespace

TEST_CASE("near scopes: one that is written much like it in every part") {
  CHECK(told("ann/coder/mondy", {"ann/coder/monday"}) == "; did you mean ann/coder/monday?");
  CHECK(told("an/codr/mondy", {"ann/coder/monday"}) == "; did you mean ann/coder/monday?");
  CHECK(told("Ann/coder/monday", {"ann/coder/monday"}) == "; did you mean ann/coder/monday?");
  CHECK(told("ann/coder/monday/run7", {"ann/coder/monday/run17"}) ==
        "; did you mean ann/coder/monday/run17?");
}

TEST_CASE("near scopes: parts that were left out may be any") {
  CHECK(told("ann", {"ann/coder/monday"}) == "; did you mean ann/coder/monday?");
  CHECK(told("ann/coder", {"ann/coder/x/2"}) == "; did you mean ann/coder/x/2?");
  CHECK(told("default", {"ann/coder/x"}) == "; did you mean ann/coder/x?");
}

TEST_CASE("near scopes: one part that is another is enough to be left out") {
  for (const std::string name : {"bob/coder/monday", "ann/writer/monday", "ann/coder/friendship",
                                 "ann/coder/monday/deploy"}) {
    CAPTURE(name);
    CHECK(told(name, {"ann/coder/monday", "ann/coder/monday/1234567"}) == "");
  }
  CHECK(told("ann", {}) == "");
}

TEST_CASE("near scopes: three at most, the most alike first, whatever order they are held in") {
  std::vector<std::string> held = {"ann/coder/monday", "ann/coder/mondays", "ann/coder/mndy",
                                   "ann/coder/monda", "bob/coder/monday"};
  std::ranges::sort(held);
  do {
    const auto near = near_scopes(scope_from_name("ann/coder/mondai"), scopes_of(held));
    REQUIRE(near.size() == 3);
    for (const Scope& scope : near) CHECK(scope.user == "ann");
    CHECK(std::ranges::find(near, Scope{"ann", "coder", "mndy"}) == near.end());
  } while (std::ranges::next_permutation(held).found);
}

TEST_CASE("near scopes: names are listed as they can be given again") {
  CHECK(did_you_mean({}) == "");
  CHECK(did_you_mean(scopes_of({"a"})) == "; did you mean a/default/default?");
  CHECK(did_you_mean(scopes_of({"a", "b"})) ==
        "; did you mean a/default/default or b/default/default?");
  CHECK(did_you_mean(scopes_of({"a", "b", "c%2Fd"})) ==
        "; did you mean a/default/default, b/default/default or c%2Fd/default/default?");
}
