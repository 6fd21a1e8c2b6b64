#include "memory/piece_blocks.h"

#include <doctest/doctest.h>

#include <random>
#include <sstream>

#include "memory/database.h"
#include "memory/full_text.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

std::string told(const PieceFacts& piece) {
  std::ostringstream text;
  text << piece.place << ' ' << piece.message << ' ' << piece.begin << ' ' << piece.length << ' '
       << piece.words << ' ' << piece.session << ' ' << piece.stretch << ' ' << piece.page << ' '
       << piece.is_hashed << ' ' << piece.label.value_or("-") << ' ' << piece.role << ' ' << piece.time
       << ' ' << piece.expires << '\n';
  return text.str();
}

/// A block of random pieces, and what they are.
std::string random_block(std::mt19937& random, std::string& expected) {
  PieceBlockWriter block;
  PieceFacts piece;
  for (int i = 0; i < 200; ++i) {
    const auto one_in = [&](unsigned n) { return random() % n == 0; };
    piece.place += one_in(20) ? 5 : 1;
    const bool is_new = i == 0 || one_in(2);
    piece.begin = is_new ? (one_in(5) ? 12 : 0) : piece.begin + piece.length + (one_in(9) ? 1 : 0);
    if (is_new) {
      piece.message += one_in(50) ? -3 : static_cast<std::int64_t>(1 + random() % 400);
      piece.role = one_in(2) ? "user" : "assistant";
      piece.time = one_in(3) ? 0 : 1'700'000'000 + static_cast<Time>(random() % 1000);
      piece.expires = one_in(9) ? 1'800'000'000 : 0;
    }
    piece.label.reset();
    if (is_new && one_in(2)) piece.label = one_in(2) ? "Ann" : "";
    piece.session += one_in(30) ? 1 : 0;
    piece.stretch += one_in(10) ? 1 : 0;
    piece.page = one_in(10) ? static_cast<PageId>(random() % 5000) : piece.page;
    piece.is_hashed = one_in(6);
    piece.length = 1 + static_cast<std::int64_t>(random() % 1000);
    piece.words = static_cast<std::int64_t>(random() % 200) - 1;
    block.add(piece);
    expected += told(piece);
  }
  return block.take();
}

/// A scope of more pieces than a block has, one a message, on pages.
struct Long {
  TemporaryFolder folder;
  Store store{folder.file()};
  ScopeId scope = store.scope(kScope);
  int said = 0;

  explicit Long(int messages = 9000) { say(messages); }

  void say(int messages) {
    std::vector<NewMessage> all;
    for (; messages > 0; --messages) {
      const std::string number = std::to_string(said++);
      all.push_back({said % 2 ? "user" : "assistant", "heron" + number + " waits. ", 1'700'000'000 + said, number});
    }
    store.add_messages(scope, all);
    for (Verbatim text = store.verbatim(scope, 4000); text.text.size() >= 4000; text = store.verbatim(scope, 4000))
      store.add_page(scope, make_page(text.text));
  }
  std::int64_t blocks() const {
    const Database database(folder.file(), "store", 1000);
    database.engine().serve({});
    return database.integer("SELECT count(*) FROM piece_blocks");
  }
  void change(const std::string& sql) const {
    const Database database(folder.file(), "store", 1000);
    database.engine().serve({});
    if (!on_server()) add_full_text(database);
    database.execute(sql);
  }
  /// What another process that just began says.
  std::string told_anew() const {
    const Store anew(folder.file());
    std::ostringstream text;
    for (const Piece& piece : anew.pieces(scope))
      text << piece.place << ' ' << piece.message << ' ' << piece.page << ' ' << piece.begin << ' '
           << piece.length << ' ' << piece.session << ' ' << piece.role << '\n';
    for (const char* query : {"heron7", "heron8100", "waits"}) {
      for (const PageScore& page : anew.search_text(kScope, query, 20).pages)
        text << page.id << ' ' << page.score << ' ' << page.piece << '\n';
    }
    return text.str();
  }
};

}  // namespace

TEST_CASE("blocks: pieces come out as they went in") {
  std::mt19937 random(3);
  for (int i = 0; i < 50; ++i) {
    std::string expected, found;
    const std::string bytes = random_block(random, expected);
    CHECK(read_piece_block(bytes, [&](const PieceFacts& piece) { found += told(piece); }));
    CHECK(found == expected);
  }
}

TEST_CASE("blocks: bytes that are none are read to their end and no further") {
  std::mt19937 random(4);
  for (int i = 0; i < 2000; ++i) {
    std::string ignored;
    std::string bytes = random_block(random, ignored).substr(0, random() % 3000);
    for (int k = 0; k < 3 && !bytes.empty(); ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
    const std::string exact(bytes.data(), bytes.size());  // for a sanitizer
    CHECK_NOTHROW(read_piece_block(exact, [](const PieceFacts&) {}));
  }
}

TEST_CASE("blocks: the first search saves them, and the next process reads the same from them") {
  const Long chat;
  CHECK(chat.blocks() == 0);
  const std::string without = chat.told_anew();
  CHECK(chat.blocks() == 1);
  CHECK(chat.told_anew() == without);
  CHECK(chat.store.verify().empty());
}

TEST_CASE("blocks: a change of a piece takes its block away, and the next search tells the change") {
  Long chat;
  chat.told_anew();
  REQUIRE(chat.blocks() == 1);
  REQUIRE(chat.store.search_text(kScope, "heron7", 5).pages.size() == 1);
  const PageId page = chat.store.search_text(kScope, "heron7", 5).pages.front().id;
  Store other(chat.folder.file());
  other.erase_pages(chat.scope, std::vector{page}, 5);
  CHECK(chat.blocks() == 0);
  CHECK(chat.store.search_text(kScope, "heron7", 5).pages.empty());
  const std::string anew = chat.told_anew();
  CHECK(chat.blocks() == 1);
  CHECK(chat.told_anew() == anew);
  chat.store.erase_scope(chat.scope, 6);
  CHECK(chat.blocks() == 0);
  CHECK(chat.store.verify().empty());
}

TEST_CASE("blocks: pieces that take the places of erased ones are found" *
          doctest::skip(on_server())) {  // takes minutes there
  Long chat(8192 + 300);
  chat.told_anew();
  std::vector<PageId> pages;
  for (const Piece& piece : chat.store.pieces(chat.scope, 8100)) {
    if (piece.page != 0 && (pages.empty() || pages.back() != piece.page)) pages.push_back(piece.page);
  }
  chat.store.erase_pages(chat.scope, pages, 5);
  chat.told_anew();
  chat.say(500);
  CHECK(chat.store.search_text(kScope, "heron8600", 5).pages.size() == 1);
  const std::string told = chat.told_anew();
  CHECK(chat.told_anew() == told);
}

TEST_CASE("blocks: a damaged one is passed over, and verify tells of it" *
          doctest::skip(on_server())) {
  const Long chat;
  const std::string whole = chat.told_anew();
  chat.change("UPDATE piece_blocks SET packed = x'0102'");
  CHECK(chat.told_anew() == whole);
  Store store(chat.folder.file());
  chat.change("UPDATE piece_blocks SET packed = substr(packed, 1, 1000)");
  CHECK(store.verify().size() == 1);
  // With a checksum that fits, as someone who means harm would write.
  chat.change("UPDATE piece_blocks SET packed = substr(packed, 1, 1000)");
  chat.change("UPDATE piece_blocks SET checksum = fovea_checksum(scope, block, packed)");
  CHECK_NOTHROW(chat.told_anew());
}
