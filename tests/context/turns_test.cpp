#include "context/turns.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

using namespace fovea;

namespace {

ShownPiece piece(const std::string& role, const std::string& speaker, const std::string& text) {
  return {.mark = "[7 · 3 May 2026]", .role = role, .speaker = speaker, .text = text};
}

}  // namespace

TEST_CASE("turns: the user's and the assistant's messages are theirs, all else is data") {
  CHECK(turn_role(piece("user", "user", "")) == "user");
  CHECK(turn_role(piece("human", "Caroline", "")) == "user");
  CHECK(turn_role(piece("gpt", "gpt", "")) == "assistant");
  CHECK(turn_role(piece("assistant", "assistant (thinking)", "")).empty());
  CHECK(turn_role(piece("assistant", "", "tool call look:")).empty());
  CHECK(turn_role(piece("user", "", "tool result look:")).empty());
  CHECK(turn_role(piece("system", "system", "")).empty());
  CHECK(turn_role(piece("Caroline", "Caroline", "")).empty());
}

TEST_CASE("turns: words without mark and role, a name before them, data in a frame") {
  CHECK(turn_text(std::array{piece("user", "user", "\nHello.\n\n")}) == "Hello.");
  CHECK(turn_text(std::array{piece("user", "user: Ann", "Hello.")}) == "Ann: Hello.");
  CHECK(turn_text(std::array{piece("assistant", "Bob", "Hello.")}) == "Bob: Hello.");
  CHECK(turn_text(std::array{piece("tool", "", "tool result look:\nAt pier 7.\n")}) ==
        "<history>\ntool result look:\nAt pier 7.\n</history>");
  std::vector<ShownPiece> pieces = {piece("user", "user", "One. "), piece("user", "user", "Two.\n")};
  pieces[0].ends_message = pieces[1].begins_message = false;
  pieces[1].order = 1;
  CHECK(turn_text(pieces) == "One. Two.");
}
