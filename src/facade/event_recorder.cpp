#include "facade/event_recorder.h"

#include <nlohmann/json.hpp>

namespace fovea {

void EventRecorder::done(std::size_t pages, std::int64_t tokens_saved, Changes changes) const {
  if (!memory_.on_event) return;
  Event event;
  event.time = time_now();
  event.name = name_;
  event.scope = memory_.scope_name;
  event.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  event.pages = pages;
  event.tokens_saved = tokens_saved;
  if (changes == Changes::scope) event.levels = memory_.levels();
  memory_.on_event(event);
}

std::string to_json(const Event& event) {
  nlohmann::ordered_json document = {
      {"time", event.time},       {"event", event.name},   {"scope", to_text(event.scope)},
      {"seconds", event.seconds}, {"pages", event.pages}, {"tokens_saved", event.tokens_saved}};
  for (const auto& [level, summary] : event.levels)
    document["levels"][std::string(name_of(level))] = {{"pages", summary.pages},
                                                       {"vision_tokens", summary.vision_tokens}};
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace fovea
