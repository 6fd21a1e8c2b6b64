#include "memory/embedding_bytes.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace fovea {
namespace {

constexpr float kLargest = 127;

void pack(sqlite3_context* context, int, sqlite3_value** values) {
  const void* bytes = sqlite3_value_blob(values[0]);
  std::vector<float> vector(static_cast<std::size_t>(sqlite3_value_bytes(values[0])) / sizeof(float));
  if (!vector.empty()) std::memcpy(vector.data(), bytes, vector.size() * sizeof(float));
  const std::string packed = pack_embedding(vector);
  sqlite3_result_blob64(context, packed.data(), packed.size(), SQLITE_TRANSIENT);
}

}  // namespace

std::string pack_embedding(std::span<const float> vector) {
  float largest = 0;
  for (const float value : vector) largest = std::max(largest, std::abs(value));
  const float scale = largest > 0 && std::isfinite(largest) ? largest / kLargest : 1;
  std::string bytes(sizeof scale, '\0');
  std::memcpy(bytes.data(), &scale, sizeof scale);
  for (const float value : vector) {
    const float rounded = std::round(value / scale);
    bytes += static_cast<char>(static_cast<std::int8_t>(
        std::isfinite(rounded) ? std::clamp(rounded, -kLargest, kLargest) : 0.0f));
  }
  return bytes;
}

std::vector<float> unpack_embedding(std::string_view bytes) {
  float scale = 0;
  if (bytes.size() <= sizeof scale) return {};
  std::memcpy(&scale, bytes.data(), sizeof scale);
  std::vector<float> vector;
  vector.reserve(bytes.size() - sizeof scale);
  for (const char byte : bytes.substr(sizeof scale))
    vector.push_back(scale * static_cast<float>(static_cast<std::int8_t>(byte)));
  return vector;
}

void add_embedding_function(sqlite3* database) {
  sqlite3_create_function_v2(database, "fovea_embedding", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                             nullptr, pack, nullptr, nullptr, nullptr);
}

}  // namespace fovea
