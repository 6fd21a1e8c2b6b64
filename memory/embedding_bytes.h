#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace fovea {

/// An embedding as it is stored: a float32 scale, then 8 bits a value, which the scale multiplies. A
/// search by inner product ranks these as the vectors themselves but for some ten-thousandths.
std::string pack_embedding(std::span<const float> vector);
/// Empty for bytes that are too few.
std::vector<float> unpack_embedding(std::string_view bytes);

/// Adds SQL's `fovea_embedding(vector)`, which packs a blob of float32; for migrations.
void add_embedding_function(sqlite3* database);

}  // namespace fovea
