#include "memctl/report/viewing.h"

#include <charconv>
#include <filesystem>
#include <optional>

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "fovea/error.h"
#include "memctl/output.h"
#include "memctl/report/html.h"
#include "memctl/report/page_documents.h"
#include "memctl/report/summary.h"
#include "memctl/times.h"

namespace fovea::memctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostFound = 200;
constexpr std::ptrdiff_t kMostMemories = 4;
constexpr std::string_view kPages = "pages/";

ViewResponse json_answer(const Json& document, int status = 200) {
  return {status, "application/json", line_of(document)};
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
      stops_(std::move(stops)),
      turns_(kMostMemories) {
  idle_.push_back(take());
}

/// Waits for a turn, has a memory for itself, and gives it back.
class Viewing::Turn {
 public:
  explicit Turn(Viewing& viewing) : viewing_(viewing), ended_(viewing), opened_(viewing.take()) {}
  ~Turn() {
    const std::lock_guard idle(viewing_.idle_turn_);
    viewing_.idle_.push_back(std::move(opened_));
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  Memory& memory() { return opened_.memory; }

 private:
  struct Ended {
    explicit Ended(Viewing& viewing) : turns(viewing.turns_) { turns.acquire(); }
    ~Ended() { turns.release(); }
    Ended(const Ended&) = delete;
    Ended& operator=(const Ended&) = delete;
    std::counting_semaphore<>& turns;
  };

  Viewing& viewing_;
  Ended ended_;  // after the memory was given back
  Opened opened_;
};

ViewResponse Viewing::answer(const ViewRequest& request) {
  try {
    std::unique_lock<std::mutex> plan;
    if (request.path == "plan") plan = std::unique_lock(plan_turn_);  // before it takes a turn
    Turn turn(*this);
    return routed(request, turn.memory());
  } catch (const Error& error) {
    return failure(error.what(), error.code() == ErrorCode::not_found ? 404 : 500);
  } catch (const std::exception& error) {
    return failure(error.what(), 500);
  }
}

Viewing::FileId Viewing::file_id() const {
  struct stat status {};
  if (stat(store_.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

/// The one used last: it has most in its caches. None of a file that another one has replaced.
Viewing::Opened Viewing::take() {
  const FileId file = file_id();
  {
    const std::lock_guard idle(idle_turn_);
    std::erase_if(idle_, [&](const Opened& one) { return one.file != file; });
    if (!idle_.empty()) {
      Opened opened = std::move(idle_.back());
      idle_.pop_back();
      return opened;
    }
  }
  return {open_(), file};
}

ViewResponse Viewing::routed(const ViewRequest& request, Memory& memory) {
  const std::string_view path = request.path;
  if (path.empty()) return front_page(memory);
  if (path.starts_with(kPages)) return page(memory, path.substr(kPages.size()));
  if (path == "search" && request.query.empty()) return failure("search needs ?q=WORDS", 400);
  if (path == "search") return search(memory, request.query);
  if (path == "plan") return plan(memory);
  return failure("there is no such address", 404);
}

ViewResponse Viewing::front_page(const Memory& memory) const {
  const std::string name = std::filesystem::path(store_).filename().string();
  const Json summary =
      summary_document(memory, {.scope = scope_, .store = name, .now = time_now()}, nullptr);
  std::string page(view_frame().head);
  page += data_element("summary", summary);
  page += view_frame().tail;
  return {200, "text/html; charset=utf-8", std::move(page)};
}

ViewResponse Viewing::plan(Memory& memory) {
  const auto goes_on = [this](std::size_t, std::size_t) { return !stops_(); };
  const Json document = plan_document(memory, time_now(), goes_on);
  if (stops_()) return failure("memctl view was ended before the plan was whole", 503);
  return json_answer(document);
}

}  // namespace fovea::memctl
