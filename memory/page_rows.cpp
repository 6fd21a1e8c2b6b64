#include "memory/page_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/embedding_bytes.h"

namespace fovea {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs are little-endian");

[[noreturn]] void refuse_page(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, "page for the store: " + what);
}

}  // namespace

bool is_fingerprint(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void check_tokens(const VisionTokens& tokens) {
  const auto count = static_cast<std::size_t>(std::max(tokens.count, 0));
  const auto dim = static_cast<std::size_t>(std::max(tokens.dim, 0));
  const bool coded = !tokens.code.empty() && tokens.values.empty() && tokens.scales.empty();
  if (tokens.count != token_count(tokens.level) || dim == 0 ||
      (!coded && (tokens.values.size() != count * dim || !tokens.code.empty())))
    refuse_page("expected " + std::to_string(token_count(tokens.level)) +
                " vision tokens at level " + std::string(name_of(tokens.level)) + ", got " +
                std::to_string(tokens.values.size()) + " values of dim " +
                std::to_string(tokens.dim));
  if ((!coded && tokens.scales.size() != count) ||
      !std::ranges::all_of(tokens.scales, [](float scale) { return std::isfinite(scale); }))
    refuse_page("expected a finite scale a vision token");
  if (!is_fingerprint(tokens.fingerprint))
    refuse_page("expected a checkpoint's fingerprint of 64 hex digits, got \"" +
                tokens.fingerprint + "\"");
}

void check_rows(const VisionTokens& tokens) {
  const Grid grid = grid_of(tokens.density);
  const auto fits = [&](int length) { return length >= 0 && length <= grid.columns; };
  if (tokens.row_lengths.size() > static_cast<std::size_t>(grid.rows) ||
      !std::ranges::all_of(tokens.row_lengths, fits))
    refuse_page("row lengths do not fit density " + std::to_string(grid.columns));
}

void check_embedding(const std::vector<float>& embedding) {
  if (!std::ranges::all_of(embedding, [](float value) { return std::isfinite(value); }))
    refuse_page("the embedding has values that are not finite");
}

std::int64_t checkpoint_id(const Database& database, std::string_view fingerprint) {
  Statement row = database.prepare("SELECT id FROM checkpoints WHERE fingerprint = ?");
  if (row.bind(fingerprint).step()) return row.integer(0);
  database.prepare("INSERT INTO checkpoints (fingerprint) VALUES (?) ON CONFLICT DO NOTHING")
      .bind(fingerprint)
      .run();
  row.bind(fingerprint).step();
  return row.integer(0);
}

void write_tokens(const Database& database, PageId page, std::int64_t checkpoint,
                  const VisionTokens& tokens) {
  database.prepare(upsert_checked(database, "tokens", {"page"}))
      .bind(page, tokens.count, tokens.dim, checkpoint, Blob(tokens.scales),
            tokens.code.empty() ? Blob(tokens.values) : Blob(tokens.code))
      .run();
}

void write_embedding(const Database& database, ScopeId scope, PageId page, std::int64_t checkpoint,
                     const std::vector<float>& embedding) {
  const std::string packed = pack_embedding(embedding);
  database.prepare(upsert_checked(database, "embeddings", {"page"}))
      .bind(page, checkpoint, database.engine().stamp_embeddings(scope),
            Blob(std::string_view(packed)))
      .run();
}

void write_fidelity(const Database& database, PageId page, std::int64_t checkpoint, Level level,
                    const Fidelity& fidelity) {
  database.prepare(upsert_checked(database, "page_fidelity", {"page", "checkpoint", "level"}))
      .bind(page, checkpoint, name_of(level), fidelity.accuracy, fidelity.exact_rows,
            fidelity.word_precision, fidelity.error)
      .run();
}

}  // namespace fovea
