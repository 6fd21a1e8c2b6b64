#include <algorithm>
#include <filesystem>
#include <fstream>

#include "fovea/error.h"
#include "src/context/context_format.h"
#include "src/context/context_plan.h"
#include "src/context/tool_pairs.h"
#include "src/context_pages.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPreface =
    "The pictures are pages of the earlier conversation, oldest first. Their text runs from row to "
    "row and is broken anywhere; a bent arrow is a line break, an arrow to a bar a tab.\n";
constexpr std::string_view kDocumentPreface =
    "The pictures are pages of the earlier conversation, oldest first. A text may go on on the next "
    "page.\n";

std::string targets_beside(const std::string& checkpoint) {
  const fs::path folder = fs::path(checkpoint + "/").lexically_normal().parent_path();
  return (folder.parent_path() / "targets.json").string();
}

ContextCost larger(const ContextCost& a, const ContextCost& b) {
  return {std::max(a.tokens, b.tokens), std::max(a.images, b.images), std::max(a.bytes, b.bytes)};
}

bool raise(ContextCost& planned, const ContextCost& real) {
  const ContextCost both = larger(planned, real);
  const bool raised = !fits(both, planned);
  planned = both;
  return raised;
}

/// One context: costs by what the store knows, a plan, the parts; and again with the costs that the
/// parts really have, should those be more.
class ContextAssembly {
 public:
  ContextAssembly(MemoryCore& memory, ScopeId scope, const ContextOptions& options,
                  const Target& target, std::vector<PageId> matches)
      : options_(options),
        target_(target),
        pages_(memory, scope, target),
        recent_(memory.served_verbatim(scope)) {
    input_.limit = {options.budget, target.limits.images, target.limits.request_bytes};
    input_.matches = std::move(matches);
    if (target.pages == Target::Pages::redrawn) {
      preface_ = pages_.any_of_cells() ? kPreface : kDocumentPreface;
      input_.preface = cost_of({text_part(std::string(preface_))});
    }
    read_recent();
    read_pages();
  }

  Context run() {
    while (true) {
      const ContextPlan plan = plan_context(input_);
      if (plan.least_tokens) refuse(*plan.least_tokens);
      if (auto context = built(plan)) return std::move(*context);
    }
  }

 private:
  void read_pages();
  void read_recent();
  std::optional<Context> built(const ContextPlan& plan);
  bool learn_stable_costs(const ContextPlan& plan);
  bool learn_query_costs(const ContextPlan& plan);
  std::string recent_text(const ContextPlan& plan) const;
  void finish(const ContextPlan& plan, Context& context);
  void write_pictures(Context& context);
  [[noreturn]] void refuse(std::size_t least) const;

  const ContextOptions& options_;
  const Target& target_;
  ContextPages pages_;
  Verbatim recent_;
  std::vector<std::size_t> recent_begins_;  // of the groups, in recent_.text
  ContextPlanInput input_;
  std::string_view preface_;  // before pictures that were drawn for the target
};

void ContextAssembly::read_pages() {
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    input_.pages.push_back(pages_.planned(i));
    input_.pages.back().tied_to_next = pages_.tied_to_next(i, recent_.text);
  }
}

void ContextAssembly::read_recent() {
  std::vector<std::size_t> begins;
  std::int64_t message = 0;
  for (const Verbatim::Part& part : recent_.parts) {
    if (part.message != message) begins.push_back(part.begin);
    message = part.message;
  }
  recent_begins_ = uncut_groups(recent_.text, begins);
  for (std::size_t i = 0; i < recent_begins_.size(); ++i) {
    const std::size_t begin = recent_begins_[i];
    const std::size_t end =
        i + 1 < recent_begins_.size() ? recent_begins_[i + 1] : recent_.text.size();
    ContextCost cost = cost_of({text_part(recent_.text.substr(begin, end - begin))});
    ++cost.tokens;  // groups joined may round up
    input_.recent.push_back(cost);
  }
}

/// Nothing when a part takes more than the plan thought: then it is known and another plan is due.
/// What is stable learns by itself, so that a query cannot change it.
std::optional<Context> ContextAssembly::built(const ContextPlan& plan) {
  if (learn_stable_costs(plan) || learn_query_costs(plan)) return {};
  Context context;
  const auto append = [&](const std::vector<std::size_t>& pages) {
    for (const std::size_t index : pages) {
      const auto& parts = pages_.kept(index);
      context.parts.insert(context.parts.end(), parts.begin(), parts.end());
    }
    return context.parts.size();
  };
  if (!plan.pinned.empty()) context.pinned_parts = append(plan.pinned);
  context.stable_parts = append(plan.pages);
  const auto is_picture = [](const ContextPart& part) { return !part.png.empty(); };
  if (target_.pages == Target::Pages::redrawn && std::ranges::any_of(context.parts, is_picture)) {
    context.parts.insert(context.parts.begin(), text_part(std::string(preface_)));
    ++context.stable_parts;
    if (context.pinned_parts > 0) ++context.pinned_parts;
  }
  if (plan.recent_begin < recent_begins_.size()) {
    context.parts.push_back(text_part(recent_text(plan)));
  }
  for (const std::size_t index : plan.matches) context.parts.push_back(pages_.readback(index));
  finish(plan, context);
  return context;
}

std::string ContextAssembly::recent_text(const ContextPlan& plan) const {
  return recent_.text.substr(recent_begins_[plan.recent_begin]);
}

/// A text read back from vision tokens may be longer than the page's, a picture larger than
/// expected. True when a cost was raised to what it is, so that rounds end.
bool ContextAssembly::learn_stable_costs(const ContextPlan& plan) {
  bool raised = false;
  for (const auto* list : {&plan.pinned, &plan.pages}) {
    for (const std::size_t index : *list) {
      raised |= raise(input_.pages[index].kept, cost_of(pages_.kept(index)));
      input_.pages[index].kept_as_text = pages_.is_text(index);
    }
  }
  if (plan.recent_begin == recent_begins_.size()) return raised;
  ContextCost planned;
  for (std::size_t i = plan.recent_begin; i < input_.recent.size(); ++i) {
    planned = planned + input_.recent[i];
  }
  const std::size_t tokens = count_text_tokens(recent_text(plan));
  if (tokens <= planned.tokens) return raised;
  input_.recent[plan.recent_begin].tokens += tokens - planned.tokens;
  return true;
}

bool ContextAssembly::learn_query_costs(const ContextPlan& plan) {
  bool raised = false;
  for (const std::size_t index : plan.matches) {
    raised |= raise(input_.pages[index].readback, cost_of({pages_.readback(index)}));
  }
  return raised;
}

void ContextAssembly::finish(const ContextPlan& plan, Context& context) {
  for (const ContextPart& part : context.parts) {
    context.tokens += part.tokens;
    if (!part.png.empty()) ++context.images;
  }
  context.budget = options_.budget;
  std::vector<std::size_t> pages = plan.matches;
  for (const auto* list : {&plan.pinned, &plan.pages}) {
    pages.insert(pages.end(), list->begin(), list->end());
    for (const std::size_t index : *list) {
      const std::size_t kept = cost_of(pages_.kept(index)).tokens;
      const std::size_t text = pages_.page(index).text_tokens;
      if (!pages_.is_text(index) && text > kept) context.saved_against_text += text - kept;
    }
  }
  std::ranges::sort(pages);
  const auto repeated = std::ranges::unique(pages);
  context.pages = pages.size() - repeated.size();
  if (!options_.images_folder.empty()) write_pictures(context);
  context.document = format_context(context, options_.format, target_.detail);
}

void ContextAssembly::write_pictures(Context& context) {
  PageId page = 0;
  int number = 0;
  for (ContextPart& part : context.parts) {
    if (part.png.empty()) continue;
    number = part.page == page ? number + 1 : 1;
    page = part.page;
    std::string name = "page-" + std::to_string(page);
    if (number > 1) name.append("-").append(std::to_string(number));
    part.file = (fs::path(options_.images_folder) / (name + ".png")).string();
    std::ofstream file(part.file, std::ios::binary);
    file.write(reinterpret_cast<const char*>(part.png.data()),
               static_cast<std::streamsize>(part.png.size()));
    file.close();
    if (!file) throw Error(ErrorCode::io, part.file + ": cannot be written");
  }
}

void ContextAssembly::refuse(std::size_t least) const {
  throw Error(ErrorCode::invalid_argument,
              "context: a budget of " + std::to_string(options_.budget) +
                  " tokens holds nothing of this scope; the least that would do is " +
                  std::to_string(least));
}

}  // namespace

Context Memory::context(const ContextOptions& options) {
  const std::string file = options.targets_file.empty() ? targets_beside(impl_->checkpoint)
                                                        : options.targets_file;
  const Targets targets = Targets::read(file);
  const Target& target = targets.find(options.target);
  const auto scope = impl_->store.find_scope(impl_->scope_name);
  if (!scope) {
    Context empty;
    empty.budget = options.budget;
    empty.document = format_context(empty, options.format);
    return empty;
  }
  std::vector<PageId> matches;
  if (options.query.find_first_not_of(" \t\r\n") != std::string::npos && options.matches > 0) {
    for (const Hit& hit : search(options.query, options.matches)) matches.push_back(hit.id);
  }
  return ContextAssembly(*impl_, *scope, options, target, std::move(matches)).run();
}

}  // namespace fovea
