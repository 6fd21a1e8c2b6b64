// The names that users write: scopes, precisions, weights, sources and origins.
#include <doctest/doctest.h>

#include <string>

#include "fovea/codec_options.h"
#include "fovea/error.h"
#include "fovea/recall.h"
#include "fovea/scope.h"

using namespace fovea;

TEST_CASE("scope: its text is read back, and parts that are missing are default") {
  CHECK(scope_from_name("ann/coder/monday") == Scope{"ann", "coder", "monday", "default"});
  CHECK(scope_from_name("ann/coder/monday/2") == Scope{"ann", "coder", "monday", "2"});
  CHECK(scope_from_name("ann") == Scope{"ann", "default", "default", "default"});
  CHECK(to_text(Scope{}) == "default/default/default");
  CHECK(to_text({"a", "b", "c", "d"}) == "a/b/c/d");
  for (const Scope& scope :
       {Scope{}, Scope{"a", "b", "c", "d"}, Scope{"\xC3\xA9", " ", "default", "x"}})
    CHECK(scope_from_name(to_text(scope)) == scope);
}

TEST_CASE("scope: no two are written alike, whatever their names hold") {
  CHECK(to_text({"a/b", "c", "d"}) == "a%2Fb/c/d");
  CHECK(to_text({"50%", "%2F", "x"}) == "50%25/%252F/x");
  CHECK(scope_from_name("a%2fb/50%/%2G%") == Scope{"a/b", "50%", "%2G%"});
  for (const Scope& scope :
       {Scope{"a/b", "c", "d"}, Scope{"a", "b", "c", "d"}, Scope{"a", "b/c", "d"},
        Scope{"%2F", "%25", "%"}, Scope{"%252F", "/", "//", "%/"}})
    CHECK(scope_from_name(to_text(scope)) == scope);
}

TEST_CASE("scope: empty parts and too many are refused, with what was given") {
  for (const std::string text : {"", "/", "a/", "/b", "a//c", "a/b/c/", "a/b/c/d/", "a/b/c/d/e"})
    CHECK_THROWS_WITH_AS(scope_from_name(text),
                         ("scope \"" + text +
                          "\": expected user/agent/session/run or the first "
                          "parts of it, such as ann/coder/monday; a \"/\" in a name is written %2F")
                             .c_str(),
                         Error);
}

TEST_CASE("names: those of options are read back, others refused with those that there are") {
  for (const auto precision : {Precision::automatic, Precision::bf16, Precision::fp32})
    CHECK(precision_from_name(name_of(precision)) == precision);
  CHECK(name_of(Precision::automatic) == "auto");
  CHECK_THROWS_WITH_AS(precision_from_name("BF16"),
                       "unknown precision \"BF16\"; expected auto, bf16 or fp32", Error);
  for (const auto weights : {Weights::stored, Weights::int8})
    CHECK(weights_from_name(name_of(weights)) == weights);
  CHECK_THROWS_WITH_AS(weights_from_name(""), "unknown weights \"\"; expected stored or int8",
                       Error);
  for (const auto source : {Source::tokens, Source::archive, Source::automatic})
    CHECK(source_from_name(name_of(source)) == source);
  CHECK(source_from_name("auto") == Source::automatic);
  CHECK_THROWS_WITH_AS(source_from_name("disk"),
                       "source \"disk\": expected tokens, archive or automatic", Error);
}

TEST_CASE("names: where a text came from") {
  CHECK(name_of(Origin::decoded) == "decoded");
  CHECK(name_of(Origin::corrected) == "corrected");
  CHECK(name_of(Origin::anchor) == "anchor");
  CHECK(name_of(Origin::archive) == "archive");
  CHECK(name_of(Origin::verbatim) == "verbatim");
  CHECK(name_of(RecalledFrom::tokens) == "tokens");
  CHECK(name_of(RecalledFrom::corrected) == "corrected");
  CHECK(name_of(RecalledFrom::archive) == "archive");
  CHECK(name_of(RecalledFrom::verbatim) == "verbatim");
}
