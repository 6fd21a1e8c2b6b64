#include "memory/free_space.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "memory/database.h"
#include "memory/schema.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

/// A page of a b-tree with two cells from byte 400 on; all else is 'x'.
std::vector<std::uint8_t> page_of(std::uint8_t kind, std::size_t begin) {
  std::vector<std::uint8_t> page(512, 'x');
  const std::vector<std::uint8_t> head = {kind, 0, 0, 0, 2, 400 >> 8, 400 & 0xFF, 0};
  std::ranges::copy(head, page.begin() + static_cast<std::ptrdiff_t>(begin));
  return page;
}

/// The bytes that are zero now and were not.
std::vector<std::size_t> wiped(std::vector<std::uint8_t> page, bool is_first) {
  const std::vector<std::uint8_t> before = page;
  wipe_free_space(page, is_first);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (page[i] == before[i]) continue;
    CHECK(page[i] == 0);
    places.push_back(i);
  }
  return places;
}

TEST_CASE(
    "free space: of a page of a b-tree what stands between the list of cells and the cells goes") {
  for (const std::uint8_t leaf : {10, 13}) {
    const auto places = wiped(page_of(leaf, 0), false);
    CHECK(places.size() == 400 - (8 + 4));
    CHECK(places.front() == 8 + 4);
    CHECK(places.back() == 399);
  }
  for (const std::uint8_t inner : {2, 5}) CHECK(wiped(page_of(inner, 0), false).front() == 12 + 4);
  CHECK(wiped(page_of(13, 100), true).front() == 100 + 8 + 4);
}

TEST_CASE(
    "free space: pages of other kinds, and such that contradict themselves, stay as they are") {
  for (const std::uint8_t other : {0, 1, 3, 14, 255})
    CHECK(wiped(page_of(other, 0), false).empty());
  std::vector<std::uint8_t> page = page_of(13, 0);
  page[5] = 0x7F;  // its cells would begin behind its end
  CHECK(wiped(page, false).empty());
  page = page_of(13, 0);
  page[3] = 0x7F;  // its list of cells would reach into these
  CHECK(wiped(page, false).empty());
}

/// Puts a text where a page of the closed file has room for it.
void hide(const std::string& file, const std::string& text) {
  std::string bytes = bytes_of(file);
  for (std::size_t page = 4096; page < bytes.size(); page += 4096) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[page + i]); };
    const std::size_t cells = at(3) * 256u + at(4), content = at(5) * 256u + at(6);
    if (at(0) != 13 || cells == 0 || content < 1000) continue;
    bytes.replace(page + 500, text.size(), text);
    std::ofstream(file, std::ios::binary) << bytes;
    return;
  }
  FAIL("no room");
}

TEST_CASE(
    "free space: a store of an older version is rewritten by the first erasing, and only then" *
    doctest::skip(on_server())) {
  TemporaryFolder folder;
  {
    const Database database(folder.file(), folder.file(), 1000);
    prepare_schema(database, migrations().first(15));
    database.execute(
        "INSERT INTO scopes (user, agent, session, run) VALUES ('u', 'a', 's', 'default')");
  }
  hide(folder.file(), "hiddensecret");
  Store store(folder.file());
  const Database database(folder.file(), folder.file(), 1000);
  CHECK(database.integer("SELECT holds_copies FROM store") == 1);
  CHECK(contains(all_bytes_of(folder.file()), "hiddensecret"));
  const ScopeId scope = store.scope(kScope);
  const PageId first = add_text(store, scope, "the heron waits");
  const PageId second = add_text(store, scope, "the heron flies");
  CHECK(store.erase_pages(scope, {&first, 1}, 1).bytes_gone);
  CHECK(!contains(all_bytes_of(folder.file()), "hiddensecret"));
  CHECK(database.integer("SELECT holds_copies FROM store") == 0);
  CHECK(store.archived_text(scope, second) == "the heron flies");
  CHECK(store.verify().empty());
}

TEST_CASE("free space: a new store holds no copies") {
  TemporaryFolder folder;
  const Store store(folder.file("new.db"));
  CHECK(Database(folder.file("new.db"), "new", 1000).integer("SELECT holds_copies FROM store") ==
        0);
}

}  // namespace
