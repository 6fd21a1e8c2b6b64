#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/context/context_plan.h"
#include "src/context/page_form.h"
#include "src/memory_core.h"

namespace fovea {

/// The pages of a scope as a context shows them to a target. Texts are read and pictures drawn when
/// they are first asked for, and kept. `memory` and `target` must outlive it.
class ContextPages {
 public:
  ContextPages(MemoryCore& memory, ScopeId scope, const Target& target);

  std::size_t size() const { return pages_.size(); }
  const StoredPage& page(std::size_t index) const { return pages_[index].page; }
  bool any_of_cells() const;
  bool is_text(std::size_t index) const { return pages_[index].form.as_text; }
  /// Costs by what the store knows, without reading the page; it is tied to nothing yet.
  PlannedPage planned(std::size_t index) const;
  /// Whether a tool call stands on the page and its result on the next, or in `recent`.
  bool tied_to_next(std::size_t index, std::string_view recent);

  /// The page's parts in the stable part of a context. A picture larger than the target allows
  /// makes the page a text.
  const std::vector<ContextPart>& kept(std::size_t index);
  /// The page's text, as a query brings it.
  ContextPart readback(std::size_t index);

 private:
  struct Known {
    StoredPage page;
    PageForm form;
    std::optional<std::string> text;
    std::vector<ContextPart> kept;  ///< empty until asked for
  };
  const std::string& text_of(Known& known);
  const ToolEnds& tool_ends(Known& known);
  bool begins_as_result(const StoredPage& page) const;
  std::vector<ContextPart> pictures(Known& known);

  MemoryCore& memory_;
  ScopeId scope_;
  const Target& target_;
  std::vector<Known> pages_;
};

/// A text with its tokens counted.
ContextPart text_part(std::string text, PageId page = 0);
ContextCost cost_of(const std::vector<ContextPart>& parts);

}  // namespace fovea
