#pragma once

#include <string>

namespace fovea {

/// Makes an empty file that none but its owner can read or write, where there is no file of that name;
/// programs that open it then leave its rights as they are. What keeps it from being made, opening it
/// tells.
void make_private_file(const std::string& path);

}  // namespace fovea
