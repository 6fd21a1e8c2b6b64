// Byte-pair encoding and fixed strings, beside their definitions written out.
#include "model/tokenizer/bpe.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "model/tokenizer/token_trie.h"

using namespace fovea;

namespace {

struct Rule {
  int left, right, joined;
};

/// A token a byte of "abcd", and rules that join tokens that there are by then.
std::vector<Rule> some_rules(std::mt19937& random) {
  std::vector<Rule> rules;
  int tokens = 4;
  for (std::size_t left = random() % 12; left > 0; --left) {
    const int first = static_cast<int>(random() % static_cast<unsigned>(tokens));
    const int second = static_cast<int>(random() % static_cast<unsigned>(tokens));
    rules.push_back({first, second, tokens++});
  }
  return rules;
}

/// As the definition has it: of all neighbours the pair with the oldest rule, the leftmost first.
std::vector<int> joined(const std::string& text, const std::vector<Rule>& rules) {
  std::map<std::pair<int, int>, std::pair<int, int>>
      by_pair;  // rank, joined; the younger rule counts
  for (std::size_t i = 0; i < rules.size(); ++i)
    by_pair[{rules[i].left, rules[i].right}] = {static_cast<int>(i), rules[i].joined};
  std::vector<int> ids;
  for (const char c : text) {
    if (c >= 'a' && c <= 'd') ids.push_back(c - 'a');
  }
  while (true) {
    std::size_t best = ids.size();
    int rank = 1 << 30;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      const auto rule = by_pair.find({ids[i], ids[i + 1]});
      if (rule == by_pair.end() || rule->second.first >= rank) continue;
      rank = rule->second.first;
      best = i;
    }
    if (best == ids.size()) return ids;
    ids[best] = by_pair.at({ids[best], ids[best + 1]}).second;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

std::string some_text(std::mt19937& random, std::size_t most) {
  std::string text;
  for (std::size_t left = random() % (most + 1); left > 0; --left)
    text += "abcd?"[random() % (random() % 4 == 0 ? 5 : 3)];
  return text;
}

}  // namespace

TEST_CASE("BPE: any rules join any bytes as their order says") {
  std::mt19937 random(51);
  for (int round = 0; round < 3000; ++round) {
    Bpe bpe;
    for (int i = 0; i < 4; ++i) bpe.set_byte(static_cast<std::uint8_t>('a' + i), i);
    const auto rules = some_rules(random);
    for (const Rule& rule : rules) bpe.add_merge(rule.left, rule.right, rule.joined);
    const std::string text = some_text(random, 40);
    std::vector<int> ids = {7};  // what is there stays
    bpe.append(text, ids);
    auto expected = joined(text, rules);
    expected.insert(expected.begin(), 7);
    CAPTURE(text);
    CHECK(ids == expected);
  }
}

TEST_CASE("BPE: thousands of rules are all found again") {
  Bpe bpe;
  for (int i = 0; i < 256; ++i) bpe.set_byte(static_cast<std::uint8_t>(i), i);
  for (int i = 0; i < 60'000; ++i) bpe.add_merge(i / 256, i % 256, 1000 + i);
  for (const int pair : {0, 1, 255, 256, 30'000, 59'999}) {
    std::string text = {static_cast<char>(pair / 256), static_cast<char>(pair % 256)};
    std::vector<int> ids;
    bpe.append(text, ids);
    CHECK(ids == std::vector<int>{1000 + pair});
  }
}

TEST_CASE("BPE: a whole text is its token whatever the rules, a byte without a token is left out") {
  Bpe bpe;
  bpe.set_byte('a', 0);
  bpe.set_byte('b', 1);
  bpe.add_merge(0, 1, 2);
  bpe.add_whole("aba", 9);
  std::vector<int> ids;
  bpe.append("aba", ids);
  bpe.append("ab", ids);
  bpe.append("a?b", ids);  // what is left out parts nothing
  bpe.append("?", ids);
  bpe.append("", ids);
  CHECK(ids == std::vector<int>{9, 2, 2});
  CHECK(bpe.id_of('a') == 0);
  CHECK(bpe.id_of('?') == Bpe::kNone);
}

TEST_CASE("fixed strings: the leftmost is found, of those the longest") {
  std::mt19937 random(52);
  for (int round = 0; round < 3000; ++round) {
    TokenTrie trie;
    std::map<std::string, int> strings;
    for (std::size_t left = random() % 6; left > 0; --left) {
      const std::string text = some_text(random, 4);
      const int id = static_cast<int>(random() % 100);
      trie.add(text, id);
      if (!text.empty()) strings[text] = id;
    }
    const std::string text = some_text(random, 30);
    const std::size_t from = random() % (text.size() + 2);
    std::optional<TokenTrie::Match> expected;
    for (std::size_t begin = from; begin < text.size() && !expected; ++begin) {
      for (const auto& [string, id] : strings) {
        const bool longer = !expected || string.size() > expected->length;
        if (text.compare(begin, string.size(), string) == 0 && longer)
          expected = {begin, string.size(), id};
      }
    }
    const auto found = trie.find(text, from);
    CAPTURE(text);
    REQUIRE(found.has_value() == expected.has_value());
    if (!found) continue;
    CHECK(found->begin == expected->begin);
    CHECK(found->length == expected->length);
    CHECK(found->id == expected->id);
  }
}
