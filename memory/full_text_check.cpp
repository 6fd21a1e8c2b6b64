#include "memory/full_text_check.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>

#include "memory/schema.h"

namespace fovea {
namespace {

constexpr std::size_t kPagesAtOnce = 256;

/// Of a page's words and their places, whatever their order; and its count of words as FTS5 has it.
struct PageWords {
  std::uint64_t sum = 0;
  std::string size = {};
  bool operator==(const PageWords&) const = default;
};

using Words = std::map<PageId, PageWords>;

std::uint64_t hash_of(std::string_view word, std::int64_t place) {
  std::string bytes(word);
  bytes.append(reinterpret_cast<const char*>(&place), sizeof place);
  constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kKey{};
  std::uint64_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                   reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), kKey.data());
  return hash;
}

/// The words that an index has, each where it stands, read through temporary table `instances`.
void add_words(const Database& database, Words& words) {
  Statement word = database.prepare("SELECT doc, term, offset FROM temp.instances");
  while (word.step()) words[word.integer(0)].sum += hash_of(word.bytes(1), word.integer(2));
  Statement size = database.prepare("SELECT id, sz FROM full_text_docsize");
  while (size.step()) words[size.integer(0)].size = size.text(1);
}

class Instances {
 public:
  explicit Instances(const Database& database) : database_(database) {
    database.execute(
        "CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, full_text, instance)");
  }
  ~Instances() {
    try {
      database_.execute("DROP TABLE temp.instances");
    } catch (const std::exception&) {  // of a damaged file: it goes with the connection
    }
  }
  Instances(const Instances&) = delete;
  Instances& operator=(const Instances&) = delete;

 private:
  const Database& database_;
};

/// SQLite's number of 7 bits a byte, the highest first, from the front of `bytes`.
std::uint64_t take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 9 && !bytes.empty(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (i == 8) return number << 8 | byte;
    number = number << 7 | (byte & 0x7F);
    if (byte < 0x80) break;
  }
  return number;
}

/// FTS5's count of pages and words, which ranking goes by, is that of the pages.
bool totals_are_of(const Database& database, const Words& words) {
  constexpr std::string_view kTotals = "SELECT block FROM full_text_data WHERE id = 1";
  Statement row = database.prepare(kTotals);
  if (!row.step()) return false;
  std::string_view totals = row.bytes(0);
  std::uint64_t sum = 0;
  for (const auto& [page, of_page] : words) {
    std::string_view size = of_page.size;
    sum += take_number(size);
  }
  const std::uint64_t pages = take_number(totals), counted = take_number(totals);
  return totals.empty() && pages == words.size() && counted == sum;
}

}  // namespace

WordFindings check_words(const Database& database) {
  const Instances instances(database);
  Words found;
  add_words(database, found);
  WordFindings findings;
  findings.totals_differ = !found.empty() && !totals_are_of(database, found);

  const Database made(std::string(Database::kInMemory), "(in memory)", 0);
  prepare_schema(made);
  const Instances of_made(made);
  Words expected;
  const auto compare = [&] {
    add_words(made, expected);
    for (const auto& [page, words] : expected) {
      if (found[page] != words) findings.pages.push_back(page);
    }
    expected.clear();
    made.execute("INSERT INTO full_text (full_text) VALUES ('delete-all')");
  };
  std::size_t count = 0;
  Statement row = database.prepare("SELECT page FROM archive ORDER BY page");
  while (row.step()) {
    const auto text = read_archive(database, row.integer(0), false);
    if (!text) continue;
    write_full_text(made, row.integer(0), *text);
    if (++count % kPagesAtOnce == 0) compare();
  }
  compare();
  std::ranges::sort(findings.pages);
  return findings;
}

}  // namespace fovea
