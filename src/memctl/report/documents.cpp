#include "memctl/report/documents.h"

#include "memctl/output.h"
#include "memctl/page_facts.h"

namespace fovea::memctl {
namespace {

using Json = nlohmann::ordered_json;

Json name_or_null(const std::optional<Level>& level) {
  return level ? Json(name_of(*level)) : Json(nullptr);
}

Json step_of(const Step& step, const AgeResult& plan) {
  Json document = {{"id", step.id},
                   {"from", name_of(step.from)},
                   {"to", name_or_null(step.to)},
                   {"fidelity", or_null(step.fidelity)},
                   {"fidelity_error", step.fidelity_error},
                   {"tokens_saved", step.tokens_saved},
                   {"reason", step.reason},
                   {"lost_words", Json::array()}};
  if (const auto lost = plan.lost_words.find(step.id); lost != plan.lost_words.end())
    document["lost_words"] = lost->second;
  return document;
}

}  // namespace

Json report_document(const PageInfo& page, const std::string& first_words) {
  Json document = {
      {"id", page.id}, {"level", name_of(page.level)}, {"layout", name_of(page.layout)}};
  document.update(page_facts(page));
  document["begins"] = first_words;
  return document;
}

Json report_document(const MessageInfo& message) {
  return {{"role", message.role},
          {"time", message.time},
          {"source", message.source_id},
          {"pages", message.pages},
          {"begins", message.begins}};
}

Json report_document(const HistoryEntry& entry) {
  return {{"time", entry.time},
          {"event", name_of(entry.event)},
          {"page", entry.page},
          {"from", name_or_null(entry.from)},
          {"to", name_or_null(entry.to)},
          {"reason", entry.reason},
          {"tokens_saved", entry.tokens_saved},
          {"fidelity", or_null(entry.accuracy)}};
}

Json report_document(const Stats& stats) {
  Json levels = Json::array();
  for (const auto& [level, summary] : stats.levels) {
    levels.push_back({{"level", name_of(level)},
                      {"pages", summary.pages},
                      {"vision_tokens", summary.vision_tokens},
                      {"fidelity", or_null(summary.fidelity)}});
  }
  return {{"pages", stats.pages},
          {"messages", stats.messages},
          {"text_tokens", stats.text_tokens},
          {"vision_tokens", stats.vision_tokens},
          {"text_bytes", stats.text_bytes},
          {"token_bytes", stats.token_bytes},
          {"archive_bytes", stats.archive_bytes},
          {"kept_bytes", stats.anchor_bytes + stats.correction_bytes},
          {"file_bytes", stats.file_bytes},
          {"verbatim_characters", stats.verbatim_characters},
          {"levels", levels}};
}

Json report_document(const AgeResult& plan) {
  Json steps = Json::array();
  for (const Step& step : plan.steps) steps.push_back(step_of(step, plan));
  Json refused = Json::array();
  for (const Refusal& refusal : plan.refused)
    refused.push_back({{"id", refusal.id}, {"reason", refusal.reason}});
  return {{"steps", steps},
          {"refused", refused},
          {"archives", plan.archives},
          {"expired_pages", plan.expired ? Json(plan.expired->pages) : Json::array()},
          {"expired_messages", plan.expired ? plan.expired->messages : 0},
          {"vision_tokens", plan.vision_tokens}};
}

Json report_document(const Recalled& item) {
  Json parts = Json::array();
  for (const RecalledSpan& span : item.spans) {
    parts.push_back(
        {item.text.substr(span.begin, span.length), name_of(span.origin), span.confidence});
  }
  return {{"source", name_of(item.source)},
          {"confidence", item.confidence},
          {"complete", item.complete},
          {"parts", parts}};
}

}  // namespace fovea::memctl
