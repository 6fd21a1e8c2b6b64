#include "memory/piece_vectors.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "memory/checksum.h"
#include "memory/pieces.h"

// One build runs on every machine of the architecture; the loop below is taken in the widest form
// that the machine has. It is chosen before a sanitizer can run: with one there is one form.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOVEA_WIDEST __attribute__((target_clones("avx2", "default")))
#else
#define FOVEA_WIDEST
#endif

namespace fovea {
namespace {

/// The products of rows [count, dim] with the question [dim].
FOVEA_WIDEST void multiply(const std::int8_t* rows, std::size_t count, const std::int16_t* question,
                           std::size_t dim, std::int32_t* products) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int8_t* row = rows + i * dim;
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < dim; ++j)
      sum += static_cast<std::int16_t>(row[j]) * question[j];
    products[i] = sum;
  }
}

/// 16 bits a value, as fine as the sum of a row's products allows.
std::vector<std::int16_t> in_sixteen_bits(std::span<const float> vector, float& scale) {
  float largest = 0, length = 0;
  for (const float value : vector) {
    largest = std::max(largest, std::abs(value));
    length += value * value;
  }
  const float of_row = 127 * std::sqrt(static_cast<float>(vector.size()));
  const float most = std::min(32767 / std::max(largest, 1e-12f),
                              2e9f / (of_row * std::max(std::sqrt(length), 1e-12f)));
  scale = 1 / most;
  std::vector<std::int16_t> values;
  for (const float value : vector)
    values.push_back(static_cast<std::int16_t>(std::lround(value * most)));
  return values;
}

/// Takes a stored vector as that of piece `i`, unless it has another dimension than the others.
void take(PieceVectors& vectors, std::size_t i, std::string_view bytes) {
  constexpr std::size_t kScale = sizeof(float);
  if (bytes.size() <= kScale) return;
  const std::size_t dim = bytes.size() - kScale;
  if (vectors.dim == 0) {
    vectors.dim = dim;
    vectors.values.resize(vectors.scales.size() * dim);
  }
  if (dim != vectors.dim) return;
  std::memcpy(&vectors.scales[i], bytes.data(), kScale);
  std::memcpy(vectors.values.data() + i * dim, bytes.data() + kScale, dim);
}

}  // namespace

void PieceVectors::cut(std::size_t size) {
  if (scales.size() <= size) return;
  scales.resize(size);
  values.resize(size * dim);
  changes = -1;
}

namespace {

/// Reads the vectors from the first one that is not known yet on.
void read_new(PieceVectors& vectors, const Database& database, ScopeId scope,
              std::span<const std::uint32_t> places, std::span<const std::int32_t> words) {
  std::size_t i = 0;  // of the first that is to be read
  while (i < places.size() && (vectors.scales[i] != 0 || words[i] < 0)) ++i;
  if (i == places.size() || vectors.embedder.empty()) return;
  Statement row =
      database.prepare("SELECT piece, vector FROM piece_vectors WHERE piece BETWEEN ? AND ? AND " +
                       is_sound(database, "piece_vectors") + " ORDER BY piece");
  row.bind(word_row(scope, places[i]), word_row(scope, places.back()));
  while (row.step()) {
    const auto place = static_cast<std::uint32_t>(row.integer(0) - word_row(scope, 0));
    while (i < places.size() && places[i] < place) ++i;
    if (i == places.size()) return;
    if (places[i] == place) take(vectors, i, row.bytes(1));
  }
}

}  // namespace

void refresh(PieceVectors& vectors, const Database& database, ScopeId scope,
             std::span<const std::uint32_t> places, std::span<const std::int32_t> words) {
  Statement state = database.prepare("SELECT vector_changes FROM scopes WHERE id = ?");
  if (!state.bind(scope).step()) return;
  const std::int64_t changes = state.integer(0);
  if (vectors.changes == changes && vectors.scales.size() == places.size()) return;
  vectors.changes = changes;
  vectors.embedder = embedder_of(database, scope);
  vectors.scales.resize(places.size(), 0);
  vectors.values.resize(places.size() * vectors.dim);
  read_new(vectors, database, scope, places, words);
  vectors.missing = 0;
  for (std::size_t i = 0; i < places.size(); ++i)
    vectors.missing += words[i] >= 0 && vectors.scales[i] == 0 ? 1 : 0;
}

LargeList<float> cosines(const PieceVectors& vectors, std::span<const float> question) {
  LargeList<float> result(vectors.scales.size());
  if (vectors.dim == 0 || question.size() != vectors.dim) return result;
  float scale = 1;
  const std::vector<std::int16_t> values = in_sixteen_bits(question, scale);
  constexpr std::size_t kRows = 4096;
  std::int32_t products[kRows];
  for (std::size_t begin = 0; begin < result.size(); begin += kRows) {
    const std::size_t count = std::min(kRows, result.size() - begin);
    multiply(vectors.values.data() + begin * vectors.dim, count, values.data(), vectors.dim, products);
    for (std::size_t i = 0; i < count; ++i)
      result[begin + i] = static_cast<float>(products[i]) * vectors.scales[begin + i] * scale;
  }
  return result;
}

std::int64_t embedder_id(const Database& database, std::string_view name) {
  Statement row = database.prepare("SELECT id FROM embedders WHERE name = ?");
  if (row.bind(name).step()) return row.integer(0);
  database.prepare("INSERT INTO embedders (name) VALUES (?) ON CONFLICT DO NOTHING")
      .bind(name)
      .run();
  row.bind(name).step();
  return row.integer(0);
}

std::string embedder_of(const Database& database, ScopeId scope) {
  Statement row = database.prepare(
      "SELECT e.name FROM piece_vectors v JOIN embedders e ON e.id = v.embedder "
      "WHERE v.piece BETWEEN ? AND ? LIMIT 1");
  if (!row.bind(word_row(scope, 0), word_row(scope + 1, -1)).step()) return {};
  return row.text(0);
}

}  // namespace fovea
