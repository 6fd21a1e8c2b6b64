#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context/context_cost.h"
#include "context/page_form.h"
#include "facade/memory_core.h"

namespace fovea {

/// The pages of a scope as pictures for a target. Pictures are drawn when they are first asked for,
/// and kept. `memory` and `target` must outlive it.
class ContextPages {
 public:
  ContextPages(const MemoryCore& memory, ScopeId scope, const Target& target);

  std::size_t size() const { return pages_.size(); }
  const StoredPage& page(std::size_t index) const { return pages_[index].page; }
  bool any_of_cells() const;
  /// Whether the target sees the page as pictures; otherwise pieces of its text stand for it.
  bool is_picture(std::size_t index) const { return !pages_[index].form.as_text; }
  /// What its pictures take at most, without drawing them.
  ContextCost cost(std::size_t index) const;
  /// A tool call stands on the page before it and its result here.
  bool follows_its_call(std::size_t index) const;

  /// Empty when they turn out larger than the target allows: then the page is no picture.
  const std::vector<ContextPart>& pictures(std::size_t index);

 private:
  struct Known {
    StoredPage page;
    PageForm form;
    std::vector<ContextPart> pictures;  ///< empty until asked for
  };
  std::vector<ContextPart> draw(const Known& known);

  const MemoryCore& memory_;
  ScopeId scope_;
  const Target& target_;
  std::vector<Known> pages_;
};

}  // namespace fovea
