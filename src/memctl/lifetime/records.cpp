#include "memctl/lifetime/records.h"

#include <utility>

namespace fovea::memctl {
namespace {

Json json_of(const std::vector<bool>& flags) {
  Json list = Json::array();
  for (const bool flag : flags) list.push_back(flag ? 1 : 0);
  return list;
}

std::vector<bool> flags_from(const Json& json) {
  std::vector<bool> flags;
  for (const Json& flag : json) flags.push_back(flag == 1);
  return flags;
}

Json json_of(const ReadingKey& key, const ReadingRecord& record) {
  return {{"policy", key.policy},
          {"page", key.page},
          {"level", name_of(key.level)},
          {"accuracy", record.fidelity.accuracy},
          {"exact_rows", record.fidelity.exact_rows},
          {"word_precision", record.fidelity.word_precision},
          {"exact_strings", {record.exact_strings.all, record.exact_strings.given_back}},
          {"answers", json_of(record.answers)}};
}

Json json_of(const SnapshotKey& key, const SnapshotRecord& record) {
  Json levels = Json::array(), found = Json::array();
  for (const auto& level : record.levels) levels.push_back(level ? Json(name_of(*level)) : Json());
  for (const auto& [page, flags] : record.found)
    found.push_back(Json::array({page, json_of(flags)}));
  return {{"policy", key.policy},
          {"day", key.day},
          {"vision_tokens", record.vision_tokens},
          {"verbatim_tokens", record.verbatim_tokens},
          {"token_bytes", record.token_bytes},
          {"archive_bytes", record.archive_bytes},
          {"kept_text_bytes", record.kept_text_bytes},
          {"file_bytes", record.file_bytes},
          {"levels", levels},
          {"found", found}};
}

SnapshotRecord snapshot_from(const Json& json) {
  SnapshotRecord record{.vision_tokens = json.at("vision_tokens"),
                        .verbatim_tokens = json.at("verbatim_tokens"),
                        .token_bytes = json.at("token_bytes"),
                        .archive_bytes = json.at("archive_bytes"),
                        .kept_text_bytes = json.at("kept_text_bytes"),
                        .file_bytes = json.at("file_bytes"),
                        .levels = {},
                        .found = {}};
  for (const Json& level : json.at("levels")) {
    record.levels.emplace_back();
    if (!level.is_null()) record.levels.back() = level_from_name(level.get<std::string>());
  }
  for (const Json& page : json.at("found"))
    record.found[page.at(0).get<std::size_t>()] = flags_from(page.at(1));
  return record;
}

ReadingRecord reading_from(const Json& json) {
  const Json& strings = json.at("exact_strings");
  return {.fidelity = {.accuracy = json.at("accuracy"),
                       .exact_rows = json.at("exact_rows"),
                       .word_precision = json.at("word_precision")},
          .exact_strings = {strings.at(0), strings.at(1)},
          .answers = flags_from(json.at("answers"))};
}

}  // namespace

LifeRecords::LifeRecords(const std::string& folder, const Json& run)
    : journal_(folder, "lifetime.jsonl", run, [this](const Json& line) { take(line); }) {}

void LifeRecords::take(const Json& line) {
  const std::string policy = line.at("policy");
  if (line.contains("day")) {
    snapshots_.insert_or_assign({policy, line.at("day")}, snapshot_from(line));
    return;
  }
  const Level level = level_from_name(line.at("level").get<std::string>());
  readings_.insert_or_assign({policy, line.at("page"), level}, reading_from(line));
}

const ReadingRecord* LifeRecords::reading(const ReadingKey& key) const {
  const auto found = readings_.find(key);
  return found == readings_.end() ? nullptr : &found->second;
}

const ReadingRecord& LifeRecords::add(const ReadingKey& key, ReadingRecord record) {
  journal_.add(json_of(key, record));
  return readings_.insert_or_assign(key, std::move(record)).first->second;
}

void LifeRecords::add(const SnapshotKey& key, SnapshotRecord record) {
  journal_.add(json_of(key, record));
  snapshots_.insert_or_assign(key, std::move(record));
}

}  // namespace fovea::memctl
