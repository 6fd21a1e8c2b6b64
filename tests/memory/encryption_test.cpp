#include <doctest/doctest.h>

#include "memory/cipher.h"
#include "memory/vector_index.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

StoreOptions with_key(std::uint8_t fill) {
  StoreOptions options;
  options.key.emplace().fill(fill);
  return options;
}

PageId add_embedded(Store& store, ScopeId scope, const std::string& text) {
  const NewMessage message{"userrolesecret", text, 5, "sourcesecret"};
  store.add_messages(scope, {&message, 1});
  NewPage page = make_page(text);
  page.embedding = {0.6f, 0.8f};
  return store.add_page(scope, page).value();
}

TEST_CASE("an encrypted store keeps, finds and erases as any other") {
  TemporaryFolder folder;
  PageId page = 0;
  {
    Store store(folder.file(), with_key(7));
    const ScopeId scope = store.scope(kScope);
    page = add_embedded(store, scope, "the heron waits");
    for (int i = 0; i < 60; ++i) add_embedded(store, scope, "page " + std::to_string(i));
  }
  Store store(folder.file(), with_key(7));
  const ScopeId scope = store.find_scope(kScope).value();
  CHECK(store.archived_text(scope, page) == "the heron waits");
  CHECK(store.search_text(kScope, "heron", 5).pages.at(0).id == page);
  CHECK(store.search_vectors(kScope, kFingerprint, std::vector<float>{1, 0}, 100).size() == 61);
  CHECK(store.erase_pages(scope, {&page, 1}, 1).bytes_gone);
  CHECK(store.search_text(kScope, "heron", 5).pages.empty());
  CHECK(store.verify().empty());
}

TEST_CASE("nothing of an encrypted store is readable on the disk: not in file, WAL or index") {
  TemporaryFolder folder;
  Store store(folder.file(), with_key(7));
  const Scope scope{"usernamesecret", "a", "s"};
  const ScopeId id = store.scope(scope);
  for (int i = 0; i < 300; ++i)  // enough for the index to be written
    add_embedded(store, id, "textsecret number " + std::to_string(i));
  const NewMessage waiting{"user", "verbatimsecret", 0, ""};
  store.add_messages(id, {&waiting, 1});
  store.search_vectors(scope, kFingerprint, std::vector<float>{1, 0}, 5);
  REQUIRE(std::filesystem::exists(folder.file() + "-wal"));
  REQUIRE(std::filesystem::exists(folder.file() + ".faiss"));
  const std::string bytes = all_bytes_of(folder.file());
  const float value = 0.6f;
  const std::string vector(reinterpret_cast<const char*>(&value), sizeof value);
  for (const std::string word :
       {"textsecret", "verbatimsecret", "usernamesecret", "userrolesecret", "sourcesecret",
        "number", "CREATE", "messages", "SQLite", "FVINDEX1"})
    CHECK_MESSAGE(!contains(bytes, word), word);
  CHECK(!contains(bytes, kFingerprint));
  CHECK(!contains(bytes, vector + std::string("\xcd\xcc\x4c\x3f", 4)));  // {0.6, 0.8}
  CHECK(VectorIndex::load(folder.file() + ".faiss") == nullptr);
}

TEST_CASE("a wrong key, a missing one and one too many are told apart, and change nothing") {
  TemporaryFolder folder;
  { Store(folder.file(), with_key(7)).scope(kScope); }
  const std::string before = bytes_of(folder.file());
  const auto wrong = error_of([&] { Store store(folder.file(), with_key(8)); });
  REQUIRE(wrong);
  CHECK(wrong->code() == ErrorCode::invalid_argument);
  CHECK(contains(wrong->what(), "does not open with this key"));
  const auto missing = error_of([&] { Store store(folder.file()); });
  REQUIRE(missing);
  CHECK(missing->code() == ErrorCode::invalid_argument);
  CHECK(contains(missing->what(), "is encrypted; give its key"));
  CHECK(bytes_of(folder.file()) == before);
  { Store store(folder.file("plain.db")); }
  const auto plain = error_of([&] { Store store(folder.file("plain.db"), with_key(7)); });
  REQUIRE(plain);
  CHECK(plain->code() == ErrorCode::invalid_argument);
  CHECK(contains(plain->what(), "is not encrypted"));
}

TEST_CASE("the key of a store can be changed while another process uses it") {
  TemporaryFolder folder;
  Store store(folder.file(), with_key(7));
  const ScopeId scope = store.scope(kScope);
  add_embedded(store, scope, "the heron waits");
  Store other(folder.file(), with_key(7));
  store.change_key(*with_key(8).key);
  add_embedded(other, scope, "the heron flies");
  CHECK(error_of([&] { Store old(folder.file(), with_key(7)); })->code() ==
        ErrorCode::invalid_argument);
  const Store fresh(folder.file(), with_key(8));
  CHECK(fresh.search_text(kScope, "heron", 5).pages.size() == 2);
  CHECK(fresh.verify().empty());
  TemporaryFolder plain;
  Store readable(plain.file());
  CHECK(error_of([&] { readable.change_key(*with_key(8).key); })->code() ==
        ErrorCode::invalid_argument);
}

TEST_CASE("a changed byte of an encrypted store is an error, never other text") {
  TemporaryFolder folder;
  {
    Store store(folder.file(), with_key(7));
    const ScopeId scope = store.scope(kScope);
    for (int i = 0; i < 40; ++i) add_text(store, scope, "text " + std::to_string(i));
  }
  const std::string whole = bytes_of(folder.file());
  int noticed = 0, places = 0;
  for (std::size_t at = 4096 + 100; at < whole.size(); at += 2 * 4096) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    std::ofstream(folder.file(), std::ios::binary) << changed;
    ++places;
    try {
      const Store store(folder.file(), with_key(7));
      if (!store.verify().empty()) ++noticed;
    } catch (const Error& error) {
      CHECK_MESSAGE(error.code() == ErrorCode::corruption, error.what());
      ++noticed;
    }
  }
  CHECK(places > 20);
  CHECK(noticed == places);
}

TEST_CASE("pages swapped within an encrypted file do not open") {
  const Key key = random_key();
  const std::string text(4056, 'x');
  std::vector<std::uint8_t> sealed(4096), opened(4056);
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  seal(key, 3, bytes, sealed.data());
  CHECK(unseal(key, 3, sealed, opened.data()));
  CHECK(opened == bytes);
  CHECK(!unseal(key, 4, sealed, opened.data()));
}

TEST_CASE("a key page opens with the newer of its two keys, and with the older while the newer is cut") {
  Key old_key{}, new_key{};
  new_key.fill(1);
  const Key data = random_key();
  KeyPage page = KeyPage::make(old_key, data);
  page.add(new_key, data);
  CHECK(!page.open(old_key));
  CHECK(page.open(new_key) == data);
  std::vector<std::uint8_t> cut(page.bytes().begin(), page.bytes().end());
  cut[1030] ^= 1;  // in the second slot
  CHECK(KeyPage::read(cut)->open(old_key) == data);
  page.drop_old();
  CHECK(page.open(new_key) == data);
  cut.assign(page.bytes().begin(), page.bytes().end());
  cut[1030] ^= 1;
  CHECK(!KeyPage::read(cut)->is_whole());
}

TEST_CASE("a key is read from text and refused without being shown") {
  const std::string text = new_key_text();
  CHECK(text.size() == 64);
  CHECK(key_from_text(" " + text + "\n", "it") == key_from_text(text, "it"));
  for (const std::string bad : {"", "12", "zz", "correct horse"}) {
    const auto error = error_of([&] { key_from_text(bad, "key file k"); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK(std::string(error->what()) ==
          "key file k: expected a key of 64 hexadecimal digits, such as `memctl new-key` makes");
  }
}

}  // namespace
