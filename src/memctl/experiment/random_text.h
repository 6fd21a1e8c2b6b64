#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fovea::memctl {

/// At least `characters` of ids, hexadecimal digits, numbers and random words, in lines: text that
/// no language model can guess, the control of every measurement. The same on every machine.
std::string random_text(std::size_t characters, std::uint64_t seed);

}  // namespace fovea::memctl
