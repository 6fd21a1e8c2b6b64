#include "memory/hashed_words.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "memory/checksum.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

const Scope kOther{"bob", "coder", "monday"};
const char* const kTexts[] = {"The kingfisher waits above the weir. ", "parseHeader failed at the relay's gate. ",
                              "Two herons and a kingfisher were counted. ", "数据库已锁定 says the relay. "};

/// The same messages, their text kept or only their words.
struct Shelf {
  TemporaryFolder folder;
  Store store{folder.file()};
  ScopeId scope = store.scope(kScope);

  explicit Shelf(bool keeps_text) {
    for (const char* text : kTexts) add(text, keeps_text);
  }
  PageId add(const std::string& text, bool keeps_text, bool hash = true) {
    const NewMessage message{"user", text, 0, ""};
    store.add_messages(scope, {&message, 1});
    NewPage page = make_page(text);
    page.keep_archive = keeps_text;
    page.hash_words = hash;
    return store.add_page(scope, page).value();
  }
  std::vector<PageId> find(const std::string& query, const Scope& in = kScope) const {
    std::vector<PageId> pages;
    for (const PageScore& page : store.search_text(in, query, 10).pages) pages.push_back(page.id);
    return pages;
  }
};

}  // namespace

TEST_CASE("hashed words: a search finds the pages, and ranks them, as if their text were kept") {
  const Shelf plain(true), hashed(false);
  for (const char* query : {"kingfisher", "kingfishers", "heron relay", "parse_header", "header", "relay's gate",
                            "数据库", "\"above the weir\"", "\"weir above\"", "count the herons", "zebra"})
    CHECK_MESSAGE(hashed.find(query) == plain.find(query), query);
  const auto with = plain.store.search_text(kScope, "heron relay", 5).pages;
  const auto without = hashed.store.search_text(kScope, "heron relay", 5).pages;
  for (std::size_t i = 0; i < with.size(); ++i) CHECK(with[i].score == doctest::Approx(without[i].score));
  CHECK(hashed.store.verify().empty());
}

TEST_CASE("hashed words: no word of the text is in the store's files") {
  TemporaryFolder folder;
  {
    Store store(folder.file());
    const ScopeId scope = store.scope(kScope);
    const NewMessage message{"user", "The kingfisher waits above the weir.", 0, ""};
    store.add_messages(scope, {&message, 1});
    NewPage page = make_page(message.text);
    page.keep_archive = false;
    page.hash_words = true;
    store.add_page(scope, page);
  }
  const std::string bytes = all_bytes_of(folder.file());
  for (const char* word : {"kingfisher", "kingfish", "weir"})
    CHECK_MESSAGE(!contains(bytes, word), word);
}

TEST_CASE("hashed words: they say nothing of text, and pieces without text serve none") {
  const Shelf hashed(false);
  for (const Piece& piece : hashed.store.pieces(hashed.scope)) CHECK(!piece.text_is_kept);
  CHECK(hashed.store.order_pieces(hashed.scope, "kingfisher").empty());
  CHECK(hashed.find("king*").empty());  // hashes have no beginnings
}

TEST_CASE("hashed words: another scope's hashes of a word are others") {
  Shelf hashed(false);
  const ScopeId bob = hashed.store.scope(kOther);
  const NewMessage message{"user", "a kingfisher of Bob's", 0, ""};
  hashed.store.add_messages(bob, {&message, 1});
  NewPage page = make_page(message.text);
  page.keep_archive = false;
  page.hash_words = true;
  const PageId bobs = hashed.store.add_page(bob, page).value();
  CHECK(hashed.find("kingfisher", kOther) == std::vector{bobs});
  CHECK(hashed.find("kingfisher").size() == 2);
  const Database database(hashed.folder.file(), "shelf", 1000);
  database.engine().serve({});
  const std::vector<std::string> stems = {"kingfish"};
  const ScopeId ann = hashed.scope;
  CHECK(HashedWords(database, ann).phrase(stems) != HashedWords(database, bob).phrase(stems));
}

TEST_CASE("hashed words: erasing a page takes its own, and leaves the others'") {
  Shelf hashed(false);
  const PageId gone = hashed.find("weir").at(0);
  hashed.store.erase_pages(hashed.scope, {&gone, 1}, 1);
  CHECK(hashed.find("weir").empty());
  CHECK(hashed.find("kingfisher").size() == 1);
  CHECK(hashed.store.verify().empty());
  hashed.store.erase_scope(hashed.scope, 2);
  CHECK(hashed.find("kingfisher").empty());
  CHECK(hashed.store.verify().empty());
}

TEST_CASE("hashed words: they take the place of the text when the archive goes") {
  Shelf plain(true);
  const auto before = plain.find("kingfisher");
  plain.store.drop_archive(plain.scope, before[0], 7, "old", {}, true, false, true);
  CHECK(plain.find("kingfisher") == before);
  plain.store.drop_archive(plain.scope, before[1], 7, "old");
  CHECK(plain.find("kingfisher") == std::vector{before[0]});
  CHECK(plain.store.verify().empty());
}

TEST_CASE("hashed words: a piece that goes on on the next page loses none of its words") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const NewMessage messages[] = {{"user", "a first message. ", 0, ""}, {"user", "kingfisher and heron", 0, ""}};
  store.add_messages(scope, messages);
  NewPage page = make_page("a first message. kingfisher");
  page.keep_archive = false;
  page.hash_words = true;
  const PageId first = store.add_page(scope, page).value();
  CHECK(store.search_text(kScope, "kingfisher", 5).pages.at(0).id == first);
  CHECK(store.search_text(kScope, "heron", 5).verbatim != 0);
  page = make_page(" and heron");
  page.keep_archive = false;
  page.hash_words = true;
  const PageId second = store.add_page(scope, page).value();
  CHECK(store.search_text(kScope, "heron", 5).pages.at(0).id == second);
  CHECK(store.verify().empty());
}

TEST_CASE("hashed words: an exported scope takes them along") {
  Shelf hashed(false);
  hashed.store.export_scope(kScope, hashed.folder.file("copy.fovea"), {});
  Store other(hashed.folder.file("other.db"));
  add_text(other, other.scope(kOther), "a heron of Bob's");
  other.import_scope(hashed.folder.file("copy.fovea"), {}, {}, {"ann"});
  CHECK(other.search_text({"ann"}, "kingfisher", 5).pages.size() == 2);
  CHECK(other.search_text(kOther, "heron", 5).pages.size() == 1);
  CHECK(other.verify().empty());
}

TEST_CASE("hashed words: a damaged index of words is found" * doctest::skip(on_server())) {
  TemporaryFolder folder;
  {
    Shelf hashed(false);
    std::filesystem::copy(hashed.folder.file(), folder.file());
    if (std::filesystem::exists(hashed.folder.file() + "-wal"))
      std::filesystem::copy(hashed.folder.file() + "-wal", folder.file() + "-wal");
  }
  {
    const Database database(folder.file(), "shelf", 1000);
    database.execute("UPDATE pieces SET hashed = hashed + 1 WHERE place = 1");
  }
  Store store(folder.file());
  CHECK(!store.verify().empty());
  // And the words that are damaged do not keep the page from being erased.
  const PageId page = store.pages(store.find_scope(kScope).value()).front().id;
  store.erase_pages(store.find_scope(kScope).value(), {&page, 1}, 1);
  CHECK(store.verify().empty());
  CHECK(store.search_text(kScope, "kingfisher", 5).pages.size() == 1);
}

TEST_CASE("hashed words: off, nothing is found by words") {
  Shelf hashed(false);
  hashed.add("an ostrich", false, false);
  CHECK(hashed.find("ostrich").empty());
  CHECK(hashed.store.verify().empty());
}

TEST_CASE("hashed words: a text that begins as a hashed row does is only a text") {
  Shelf shelf(true);
  const std::string odd = "\001fovea hashed words\002 AAAAAAAA ostrich";
  const PageId page = shelf.add(odd, true);
  CHECK(shelf.store.verify().empty());
  shelf.store.erase_pages(shelf.scope, {&page, 1}, 1);
  CHECK(shelf.store.verify().empty());
}

TEST_CASE("words: an identifier and a part of it that share a stem are sound, plain and hashed") {
  for (const bool keeps_text : {true, false}) {
    Shelf shelf(keeps_text);
    const PageId page =
        shelf.add("the form has <input id=\"ButtonE\"> twice, ButtonE. ", keeps_text);
    CHECK(shelf.store.verify().empty());
    CHECK(shelf.find("button") == std::vector{page});
    shelf.store.erase_pages(shelf.scope, {&page, 1}, 9);
    CHECK(shelf.find("button").empty());
    CHECK(shelf.store.verify().empty());
  }
}
