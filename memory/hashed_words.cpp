#include "memory/hashed_words.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "memory/pieces.h"
#include "memory/tombstones.h"
#include "memory/word_index.h"

namespace fovea {
namespace {

constexpr std::string_view kMark = "\001fovea hashed words\002";
// Capital letters and digits: neither folding nor stemming changes them.
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kHashCharacters = 8;  // 40 bits
constexpr char kNextPlace = ' ', kSamePlace = '+';

void append_hash(std::string& row, bool same_place, std::string_view hash) {
  row += same_place ? kSamePlace : kNextPlace;
  row += hash;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

HashedWords::HashedWords(const Database& database, ScopeId scope)
    : secret_(scope_secret(database, scope)) {}

std::string HashedWords::hashed(std::string_view stem) const {
  std::string word = "word";
  word.append(1, '\0').append(stem);  // no source and no text's hash of a tombstone begins so
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes_of(word), word.size(), bytes_of(secret_),
                     secret_.size());
  std::string result;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 5; ++i) bits = bits << 8 | hash[i];
  for (std::size_t i = 0; i < kHashCharacters; ++i, bits >>= 5) result += kDigits[bits & 31];
  return result;
}

std::string HashedWords::phrase(const std::vector<std::string>& stems) const {
  std::string phrase;
  for (const std::string& stem : stems) phrase.append(phrase.empty() ? "" : " ").append(hashed(stem));
  return phrase;
}

std::string HashedWords::row(const std::vector<Stem>& stems) const {
  std::string row(kMark);
  for (const Stem& stem : stems) append_hash(row, stem.same_place, hashed(stem.text));
  return row;
}

std::optional<std::vector<Stem>> hashes_of(std::string_view row) {
  if (!row.starts_with(kMark)) return {};
  row.remove_prefix(kMark.size());
  std::vector<Stem> stems;
  while (row.size() > kHashCharacters) {
    const auto hash = row.substr(1, kHashCharacters);
    if (hash.find_first_not_of(kDigits) != std::string_view::npos) break;
    stems.push_back({std::string(hash), row.front() == kSamePlace && !stems.empty()});
    row.remove_prefix(1 + kHashCharacters);
  }
  return stems;
}

std::map<std::int64_t, std::string> read_hashed_rows(
    const Database& database, const std::optional<std::unordered_set<std::int64_t>>& rows) {
  std::unordered_set<std::int64_t> hashed;
  Statement piece = database.prepare("SELECT scope, place FROM pieces WHERE hashed IS NOT NULL");
  while (piece.step()) {
    const std::int64_t row = word_row(piece.integer(0), piece.integer(1));
    if (!rows || rows->contains(row)) hashed.insert(row);
  }
  std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::string>>> words;
  for (const std::int64_t row : hashed) words[row];
  database.words().for_each_word(hashed,
                                 [&](std::int64_t row, std::string_view word, std::int64_t place) {
                                   words[row].emplace_back(place, word);
                                 });
  std::map<std::int64_t, std::string> texts;
  for (auto& [row, found] : words) {
    std::ranges::sort(found);
    std::string& text = texts[row] = kMark;
    for (std::size_t i = 0; i < found.size(); ++i)
      append_hash(text, i > 0 && found[i].first == found[i - 1].first, found[i].second);
  }
  return texts;
}

std::uint64_t mark_of_word(std::string_view word, std::int64_t place) {
  std::string bytes(word);
  bytes.append(reinterpret_cast<const char*>(&place), sizeof place);
  constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kKey{};
  std::uint64_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), bytes_of(bytes), bytes.size(), kKey.data());
  return hash;
}

std::int64_t sum_of_hashes(std::string_view row) {
  std::uint64_t sum = 0;
  std::int64_t place = -1;
  for (const Stem& stem : hashes_of(row).value_or(std::vector<Stem>())) {
    if (!stem.same_place) ++place;
    sum += mark_of_word(stem.text, place);
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace fovea
