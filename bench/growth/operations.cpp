#include "bench/growth/operations.h"

#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "bench/store/fill.h"
#include "fovea/memory.h"
#include "fovea/policy.h"
#include "memory/measure/made_up_store.h"

namespace fovea::bench {
namespace {

constexpr std::size_t kTimes = 15;

/// What an operation keeps between its calls.
struct Opened {
  explicit Opened(const Operand& operand, const Scope& name = kScope)
      : store(operand.file), scope(store.scope(name)) {}
  Store store;
  ScopeId scope;
  MadeUp made_up{7};
  std::size_t next = 0;
};

/// `work(Opened&)`, the first time and each time the same.
template <class Work>
Operation on_store(const Operand& operand, std::size_t times, Work work) {
  auto opened = std::make_shared<Opened>(operand);
  const auto call = [opened, work] { work(*opened); };
  return {times, call, call};
}

template <class Work>
Operation on_memory(const Operand& operand, std::size_t times, Work work) {
  auto memory = std::make_shared<Memory>(operand.file, operand.model, kScope);
  auto made_up = std::make_shared<MadeUp>(8);
  const auto call = [=] { work(*memory, *made_up); };
  return {times, call, call};
}

/// The page's message is added beforehand, with those of all others that will be.
Operation add_pages(const Operand& operand, const Scope& scope) {
  auto opened = std::make_shared<Opened>(operand, scope);
  auto pages = std::make_shared<std::vector<NewPage>>();
  for (std::size_t i = 0; i < 40; ++i) {
    NewPage page = made_up_page(opened->made_up);
    page.text = opened->made_up.text(operand.words);
    page.tokens.level = operand.level;
    page.tokens.count = token_count(operand.level);
    page.tokens.values.assign(static_cast<std::size_t>(page.tokens.count) * kMadeUpDim, 3);
    page.tokens.scales.assign(static_cast<std::size_t>(page.tokens.count), 0.1f);
    const NewMessage message{"user", page.text, 1, ""};
    opened->store.add_messages(opened->scope, {&message, 1});
    pages->push_back(std::move(page));
  }
  const auto call = [=] { opened->store.add_page(opened->scope, pages->at(opened->next++)); };
  return {pages->size() - 1, call, call};
}

Operation erase_pages(const Operand& operand) {
  const auto pages = Store(operand.file).pages(Store(operand.file).scope(kScope));
  const PageId middle = pages.at(pages.size() / 2).id;
  return on_store(operand, 9, [middle](Opened& opened) {
    const PageId id = middle + static_cast<PageId>(3 * opened.next++);
    opened.store.erase_pages(opened.scope, {&id, 1}, 1);
  });
}

/// Pages of all ages up to two years, each of which is read back ever worse at coarser levels.
Operation plan_ageing(const Operand& operand) {
  auto states = std::make_shared<std::vector<PageState>>();
  const Store store(operand.file);
  constexpr Time kTwoYears = 2 * 365 * 86'400;
  const auto pages = store.pages(store.find_scope(kScope).value());
  for (const StoredPage& page : pages) {
    PageState state;
    state.id = page.id;
    state.level = Level::base;
    state.time = kTwoYears * page.id / static_cast<Time>(pages.size());
    state.characters = page.characters;
    double fidelity = 1;
    for (const Level level : kLevels) state.fidelity[level] = fidelity -= 0.05;
    states->push_back(std::move(state));
  }
  const auto call = [states] { plan(Policy::standard(), *states, kTwoYears); };
  return {kTimes, call, call};
}

Operation open_store(const Operand& operand) {
  const auto call = [operand] { Store store(operand.file); };
  return {kTimes, call, call};
}

Operation verify(const Operand& operand) {
  auto store = std::make_shared<Store>(operand.file);
  return {0, [store] { store->verify(); }, {}};
}

}  // namespace

std::map<std::string, std::function<Operation(const Operand&)>> operations() {
  return {{"open", open_store},
          {"add a page", [](const Operand& operand) { return add_pages(operand, kScope); }},
          {"add a page, each to a scope of its own",
           [](const Operand& operand) {
             return add_pages(operand, {"bench", "bench", std::to_string(getpid())});
           }},
          {"erase a page", erase_pages},
          {"age: plan", plan_ageing},
          {"verify", verify},
          {"search: words",
           [](const Operand& operand) {
             return on_store(operand, kTimes, [](Opened& opened) {
               opened.store.search_text(kScope, opened.made_up.question(), kSearchDepth);
             });
           }},
          {"search: vectors",
           [](const Operand& operand) {
             return on_store(operand, kTimes, [](Opened& opened) {
               opened.store.search_vectors(kScope, kMadeUpFingerprint,
                                           opened.made_up.vectors(1, kMadeUpDim), kSearchDepth);
             });
           }},
          {"context",
           [](const Operand& operand) {
             return on_memory(operand, kTimes, [](Memory& memory, MadeUp& made_up) {
               memory.context({.budget = 8000, .query = made_up.question(), .target = "text"});
             });
           }},
          {"recall a page",
           [](const Operand& operand) {
             return on_memory(operand, kTimes,
                              [](Memory& memory, MadeUp&) { memory.read({42}, Source::archive); });
           }},
          {"stats", [](const Operand& operand) {
             return on_memory(operand, kTimes, [](Memory& memory, MadeUp&) { memory.stats(); });
           }}};
}

}  // namespace fovea::bench
