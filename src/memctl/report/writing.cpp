#include "memctl/report/writing.h"

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "memctl/report/html.h"
#include "memctl/report/page_documents.h"
#include "memctl/report/summary.h"
#include "memctl/times.h"

namespace fovea::memctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPagesAtOnce = 4;  // are decoded together

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
  void put_shown_pages();
  void put_pages(std::span<const PageInfo> pages);
  void put_summary(const Json& plan);

  Memory& memory_;
  const ReportOptions& options_;
  const std::function<void(std::string_view)>& write_;
  Time now_;
  std::map<std::int64_t, std::string> first_words_;  ///< of shown pages
  ReportResult result_;
};

ReportResult Writing::run() {
  put(report_frame().head);
  const Json next = plan();  // first, since it measures pages
  if (result_.stopped) return result_;
  put_shown_pages();
  if (result_.stopped) return result_;
  put_summary(next);
  put(report_frame().tail);
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
  Json plan = plan_document(memory_, now_, [&](std::size_t done, std::size_t total) {
    return goes_on("measurements", done, total);
  });
  if (plan.contains("steps")) result_.steps = plan["steps"].size();
  return plan;
}

void Writing::put_shown_pages() {
  auto pages = memory_.pages();
  std::ranges::reverse(pages);
  result_.pages = pages.size();
  result_.shown = std::min(options_.pages, pages.size());
  const auto shown = std::span(pages).first(result_.shown);
  for (std::size_t done = 0; done < shown.size();) {
    const std::size_t count = std::min(kPagesAtOnce, shown.size() - done);
    put_pages(shown.subspan(done, count));
    done += count;
    if (!goes_on("pages", done, shown.size())) return;
  }
}

void Writing::put_pages(std::span<const PageInfo> pages) {
  for (const PageDocuments& page : documents_of_pages(memory_, pages, options_.read)) {
    const auto id = page.text.at("id").get<std::int64_t>();
    first_words_[id] = page.first_words();
    if (page.is_damaged()) ++result_.damaged;
    put(data_element("text-" + std::to_string(id), page.text));
    put(data_element("picture-" + std::to_string(id), page.picture));
  }
}

void Writing::put_summary(const Json& plan) {
  put(data_element("summary", summary_document(memory_,
                                               {.scope = options_.scope,
                                                .store = options_.store,
                                                .now = now_,
                                                .first_words = std::move(first_words_)},
                                               plan)));
}

}  // namespace

ReportResult write_report(Memory& memory, const ReportOptions& options,
                          const std::function<void(std::string_view)>& write) {
  return Writing(memory, options, write).run();
}

}  // namespace fovea::memctl
