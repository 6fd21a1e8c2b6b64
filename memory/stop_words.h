#pragma once

#include <string_view>

namespace fovea {

/// An English word that says nothing of what a question is about; lower case.
bool is_stop_word(std::string_view word);

}  // namespace fovea
