#include "history/source_ids.h"

#include <doctest/doctest.h>

#include <string>

using namespace fovea;

TEST_CASE("ids: what chance has made is unique, counters and words are not") {
  for (const char* id :
       {"f81d4fae-7dec-41d0-a765-00a0c91e6bf6", "msg_01XFDUDYJgAACzvnptvVoYEL",
        "chatcmpl-9vXk2LqWZ8", "rs_68c2a1b5d3e48190", "V1StGXR8Z5jdHi6B", "1187654321098765432",
        "run-f81d4fae-7dec-41d0-a765-00a0c91e6bf6-0"})
    CHECK_MESSAGE(is_unique_id(id), id);
  for (const char* id : {"", "1", "__fake_id__", "message_00000007", "msg_12", "user-3", "a1",
                         "00000000-0000-0000-0000-000000000000", "conversation-12-message-3",
                         "000000000000000000001", "assistant"})
    CHECK_MESSAGE(!is_unique_id(id), id);
}
