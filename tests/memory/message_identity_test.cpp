// What makes two messages the same.
#include "memory/message_identity.h"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace fovea;

TEST_CASE("identity: two parts of 16 bytes, the same for the same") {
  const MessageIdentity one = identity_by_id("id", "given");
  CHECK(one.which.size() == 16);
  CHECK(one.given.size() == 16);
  CHECK(one.bytes() == one.which + one.given);
  CHECK(identity_by_id("id", "given").bytes() == one.bytes());
  CHECK(identity_by_id("id", "other").which == one.which);  // a new version of the same message
  CHECK(identity_by_id("id", "other").given != one.given);
}

TEST_CASE(
    "identity: no way of naming a message is taken for another, and no part runs into the next") {
  const std::vector<MessageIdentity> all = {
      identity_by_id("a", "b"),
      identity_by_id("ab", ""),
      identity_by_id("", "ab"),
      identity_by_occurrence(conversation_key("a", 1), 0, "b"),
      identity_by_occurrence(conversation_key("a", 2), 0, "b"),
      identity_by_occurrence(conversation_key("a", 1), 1, "b"),
      identity_by_occurrence(conversation_key("a", 1), 0, "1b"),
      identity_by_occurrence(conversation_key("a1", 1), 0, "b"),
      identity_by_occurrence(conversation_key(std::string("1\0a", 3), 1), 0, "b"),
      identity_of_piece("a", 0, "b"),
      identity_of_piece("a", 1, "b"),
      identity_of_piece("a1", 0, "b"),
      identity_of_piece("a", 0, "1b")};
  std::set<std::string> bytes;
  for (const MessageIdentity& identity : all) bytes.insert(identity.bytes());
  CHECK(bytes.size() == all.size());
}

TEST_CASE("identity: role and text are told apart wherever one ends") {
  CHECK(given_by_text("user", "hello") != given_by_text("userh", "ello"));
  CHECK(given_by_text("", "a") != given_by_text("a", ""));
  CHECK(given_by_text("user", "hello") == given_by_text("user", "hello"));
}
