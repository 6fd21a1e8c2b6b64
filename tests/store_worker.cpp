// A program that uses one store hard, to be run several at a time and to be killed: see
// bench/several_processes.py and bench/kill.py. Prints one JSON object.

#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "fovea/error.h"
#include "memory/store.h"

namespace {

using namespace fovea;
using Clock = std::chrono::steady_clock;

const Scope kShared{"all", "of", "them"};
const std::string kFingerprint(64, 'a');
constexpr int kDim = 8;
constexpr std::size_t kPageBytes = 5600;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Prints how long each round took, in ms.
void print_rounds(const std::vector<double>& seconds) {
  std::cout << "{\"rounds\": [";
  for (std::size_t i = 0; i < seconds.size(); ++i)
    std::cout << (i == 0 ? "" : ",") << std::round(seconds[i] * 1e5) / 1e2;
  std::cout << "]}\n";
}

VisionTokens tokens_at(Level level) {
  VisionTokens tokens{.level = level, .density = Density::d106, .row_lengths = {}, .count = token_count(level),
                      .dim = kDim, .values = {}, .scales = {}, .fingerprint = kFingerprint};
  tokens.values.assign(static_cast<std::size_t>(tokens.count) * kDim, 5);
  tokens.scales.assign(static_cast<std::size_t>(tokens.count), 0.5f);
  return tokens;
}

/// "<NAME>" and some words, the same for the same name.
std::string text_of(const std::string& name) {
  std::mt19937 random(static_cast<unsigned>(std::hash<std::string>{}(name)));
  std::string text = "<" + name + ">";
  const int words = 20 + static_cast<int>(random() % 300);
  for (int i = 0; i < words; ++i) text += " word" + std::to_string(random() % 5000);
  return text + "\n";
}

NewPage page_of(const std::string& text) {
  NewPage page{.text = text, .characters = text.size(), .text_tokens = text.size() / 4, .time = 1,
               .tokens = tokens_at(Level::small), .embedding = {}, .fidelity = {}};
  page.embedding.assign(kDim, 0.1f);
  page.embedding[text.size() % kDim] = 0.9f;
  return page;
}

/// Pages of the scope's verbatim text as long as it fills them; others may do the same meanwhile.
void make_pages(Store& store, ScopeId scope, std::size_t least = kPageBytes) {
  while (true) {
    const Verbatim verbatim = store.verbatim(scope, kPageBytes);
    if (verbatim.text.size() < least || verbatim.text.empty()) return;
    store.add_page(scope, page_of(verbatim.text));
  }
}

int write_for(Store& store, const std::string& name, double seconds) {
  const ScopeId shared = store.scope(kShared), own = store.scope({name, "a", "s"});
  const auto start = Clock::now();
  std::vector<double> rounds;
  while (seconds_since(start) < seconds) {
    const auto before = Clock::now();
    const std::size_t messages = rounds.size();
    const std::string id = name + "-" + std::to_string(messages);
    const NewMessage message{"user", text_of(id), 1, id};
    store.add_messages(shared, {&message, 1});
    make_pages(store, shared);
    store.add_messages(own, {&message, 1});
    make_pages(store, own);
    const auto pages = store.pages(own);
    if (messages % 5 == 0 && !pages.empty()) {
      const StoredPage& page = pages[messages % pages.size()];
      TokenChange change;
      change.page = page.id;
      change.from = page.level;
      change.tokens = tokens_at(page.level == Level::small ? Level::tiny : Level::faint);
      if (page.level < Level::faint) store.replace_tokens(own, change);
    }
    if (messages % 60 == 59 && !pages.empty())
      store.erase_pages(own, std::vector{pages.front().id}, 1);
    rounds.push_back(seconds_since(before));
  }
  print_rounds(rounds);
  return 0;
}

int read_for(Store& store, double seconds) {
  const auto start = Clock::now();
  std::vector<double> rounds;
  while (seconds_since(start) < seconds) {
    const auto before = Clock::now();
    store.search_text(kShared, "word17 word" + std::to_string(rounds.size() % 5000), 10);
    store.search_vectors(kShared, kFingerprint, std::vector<float>(kDim, 0.1f), 10);
    if (const auto shared = store.find_scope(kShared)) {
      const auto pages = store.pages(*shared, 0, 50);
      if (!pages.empty()) {
        const PageId id = pages[rounds.size() % pages.size()].id;
        store.tokens(*shared, id);
        store.archived_text(*shared, id);
      }
      store.verbatim(*shared);
    }
    rounds.push_back(seconds_since(before));
  }
  print_rounds(rounds);
  return 0;
}

// What is killed: each does the same work again when it is started again.

int compact(Store& store, int count) {
  const ScopeId shared = store.scope(kShared);
  for (int i = 0; i < count; ++i) {
    const std::string id = "c-" + std::to_string(i);
    const NewMessage message{"user", text_of(id), 1, id};
    store.add_messages(shared, {&message, 1});
    make_pages(store, shared);
  }
  make_pages(store, shared, 1);
  return 0;
}

int age(Store& store) {
  const ScopeId shared = store.scope(kShared);
  for (const StoredPage& page : store.pages(shared)) {
    if (page.level >= Level::faint) continue;
    TokenChange change;
    change.page = page.id;
    change.from = page.level;
    change.tokens = tokens_at(Level::faint);
    change.embedding.assign(kDim, 0.2f);
    store.replace_tokens(shared, change);
  }
  return 0;
}

int erase(Store& store) {
  const ScopeId shared = store.scope(kShared);
  for (const StoredPage& page : store.pages(shared)) {
    if (page.order % 3 == 0) store.erase_pages(shared, std::vector{page.id}, 1);
  }
  return 0;
}

int rebuild_index(Store& store) {
  std::filesystem::remove(store.path() + ".faiss");
  const std::size_t pages = store.count_pages(kShared);
  const auto found = store.search_vectors(kShared, kFingerprint, std::vector<float>(kDim, 0.1f),
                                          pages);
  if (found.size() != pages) throw Error(ErrorCode::corruption, "the index lacks pages");
  return 0;
}

/// Findings, and how often each message's name stands in the shared scope's text, where not once.
int check(const Store& store) {
  std::size_t findings = 0;
  for (const std::string& finding : store.verify()) {
    std::cerr << finding << '\n';
    ++findings;
  }
  std::map<std::string, int> names;
  std::size_t pages = 0, coarse = 0;
  if (const auto shared = store.find_scope(kShared)) {
    std::string text;
    for (const StoredPage& page : store.pages(*shared)) {
      text += store.archived_text(*shared, page.id).value_or("");
      ++pages;
      coarse += page.level == Level::faint ? 1 : 0;
    }
    text += store.verbatim(*shared).text;
    for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1))
      ++names[text.substr(at, text.find('>', at) - at)];
  }
  std::size_t doubled = 0;
  for (const auto& [name, times] : names) doubled += times > 1 ? 1 : 0;
  std::cout << "{\"findings\": " << findings << ", \"messages\": " << names.size()
            << ", \"doubled\": " << doubled << ", \"pages\": " << pages << ", \"faint\": " << coarse
            << "}\n";
  return findings == 0 && doubled == 0 ? 0 : 1;
}

int run(const std::vector<std::string>& arguments) {
  Store store(arguments.at(2));
  const std::string& what = arguments.at(1);
  if (what == "write") return write_for(store, arguments.at(3), std::stod(arguments.at(4)));
  if (what == "read") return read_for(store, std::stod(arguments.at(3)));
  if (what == "compact") return compact(store, std::stoi(arguments.at(3)));
  if (what == "age") return age(store);
  if (what == "erase") return erase(store);
  if (what == "index") return rebuild_index(store);
  return check(store);
}

}  // namespace

int main(int count, char** arguments) try {
  return run({arguments, arguments + count});
} catch (const std::exception& error) {
  std::cerr << "store_worker: " << error.what() << '\n';
  return 1;
}
