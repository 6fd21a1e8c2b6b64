#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facade/memory_core.h"
#include "fovea/policy.h"

namespace fovea {

/// A page's vision tokens at a level, with what they were read as.
struct PageTrial {
  VisionTokens tokens;
  std::optional<std::string> glance = {};  ///< as Codec::glance has it; absent: not looked at
  std::optional<ReadPage> reading = {};    ///< absent: the page was not read whole
};

/// Tries pages at coarser levels: drawn from their exact text, encoded, and read back as far as
/// that takes. Encodings that hold their floor are kept for a while, since the page probably goes
/// there.
class PageTrials {
 public:
  /// `memory` must outlive it.
  PageTrials(const MemoryCore& memory, ScopeId scope) : memory_(memory), scope_(scope) {}

  /// How well each page is read at its level, in one batch; nothing for one whose exact text is not
  /// known. With a floor the reading ends where that is decided.
  std::vector<std::optional<Fidelity>> measure(std::span<const Measurement> wanted);

  /// What was encoded there, if it was kept. It is kept no longer.
  std::optional<PageTrial> take(PageId page, Level level);

 private:
  struct Tried;

  std::vector<Tried> drawn(std::span<const Measurement> wanted) const;
  void encode(std::vector<Tried>& all) const;
  void read_whole(Tried& page) const;
  void read_rows(std::vector<Tried>& all) const;
  void keep(Tried& page);

  const MemoryCore& memory_;
  ScopeId scope_;
  std::map<PageId, PageTrial> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace fovea
