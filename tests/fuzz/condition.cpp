// A condition of a search, as people type it: what is understood means the same when it is written
// out again, and SQLite takes it.
#include <array>

#include "fovea/search.h"
#include "memory/store.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

std::string written(const Condition& condition) {
  constexpr std::array kFields = {"agent", "session", "run", "role", "source", "time", "level"};
  constexpr std::array kOperators = {"=", "!=", "<", "<=", ">", ">=", "in ", "not in ", "~"};
  std::string text = kFields.at(static_cast<std::size_t>(condition.field));
  text += std::string(" ") + kOperators.at(static_cast<std::size_t>(condition.comparison)) + " ";
  for (std::size_t i = 0; i < condition.values.size(); ++i)
    text += (i > 0 ? ", " : "") + condition.values[i];
  return text;
}

/// A store with one page, for the conditions to be asked of.
struct Asked {
  fuzz::Folder folder;
  Store store{folder.file("store.db")};
  Scope scope{"ann", "coder", "monday"};

  Asked() {
    const NewMessage message{"user", "the heron waits", 1'700'000'000, "session.jsonl"};
    store.add_messages(store.scope(scope), {&message, 1});
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Asked asked;
  const std::string_view text = fuzz::text_of(data, size);
  Condition condition;
  if (!fuzz::accepts([&] { condition = condition_from_text(text); })) return 0;
  const Condition again = condition_from_text(written(condition));
  fuzz::expect(again.field == condition.field && again.comparison == condition.comparison &&
                   again.values == condition.values,
               "a condition written out is the same condition");
  fuzz::accepts([&] { asked.store.count_pages(asked.scope, {&condition, 1}); });
  return 0;
}
