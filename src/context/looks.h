#pragma once

#include <string_view>

namespace fovea {

/// How much a message looks as if it told something, without knowing what will be asked: its length,
/// figures, words of time, names, the first person; questions and what an assistant writes count
/// less. 0 to 2.2.
double looks_of(std::string_view text, bool is_assistant);

}  // namespace fovea
