#include <doctest/doctest.h>

#include <algorithm>

#include "memory/message_label.h"
#include "memory/piece_cutter.h"
#include "memory/piece_query.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

std::vector<std::string> cut(const std::string& text) {
  std::vector<std::string> pieces;
  for (const Stretch& piece : cut_into_pieces(text))
    pieces.push_back(text.substr(piece.begin, piece.length));
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

std::string sentence(char letter, std::size_t size) {
  std::string text(size - 2, letter);
  for (std::size_t i = 9; i + 1 < text.size(); i += 10) text[i] = ' ';
  return text + ". ";
}

/// A store with messages, each on a page of its own unless `on_pages` is off.
struct Talk {
  TemporaryFolder folder;
  Store store{folder.file()};
  ScopeId scope = store.scope(kScope);

  void say(const std::string& role, const std::string& text, Time time = 0, bool on_page = true) {
    const NewMessage message{role, text, time, ""};
    store.add_messages(scope, {&message, 1});
    if (on_page) REQUIRE(store.add_page(scope, make_page(text)));
  }
  std::string best(const std::string& query) {
    const auto order = store.order_pieces(scope, query);
    REQUIRE(!order.empty());
    return store.read_pieces(scope, {order.data(), 1}).at(0).text.value();
  }
};

}  // namespace

TEST_CASE("pieces: a short message is one, and no text of blanks is any") {
  CHECK(cut("One. Two.\n\nThree.") == std::vector<std::string>{"One. Two.\n\nThree."});
  CHECK(cut(std::string(399, 'x')).size() == 1);
  CHECK(cut("").empty());
  CHECK(cut(" \n\n ").empty());
}

TEST_CASE("pieces: sentences are packed up to 400 characters, and together they are the text") {
  const std::string text = sentence('a', 150) + sentence('b', 150) + sentence('c', 150) + "Last one.";
  const auto pieces = cut(text);
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0] == sentence('a', 150) + sentence('b', 150));
  CHECK(joined(pieces) == text);
}

TEST_CASE("pieces: a blank line ends one of 200 characters, not a shorter one") {
  const std::string longer = sentence('a', 220) + "\n\n", shorter = sentence('b', 60) + "\n\n";
  const auto pieces = cut(longer + shorter + sentence('c', 180));
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0] == longer);
  CHECK(pieces[1] == shorter + sentence('c', 180));
}

TEST_CASE("pieces: a sentence without end is cut at a blank after 200 characters, or at 400") {
  const std::string words = sentence('w', 1000);
  for (const std::string& piece : cut(words)) CHECK(piece.size() <= 400);
  CHECK(cut(words).front().ends_with(' '));
  CHECK(joined(cut(words)) == words);
  const auto solid = cut(std::string(1000, 'x'));
  REQUIRE(solid.size() == 3);
  CHECK(solid.front().size() == 400);
}

TEST_CASE("pieces: characters count, not bytes, and none is cut") {
  std::string chinese;
  for (int i = 0; i < 900; ++i) chinese += "漢";
  const auto pieces = cut(chinese);
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].size() == 1200);
  CHECK(joined(pieces) == chinese);
}

TEST_CASE("labels: the header line and a name before the words say who speaks") {
  CHECK(label_of("user", "user:\nhello").label == "user");
  CHECK(label_of("user", "user:\nhello").begin == 6);
  CHECK(label_of("assistant", "assistant (thinking):\nhm").label == "assistant (thinking)");
  CHECK(label_of("Caroline", "Caroline:\nhello").label == "Caroline");
  CHECK(label_of("user", "Caroline: hello").label == "user: Caroline");
  CHECK(label_of("user", "hello").label == "user");
  CHECK(label_of("tool", "tool result Bash:\ndone").label.empty());
  CHECK(label_of("assistant", "tool call Bash:\ncommand: ls").begin == 0);
  CHECK(voice_of("user", "user (Caroline)").speaker == "Caroline");
  CHECK(voice_of("assistant", "assistant (thinking)").speaker.empty());
  CHECK(voice_of("Mel", "Mel").speaker == "Mel");
  CHECK(voice_of("user", "user").is_user);
}

TEST_CASE("questions: words that say something count once, names little, dates apart") {
  PieceIndex index;
  index.voices = {voice_of("Caroline", "Caroline"), voice_of("Melanie", "Melanie")};
  const auto query = piece_query("When did Caroline paint the lake, and the lake's shore, on 8 May?", {&index});
  std::vector<std::string> words;
  for (const QueryTerm& term : query.terms) words.push_back(term.word);
  CHECK(words == std::vector<std::string>{"caroline", "paint", "lake", "shore", "may"});
  CHECK(query.terms[0].weight == .15);
  CHECK(query.speaker == "Caroline");
  CHECK(query.month == 5);
  CHECK(query.day == 8);
  CHECK(piece_query("may I ask", {&index}).month == 0);
  CHECK(piece_query("what was in May", {&index}).month == 5);
  CHECK(piece_query("Caroline and Melanie", {&index}).speaker.empty());
  CHECK(piece_query("what is it", {&index}).terms.size() == 3);  // all count when none says more
}

TEST_CASE("questions: what stands together counts as a phrase, too, and Chinese in pairs") {
  const auto matches = [](const char* question) {
    std::vector<std::string> found;
    for (const QueryTerm& term : piece_query(question, {}).terms) found.push_back(term.match);
    return found;
  };
  CHECK(matches("see level.cpp, red red") ==
        std::vector<std::string>{"\"see\"", "\"level\"", "\"cpp\"", "\"level cpp\"", "\"red\""});
  CHECK(matches("数据库") == std::vector<std::string>{"\"数 据\"", "\"据 库\""});
  CHECK(matches("水") == std::vector<std::string>{"\"水\""});
  CHECK(matches("parseHeader") == std::vector<std::string>{"\"parse\"", "\"header\"",
                                                           "\"parse header\"", "\"parseheader\""});
  CHECK(matches("Melanie's boat") == std::vector<std::string>{"\"melanie\"", "\"boat\""});
  CHECK(matches("!?").empty());
}

TEST_CASE("pieces: what other scopes hold does not change an order") {
  Talk talk;
  talk.say("user", "The heron waits by the river for the boat to pass.");
  talk.say("user", "A boat race was held here, the crowd was large.");
  talk.say("user", "Rivers and lakes freeze in a cold winter.");
  const auto before = talk.store.search_text(kScope, "heron boat river", 10);
  const ScopeId other = talk.store.scope({"somebody", "else", "s"});
  for (int i = 0; i < 200; ++i) add_text(talk.store, other, "heron heron river " + std::to_string(i));
  const auto after = talk.store.search_text(kScope, "heron boat river", 10);
  REQUIRE(after.pages.size() == before.pages.size());
  for (std::size_t i = 0; i < after.pages.size(); ++i) {
    CHECK(after.pages[i].id == before.pages[i].id);
    CHECK(after.pages[i].score == before.pages[i].score);
  }
}

TEST_CASE("pieces: text that is on no page yet is ranked with the rest") {
  Talk talk;
  talk.say("user", "Nothing of interest.");
  talk.say("user", "The port number of the relay is 7717.", 0, false);
  CHECK(talk.best("which port has the relay") == "The port number of the relay is 7717.");
  const auto hits = talk.store.search_text(kScope, "relay port", 5);
  CHECK(hits.pages.empty());
  CHECK(hits.verbatim == 2);
  talk.say("user", "", 0, false);
  REQUIRE(talk.store.add_page(talk.scope, make_page("The port number of the relay is 7717.")));
  CHECK(talk.store.search_text(kScope, "relay port", 5).pages.size() == 1);
  CHECK(talk.store.search_text(kScope, "relay port", 5).verbatim == 0);
}

TEST_CASE("pieces: the speaker and the day that a question names come first") {
  Talk talk;
  const Time may = 1683504000, june = 1686182400;  // 8 May and 8 June 2023
  talk.say("Caroline", "Caroline:\nI painted a sunrise over the lake.", may);
  talk.say("Melanie", "Melanie:\nI painted a sunrise over the lake.", may + 60);
  talk.say("Caroline", "Caroline:\nI painted a sunrise over the lake, again.", june);
  CHECK(talk.store.read_pieces(talk.scope, std::vector<std::int64_t>{2}).at(0).speaker == "Melanie");
  const auto first = [&](const std::string& query) {
    return talk.store.order_pieces(talk.scope, query).front();
  };
  CHECK(first("What did Melanie paint?") == 2);
  CHECK(first("What did Caroline paint on 8 June?") == 3);
}

TEST_CASE("pieces: a user's words weigh more than an assistant's") {
  Talk talk;
  talk.say("assistant", "assistant:\nA budget of 400 dollars would do for the garden.");
  talk.say("user", "user:\nA budget of 400 dollars would do for the garden.");
  CHECK(talk.store.order_pieces(talk.scope, "garden budget").front() == 2);
}

TEST_CASE("pieces: without roles a long answer does not lift itself, the messages around do") {
  const auto place_of_best = [](const std::string& one, const std::string& other) {
    Talk talk;
    const std::string filler = sentence('x', 380), said = "the lantern " + sentence('y', 368);
    talk.say(one, filler + filler);
    talk.say(other, said + said + said + said);  // 3 to 6
    talk.say(one, filler + filler);
    talk.say(other, filler + filler);
    talk.say(one, said + filler);  // 11, 12
    talk.say(other, "the lantern hangs; the lantern " + sentence('z', 350) + filler);  // 13, 14
    talk.say(one, said + filler);
    return talk.store.order_pieces(talk.scope, "lantern").front();
  };
  CHECK(place_of_best("message", "message") == 13);
  CHECK(place_of_best("tool", "tool") == 13);
  const auto in_answers = place_of_best("assistant", "assistant");
  CHECK((in_answers >= 3 && in_answers <= 6));  // inside the long one
}

TEST_CASE("pieces: hours of silence begin a session") {
  Talk talk;
  for (const Time time : {1000, 1060, 1000 + 5 * 3600, 0, 5 * 3600 + 2000})
    talk.say("user", "again", time);
  std::vector<std::int64_t> sessions;
  for (const Piece& piece : talk.store.pieces(talk.scope)) sessions.push_back(piece.session);
  CHECK(sessions == std::vector<std::int64_t>{0, 0, 1, 1, 1});
}

TEST_CASE("pieces: one across two pages goes when one of them is erased, but for its rest") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const NewMessage message{"user", "heronsecret on one page, kingfisher on the other", 0, "m"};
  store.add_messages(scope, {&message, 1});
  const PageId first = store.add_page(scope, make_page("heronsecret on one page, ")).value();
  const PageId second = store.add_page(scope, make_page("kingfisher on the other")).value();
  CHECK(store.search_text(kScope, "kingfisher", 5).pages.size() == 1);
  CHECK(store.erase_pages(scope, {&first, 1}, 1).bytes_gone == !on_server());
  CHECK(!contains(all_bytes_of(folder.file()), "heronsecret"));
  const auto found = store.search_text(kScope, "kingfisher", 5).pages;
  REQUIRE(store.pieces(scope).size() == 1);
  CHECK(store.read_pieces(scope, std::vector<std::int64_t>{1}).at(0).text == "kingfisher on the other");
  CHECK(store.verify().empty());
  (void)second;
}

TEST_CASE("pieces: the words of a page are one segment of the index, and each piece has its count" *
          doctest::skip(on_server())) {
  Talk talk;
  std::string text;
  for (char letter = 'a'; letter < 'k'; ++letter) text += sentence(letter, 380) + "\n\n";
  talk.say("user", text);
  const Database database(talk.folder.file(), talk.folder.file(), 1000);
  CHECK(database.integer("SELECT count(*) FROM pieces WHERE page > 0") == 10);
  CHECK(database.integer("SELECT min(words) FROM pieces") == 38);
  CHECK(database.integer("SELECT count(DISTINCT segid) FROM piece_words_idx") == 1);
}
