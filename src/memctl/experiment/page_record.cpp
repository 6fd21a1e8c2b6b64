#include "memctl/experiment/page_record.h"

#include <limits>

#include "fovea/error.h"

namespace fovea::memctl {
namespace {

/// The fields that are numbers, once for writing and for reading them.
template <typename Record, typename Visit>
void visit_numbers(Record& record, Visit visit) {
  visit("begin", record.begin);
  visit("full", record.full);
  visit("characters", record.characters);
  visit("text_tokens", record.text_tokens);
  visit("vision_tokens", record.vision_tokens);
  visit("text_bytes", record.text_bytes);
  visit("token_bytes", record.token_bytes);
  visit("zstd_bytes", record.zstd_bytes);
  visit("xz_bytes", record.xz_bytes);
  visit("unknown_cells", record.unknown_cells);
  visit("errors", record.errors);
  visit("exact_rows", record.exact_rows);
  visit("word_precision", record.word_precision);
  visit("word_recall", record.word_recall);
  visit("confidence", record.confidence);
  visit("encode_seconds", record.encode_seconds);
  visit("read_seconds", record.read_seconds);
}

Json json_of(const RowRecord& row) {
  return Json::array({row.evidence.decoder, row.evidence.weakest, row.evidence.glyph_reader,
                      row.confidence, row.exact ? 1 : 0});
}

/// The logarithm of a probability, of which JSON writes that of 0 as null.
float logarithm_from(const Json& json) {
  return json.is_null() ? -std::numeric_limits<float>::infinity() : json.get<float>();
}

RowRecord row_from(const Json& json) {
  return {.confidence = json.at(3),
          .evidence = {.decoder = logarithm_from(json.at(0)),
                       .weakest = logarithm_from(json.at(1)),
                       .glyph_reader = logarithm_from(json.at(2))},
          .exact = json.at(4) == 1};
}

Json json_of(const BaselineRecord& kept) {
  return {{"tokens", kept.tokens},
          {"errors", kept.errors},
          {"word_recall", kept.word_recall},
          {"exact_strings", kept.exact_strings},
          {"zstd_bytes", kept.zstd_bytes}};
}

BaselineRecord baseline_from(const Json& json) {
  return {.tokens = json.at("tokens"),
          .errors = json.at("errors"),
          .word_recall = json.at("word_recall"),
          .exact_strings = json.at("exact_strings"),
          .zstd_bytes = json.at("zstd_bytes")};
}

Shuffle shuffle_from_name(std::string_view name) {
  for (const Shuffle shuffle : kShuffles)
    if (name == name_of(shuffle)) return shuffle;
  throw Error(ErrorCode::invalid_argument, "no shuffle is called " + std::string(name));
}

}  // namespace

std::string columns_of(Density density) { return std::to_string(static_cast<int>(density)); }

std::string_view name_of(Shuffle shuffle) {
  switch (shuffle) {
    case Shuffle::words: return "words";
    case Shuffle::characters: return "characters";
    case Shuffle::none: break;
  }
  return "none";
}

Json json_of(const PageRecord& record) {
  Json json = {{"density", static_cast<int>(record.key.density)},
               {"domain", record.key.domain},
               {"shuffle", name_of(record.key.shuffle)},
               {"page", record.key.page},
               {"level", name_of(record.key.level)}};
  visit_numbers(record, [&](const char* name, const auto& number) { json[name] = number; });
  json["tokens_by"] = record.tokens_by;
  Json& strings = json["exact_strings"] = Json::object();
  for (const auto& [kind, tally] : record.exact_strings)
    strings[kind] = {tally.all, tally.given_back};
  Json& rows = json["rows"] = Json::array();
  for (const RowRecord& row : record.rows) rows.push_back(json_of(row));
  Json& confusions = json["confusions"] = Json::array();
  for (const auto& [pair, count] : record.confusions)
    confusions.push_back({pair.first, pair.second, count});
  Json& baselines = json["baselines"] = Json::object();
  for (const auto& [name, kept] : record.baselines) baselines[name] = json_of(kept);
  json["row_lengths"] = record.row_lengths;
  json["wrong_cells"] = record.wrong_cells;
  json["read_rows"] = record.read_rows;
  return json;
}

PageRecord page_record_from(const Json& json) {
  PageRecord record;
  record.key = {.density = density_from_columns(json.at("density")),
                .domain = json.at("domain"),
                .shuffle = shuffle_from_name(json.at("shuffle").get<std::string>()),
                .page = json.at("page"),
                .level = level_from_name(json.at("level").get<std::string>())};
  visit_numbers(record, [&](const char* name, auto& number) { json.at(name).get_to(number); });
  json.at("tokens_by").get_to(record.tokens_by);
  for (const auto& [kind, tally] : json.at("exact_strings").items())
    record.exact_strings[kind] = {.all = tally.at(0), .given_back = tally.at(1)};
  for (const Json& row : json.at("rows")) record.rows.push_back(row_from(row));
  for (const Json& one : json.at("confusions"))
    record.confusions[{one.at(0), one.at(1)}] = one.at(2);
  for (const auto& [name, kept] : json.at("baselines").items())
    record.baselines[name] = baseline_from(kept);
  json.at("row_lengths").get_to(record.row_lengths);
  json.at("wrong_cells").get_to(record.wrong_cells);
  json.at("read_rows").get_to(record.read_rows);
  return record;
}

}  // namespace fovea::memctl
