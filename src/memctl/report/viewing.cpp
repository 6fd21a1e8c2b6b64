#include "memctl/report/viewing.h"

#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include "fovea/error.h"
#include "memctl/report/html.h"
#include "memctl/report/page_documents.h"
#include "memctl/report/summary.h"
#include "memctl/times.h"

namespace fovea::memctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostFound = 200;
constexpr std::string_view kPages = "pages/";

ViewResponse json_answer(const Json& document, int status = 200) {
  return {status, "application/json",
          document.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

ViewResponse failure(const std::string& what, int status) {
  return json_answer({{"error", what}}, status);
}

std::optional<std::int64_t> page_number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

ViewResponse page(const Memory& memory, std::string_view name) {
  const auto id = page_number_of(name);
  const auto pages = id && *id > 0 ? memory.pages({.page = *id}) : std::vector<PageInfo>();
  if (pages.empty()) return failure("this page is there no more; load the list again", 404);
  PageDocuments documents = documents_of_pages(memory, pages, true).at(0);
  return json_answer(
      {{"text", std::move(documents.text)}, {"picture", std::move(documents.picture)}});
}

ViewResponse search(const Memory& memory, const std::string& query) {
  const SearchResult result = memory.search(query, {.k = kMostFound, .where = {}});
  Json hits = Json::array();
  for (const Hit& hit : result.hits) hits.push_back({{"id", hit.id}, {"snippet", hit.snippet}});
  return json_answer(
      {{"hits", hits}, {"note", result.note}, {"verbatim_snippet", result.verbatim_snippet}});
}

}  // namespace

Viewing::Viewing(std::function<Memory()> open, std::string scope, std::string store,
                 std::function<bool()> stops)
    : open_(std::move(open)),
      scope_(std::move(scope)),
      store_(std::move(store)),
      stops_(std::move(stops)) {}

ViewResponse Viewing::answer(const ViewRequest& request) {
  try {
    Memory memory = take();
    ViewResponse answer = routed(request, memory);
    give_back(std::move(memory));
    return answer;
  } catch (const Error& error) {
    return failure(error.what(), error.code() == ErrorCode::not_found ? 404 : 500);
  } catch (const std::exception& error) {
    return failure(error.what(), 500);
  }
}

/// The one used last: it has most in its caches.
Memory Viewing::take() {
  {
    const std::lock_guard turn(idle_turn_);
    if (!idle_.empty()) {
      Memory memory = std::move(idle_.back());
      idle_.pop_back();
      return memory;
    }
  }
  return open_();
}

void Viewing::give_back(Memory memory) {
  const std::lock_guard turn(idle_turn_);
  idle_.push_back(std::move(memory));
}

ViewResponse Viewing::routed(const ViewRequest& request, Memory& memory) {
  const std::string_view path = request.path;
  if (path.empty()) return front_page(memory);
  if (path.starts_with(kPages)) return page(memory, path.substr(kPages.size()));
  if (path == "search") return search(memory, request.query);
  if (path == "plan") return plan(memory);
  return failure("there is no such address", 404);
}

ViewResponse Viewing::front_page(const Memory& memory) const {
  const Json summary =
      summary_document(memory, {.scope = scope_, .store = store_, .now = time_now()}, nullptr);
  std::string page(view_frame().head);
  page += data_element("summary", summary);
  page += view_frame().tail;
  return {200, "text/html; charset=utf-8", std::move(page)};
}

ViewResponse Viewing::plan(Memory& memory) {
  const std::lock_guard turn(plan_turn_);
  const auto goes_on = [this](std::size_t, std::size_t) { return !stops_(); };
  return json_answer(plan_document(memory, time_now(), goes_on));
}

}  // namespace fovea::memctl
