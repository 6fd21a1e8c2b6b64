#include <array>

#include "fovea/error.h"
#include "memory/store.h"

namespace fovea {
namespace {

constexpr std::array<std::string_view, 10> kEventNames = {
    "fade",         "promote", "migrate",    "pin",  "unpin",
    "drop_archive", "erase",   "erase_part", "gone", "expire"};
static_assert(kEventNames.size() == static_cast<std::size_t>(HistoryEvent::expire) + 1);

}  // namespace

std::string_view name_of(HistoryEvent event) {
  return kEventNames[static_cast<std::size_t>(event)];
}

HistoryEvent history_event_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kEventNames.size(); ++i) {
    if (kEventNames[i] == name) return static_cast<HistoryEvent>(i);
  }
  throw Error(ErrorCode::corruption,
              "the history has an event \"" + std::string(name) + "\" that there is not");
}

}  // namespace fovea
