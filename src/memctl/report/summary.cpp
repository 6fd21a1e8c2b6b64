#include "memctl/report/summary.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "fovea/error.h"
#include "fovea/text.h"
#include "memctl/report/documents.h"
#include "memctl/report/page_documents.h"

namespace fovea::memctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTextsAtOnce = 64;

using FirstWords = std::map<std::int64_t, std::string>;

/// Of an archive that is damaged nothing; the page itself tells.
void add_first_words(const Memory& memory, const std::vector<std::int64_t>& ids,
                     FirstWords& words) {
  try {
    for (const Recalled& item : memory.read(ids, Source::archive))
      words[item.id] = cut_text(item.text, kFirstBytes);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io) throw;
    if (ids.size() == 1) return;
    for (const std::int64_t id : ids) add_first_words(memory, {id}, words);
  }
}

FirstWords first_words_of(const Memory& memory, std::span<const PageInfo> pages, FirstWords words) {
  std::vector<std::int64_t> ids;
  for (const PageInfo& page : pages) {
    if (page.has_archive && !words.contains(page.id)) ids.push_back(page.id);
    if (ids.size() < kTextsAtOnce) continue;
    add_first_words(memory, ids, words);
    ids.clear();
  }
  add_first_words(memory, ids, words);
  return words;
}

Json pages_document(const Memory& memory, const SummaryOptions& options) {
  auto pages = memory.pages();
  std::ranges::reverse(pages);
  FirstWords words = first_words_of(memory, pages, options.first_words);
  Json documents = Json::array();
  for (const PageInfo& page : pages) documents.push_back(report_document(page, words[page.id]));
  return documents;
}

Json history_document(const Memory& memory) {
  Json entries = Json::array();
  for (const HistoryEntry& entry : memory.history()) entries.push_back(report_document(entry));
  return entries;
}

}  // namespace

Json summary_document(const Memory& memory, const SummaryOptions& options, const Json& plan) {
  return {{"scope", options.scope},
          {"store", options.store},
          {"made", options.now},
          {"stats", report_document(memory.stats())},
          {"pages", pages_document(memory, options)},
          {"rest", report_document(memory.read({0}, Source::archive).at(0))},
          {"history", history_document(memory)},
          {"policy", Json::parse(memory.policy().to_json())},
          {"plan", plan}};
}

Json plan_document(Memory& memory, Time now,
                   const std::function<bool(std::size_t, std::size_t)>& progress) {
  AgeOptions options;
  options.now = now;
  options.progress = progress;
  try {
    return report_document(memory.plan(options));
  } catch (const Error& error) {
    return error_document(error);
  }
}

}  // namespace fovea::memctl
