#include "memctl/report/writing.h"

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "fovea/error.h"
#include "fovea/renderer.h"
#include "fovea/text.h"
#include "memctl/report/documents.h"
#include "memctl/report/html.h"
#include "memctl/times.h"

namespace fovea::memctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPagesAtOnce = 4;  // are decoded together
constexpr std::size_t kFirstBytes = 160;

Json error_document(const Error& error) {
  if (error.code() == ErrorCode::io) throw;  // not the page's fault
  return {{"error", error.what()}};
}

class Writing {
 public:
  Writing(Memory& memory, const ReportOptions& options,
          const std::function<void(std::string_view)>& write)
      : memory_(memory), options_(options), write_(write), now_(time_now()) {}

  ReportResult run();

 private:
  void put(std::string_view text);
  bool goes_on(const std::string& thing, std::size_t done, std::size_t total);
  Json plan();
  void read_list();
  void put_shown_pages();
  void put_pages(std::span<const PageInfo> pages);
  std::map<std::int64_t, Json> readings_of(std::span<const PageInfo> pages);
  Json reading_of(const PageInfo& page);
  Json kept_text_of(const PageInfo& page);
  Json picture_of(const PageInfo& page);
  void put_summary(const Json& plan);
  std::string first_words_of(const PageInfo& page) const;

  Memory& memory_;
  const ReportOptions& options_;
  const std::function<void(std::string_view)>& write_;
  Time now_;
  std::vector<PageInfo> pages_;  ///< newest first
  std::vector<MessageInfo> messages_;
  std::map<std::int64_t, std::vector<const MessageInfo*>> messages_of_;  ///< by page
  std::map<std::int64_t, std::string> first_words_;                      ///< of shown pages
  ReportResult result_;
};

ReportResult Writing::run() {
  put(report_head());
  const Json next = plan();  // first, since it measures pages
  if (result_.stopped) return result_;
  read_list();
  put_shown_pages();
  if (result_.stopped) return result_;
  put_summary(next);
  put(report_tail());
  return result_;
}

void Writing::put(std::string_view text) {
  write_(text);
  result_.bytes += text.size();
}

bool Writing::goes_on(const std::string& thing, std::size_t done, std::size_t total) {
  if (options_.progress && !options_.progress(thing, done, total)) result_.stopped = true;
  return !result_.stopped;
}

Json Writing::plan() {
  if (!options_.plan) return nullptr;
  AgeOptions options;
  options.now = now_;
  options.progress = [&](std::size_t done, std::size_t total) {
    return goes_on("measurements", done, total);
  };
  try {
    const AgeResult plan = memory_.plan(options);
    result_.steps = plan.steps.size();
    return document_of(plan);
  } catch (const Error& error) {
    return error_document(error);
  }
}

void Writing::read_list() {
  pages_ = memory_.pages();
  std::ranges::reverse(pages_);
  messages_ = memory_.messages();
  for (const MessageInfo& message : messages_) {
    for (const std::int64_t page : message.pages) messages_of_[page].push_back(&message);
  }
  result_.pages = pages_.size();
  result_.shown = std::min(options_.pages, pages_.size());
}

void Writing::put_shown_pages() {
  const auto shown = std::span(pages_).first(result_.shown);
  for (std::size_t done = 0; done < shown.size();) {
    const std::size_t count = std::min(kPagesAtOnce, shown.size() - done);
    put_pages(shown.subspan(done, count));
    done += count;
    if (!goes_on("pages", done, shown.size())) return;
  }
}

void Writing::put_pages(std::span<const PageInfo> pages) {
  const auto readings = readings_of(pages);
  for (const PageInfo& page : pages) {
    const std::string id = std::to_string(page.id);
    Json document = {{"id", page.id}, {"read", readings.at(page.id)}, {"kept", kept_text_of(page)}};
    document["messages"] = Json::array();
    for (const MessageInfo* message : messages_of_[page.id])
      document["messages"].push_back(document_of(*message));
    put(data_element("text-" + id, document));
    put(data_element("picture-" + id, picture_of(page)));
  }
}

/// Together, or one by one where one of them cannot be read.
std::map<std::int64_t, Json> Writing::readings_of(std::span<const PageInfo> pages) {
  std::map<std::int64_t, Json> readings;
  std::vector<std::int64_t> ids;
  for (const PageInfo& page : pages) ids.push_back(page.id);
  for (const std::int64_t id : ids) readings[id] = nullptr;
  if (!options_.read) return readings;
  try {
    for (const Recalled& item : memory_.read(ids, Source::tokens)) {
      first_words_[item.id] = cut_text(item.text, kFirstBytes);
      readings[item.id] = document_of(item);
    }
  } catch (const Error&) {
    for (const PageInfo& page : pages) readings[page.id] = reading_of(page);
  }
  return readings;
}

Json Writing::reading_of(const PageInfo& page) {
  try {
    return document_of(memory_.read({page.id}, Source::tokens).at(0));
  } catch (const Error& error) {
    ++result_.damaged;
    return error_document(error);
  }
}

/// The exact text, or what a recall gives with what is kept beside the tokens; null: the same as is
/// read from these.
Json Writing::kept_text_of(const PageInfo& page) {
  if (!page.has_archive && !options_.read) return nullptr;
  try {
    const auto items = memory_.read({page.id}, Source::automatic);
    if (items.at(0).source == RecalledFrom::tokens) return nullptr;
    first_words_[page.id] = cut_text(items.at(0).text, kFirstBytes);
    return document_of(items.at(0));
  } catch (const Error& error) {
    return error_document(error);
  }
}

Json Writing::picture_of(const PageInfo& page) {
  if (!page.has_archive && !options_.read) return nullptr;
  try {
    const Page picture = memory_.picture(page.id);
    const int side = side_of(picture.level);
    return {{"side", side}, {"png", png_address(png_of(picture.pixels, side, side))}};
  } catch (const Error& error) {
    return error_document(error);
  }
}

void Writing::put_summary(const Json& plan) {
  Json pages = Json::array();
  for (std::size_t i = 0; i < pages_.size(); ++i)
    pages.push_back(document_of(pages_[i], first_words_of(pages_[i]), i < result_.shown));
  Json history = Json::array();
  for (const HistoryEntry& entry : memory_.history()) history.push_back(document_of(entry));
  const auto rest = memory_.read({0}, Source::archive);
  put(data_element("summary", {{"scope", options_.scope},
                               {"store", options_.store},
                               {"made", now_},
                               {"read", options_.read},
                               {"stats", document_of(memory_.stats())},
                               {"pages", pages},
                               {"rest", document_of(rest.at(0))},
                               {"history", history},
                               {"policy", Json::parse(memory_.policy().to_json())},
                               {"plan", plan}}));
}

std::string Writing::first_words_of(const PageInfo& page) const {
  if (const auto known = first_words_.find(page.id); known != first_words_.end())
    return known->second;
  const auto messages = messages_of_.find(page.id);
  if (messages == messages_of_.end()) return {};
  const MessageInfo& first = *messages->second.front();
  return (first.pages.front() == page.id ? "" : "… ") + first.begins;
}

}  // namespace

ReportResult write_report(Memory& memory, const ReportOptions& options,
                          const std::function<void(std::string_view)>& write) {
  return Writing(memory, options, write).run();
}

}  // namespace fovea::memctl
