#pragma once

#include <string_view>

namespace fovea {

/// Whether an id looks as if no other message had it: a UUID, or letters and digits by chance, such
/// as "msg_01XFDUDYJgAACzvnptvVoYEL". Counters ("1", "message_00000007") and words ("__fake_id__")
/// begin anew in each conversation, or name every message.
bool is_unique_id(std::string_view id);

}  // namespace fovea
