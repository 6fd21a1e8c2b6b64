#include <algorithm>
#include <cmath>
#include <filesystem>
#include <unordered_set>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/page_notes.h"
#include "memory/page_rows.h"
#include "memory/pieces.h"
#include "memory/word_check.h"
#include "memory/word_index.h"

namespace fovea {
namespace {

/// Looks at one thing after the other and collects what is wrong.
class Verifier {
 public:
  explicit Verifier(const Database& database) : database_(database) {}

  /// Runs a check; damage that stops it is a finding too, a locked store is not.
  template <class Check>
  void run(Check check) {
    try {
      (this->*check)();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::io) throw;
      find(error.what());
    }
  }

  void check_file() {
    database_.engine().check([&](const std::string& what) { find(what); });
  }

  void check_rows() {
    if (!database_.engine().has_row_checksums()) return;
    for (const CheckedTable& table : checked_tables()) {
      const std::string key = table.key.empty() ? "''" : "' ' || " + std::string(table.key);
      Statement row =
          database_.prepare("SELECT " + key + " FROM " + std::string(table.name) + " WHERE NOT " +
                            is_sound(database_, table.name) + " ORDER BY 1");
      while (row.step())
        find(std::string(table.whose) + row.text(0) + " " + std::string(table.finding));
    }
  }

  void check_tokens_of_pages() {
    Statement row = database_.prepare("SELECT id, scope FROM pages ORDER BY id");
    Statement tokens = database_.prepare(
        "SELECT p.level, p.density, t.count, t.dim, k.fingerprint, t.scales, length(t.vals), "
        "p.row_lengths FROM pages p JOIN tokens t ON t.page = p.id "
        "JOIN checkpoints k ON k.id = t.checkpoint WHERE p.id = ?");
    while (row.step()) {
      const PageId page = row.integer(0);
      if (!tokens.bind(page).step())
        find_page(page, "has no vision tokens");
      else
        check_tokens_row(page, tokens);
    }
  }

  void check_archive() {
    Statement row = database_.prepare("SELECT page FROM archive ORDER BY page");
    while (row.step()) {
      if (!read_archive(database_, row.integer(0)))
        find_page(row.integer(0), "has archived text that is damaged or does not match its hash");
    }
  }

  void check_notes() {
    for (const PageNote note : {PageNote::anchors, PageNote::corrections}) {
      for (const PageId page : damaged_notes(database_, note))
        find_page(page, std::string("has ") + table_of(note) + " that are damaged");
    }
  }

  void check_spans() {
    Statement row = database_.prepare(
        "SELECT p.id, p.bytes, s.page_begin, s.length FROM pages p "
        "LEFT JOIN page_spans s ON s.page = p.id ORDER BY p.id, s.page_begin");
    PageId page = 0;
    std::int64_t bytes = 0, covered = 0;
    const auto close = [&] {
      if (page != 0 && covered != bytes) find_page(page, "has text of no message");
    };
    while (row.step()) {
      if (row.integer(0) != page) {
        close();
        page = row.integer(0);
        bytes = row.integer(1);
        covered = 0;
      }
      if (!row.is_null(2) && row.integer(2) == covered) covered += row.integer(3);
    }
    close();
  }

  /// Each byte of a message is on one page or verbatim, never twice.
  void check_messages() {
    Statement row = database_.prepare(
        "SELECT part.message, part.first, part.size, m.bytes FROM ("
        "  SELECT message, message_begin AS first, length AS size FROM page_spans UNION ALL"
        "  SELECT message, message_begin, length(text) FROM verbatim) AS part "
        "JOIN messages m ON m.id = part.message ORDER BY part.message, part.first");
    Statement lost = database_.prepare(
        "SELECT DISTINCT message FROM verbatim WHERE message NOT IN (SELECT id FROM messages)");
    while (lost.step())
      find("table verbatim has text of message " + std::to_string(lost.integer(0)) +
           ", which is not there");
    std::int64_t message = 0, end = 0;
    while (row.step()) {
      if (row.integer(0) != message) end = 0;
      message = row.integer(0);
      if (row.integer(1) < end)
        find("message " + std::to_string(message) + " is stored twice in part");
      end = row.integer(1) + row.integer(2);
      if (end > row.integer(3))
        find("message " + std::to_string(message) + " has text beyond its end");
    }
  }

  void check_full_text() {
    std::unordered_set<std::int64_t> kept;
    database_.words().for_each_row([&](std::int64_t row, std::string_view) { kept.insert(row); });
    Statement piece =
        database_.prepare("SELECT scope, place, page FROM pieces WHERE words >= 0 ORDER BY page");
    while (piece.step()) {
      if (kept.erase(word_row(piece.integer(0), piece.integer(1))) == 0 && piece.integer(2) != 0)
        find_page(piece.integer(2), "has archived text that no search finds");
    }
    Statement without = database_.prepare(
        "SELECT page FROM pieces WHERE words >= 0 AND hashed IS NULL AND page <> 0 "
        "EXCEPT SELECT page FROM archive");
    while (without.step())
      find_page(without.integer(0), "is in the index of words without its text");
    if (!kept.empty())
      find("index of words: has " + std::to_string(kept.size()) + " pieces that do not exist");
    for (const PageId page : pages_with_other_words(database_))
      find_page(page, "has words in the index that are not those of its text");
    database_.words().check([&](const std::string& what) { find(what); });
  }

  void check_embeddings() {
    Statement row = database_.prepare(
        "SELECT e.page, e.checkpoint = t.checkpoint FROM embeddings e "
        "LEFT JOIN tokens t ON t.page = e.page ORDER BY e.page");
    while (row.step()) {
      if (row.integer(1) == 0)
        find_page(row.integer(0), "has an embedding of another checkpoint than its tokens");
    }
  }

  /// A vector is of a piece whose text is kept, and a scope's are of one embedder.
  void check_vectors() {
    Statement lost = database_.prepare(
        "SELECT count(*) FROM piece_vectors v WHERE NOT EXISTS (SELECT 1 FROM pieces p "
        "WHERE p.scope = v.piece >> 32 AND p.place = (v.piece & 4294967295) AND p.words <> -1)");
    if (lost.step() && lost.integer(0) > 0)
      find("vectors: " + std::to_string(lost.integer(0)) +
           " belong to pieces that do not exist or have no text");
    Statement mixed = database_.prepare(
        "SELECT piece >> 32 FROM piece_vectors GROUP BY 1 "
        "HAVING count(DISTINCT embedder) > 1 OR count(DISTINCT length(vector)) > 1");
    while (mixed.step())
      find("scope number " + mixed.text(0) + " has vectors from several embedders");
  }

  void check_index(const std::string& path) {
    std::error_code error;
    if (std::filesystem::exists(path, error) &&
        !VectorIndex::load(path, database_.engine().data_key()))
      find("vector index " + path + " is damaged; the next search makes it again");
  }

  std::vector<std::string> findings() && { return std::move(findings_); }

 private:
  void check_tokens_row(PageId page, const Statement& row) {
    const Level level = level_from_name(row.bytes(0));
    const Grid grid = grid_of(density_from_columns(static_cast<int>(row.integer(1))));
    const std::int64_t count = row.integer(2), dim = row.integer(3);
    if (count != token_count(level))
      find_page(page, "has " + std::to_string(count) + " vision tokens at level " +
                          std::string(name_of(level)));
    const std::size_t scales = row.bytes(5).size();
    if (scales > 0 &&
        (row.integer(6) != count * dim || scales != static_cast<std::size_t>(count) * 4))
      find_page(page, "has vision tokens that are cut short");
    else if (!std::ranges::all_of(row.items<float>(5), [](float s) { return std::isfinite(s); }))
      find_page(page, "has a scale that is not finite");
    if (!is_fingerprint(row.bytes(4))) find_page(page, "has an invalid fingerprint");
    const auto rows = row.items<std::uint8_t>(7);
    if (rows.size() > static_cast<std::size_t>(grid.rows) ||
        !std::ranges::all_of(rows, [&](std::uint8_t length) { return length <= grid.columns; }))
      find_page(page, "has rows that do not fit its density");
  }

  /// The same damage may be found in two ways.
  void find(const std::string& what) {
    if (std::ranges::find(findings_, what) == findings_.end()) findings_.push_back(what);
  }
  void find_page(PageId page, const std::string& what) {
    find("page " + std::to_string(page) + " " + what);
  }

  const Database& database_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> Store::verify() const {
  Verifier verifier(impl_->serving_all());
  verifier.run(&Verifier::check_file);
  verifier.run(&Verifier::check_rows);
  verifier.run(&Verifier::check_tokens_of_pages);
  verifier.run(&Verifier::check_archive);
  verifier.run(&Verifier::check_notes);
  verifier.run(&Verifier::check_spans);
  verifier.run(&Verifier::check_messages);
  verifier.run(&Verifier::check_embeddings);
  verifier.run(&Verifier::check_full_text);
  verifier.run(&Verifier::check_vectors);
  verifier.check_index(impl_->index_path);
  return std::move(verifier).findings();
}

}  // namespace fovea
