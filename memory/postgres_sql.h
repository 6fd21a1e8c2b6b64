#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

/// SQL with its parameters `?` and `?7` as PostgreSQL writes them; `count`: how many there are.
std::string with_dollars(std::string_view sql, std::size_t& count);

}  // namespace fovea
