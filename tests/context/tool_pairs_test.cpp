#include "context/tool_pairs.h"

#include <doctest/doctest.h>

#include <string>

using namespace fovea;

namespace {

const std::string kCall = "tool call Bash:\ncommand: ls\n\n";
const std::string kResult = "tool result Bash:\nnotes.txt\n\n";
const std::string kUser = "user:\nlook around\n\n";
const std::string kAssistant = "assistant:\nI see notes.\n\n";

}  // namespace

TEST_CASE("tool pairs: a call waits until its result begins") {
  CHECK(awaits_result(kUser + kCall));
  CHECK(awaits_result(kCall + kCall + kResult));  // two calls at once, one result so far
  CHECK_FALSE(awaits_result(kCall + kResult));
  CHECK_FALSE(awaits_result(kCall + "tool result Bash (error):\nno such"));
  CHECK_FALSE(awaits_result(kUser + kAssistant));
  CHECK(awaits_result("tool call Ba"));  // the page ends inside the header
}

TEST_CASE("tool pairs: a call that never got its result waits no longer than its turn") {
  CHECK_FALSE(awaits_result(kCall + kUser));
  CHECK_FALSE(awaits_result(kCall + kCall + kResult + kAssistant));
  CHECK(awaits_result(kAssistant + kCall + "assistant (thinking):\nand more\n\n"));
}

TEST_CASE("tool pairs: text that begins with a result, or inside its call, needs that call") {
  CHECK(begins_with_result(kResult + kUser));
  CHECK(begins_with_result("rest of the arguments\n\n" + kResult));
  CHECK_FALSE(begins_with_result("rest of a result\n\n" + kCall + kResult));
  CHECK_FALSE(begins_with_result("no header at all"));
}

TEST_CASE("tool pairs: words of a text are no headers") {
  CHECK_FALSE(awaits_result("user:\nthe next line is no header\ntool call Bash:\n\n"));
  CHECK_FALSE(awaits_result("user:\nhello\n\ntool call me back, please\n\n"));
}
