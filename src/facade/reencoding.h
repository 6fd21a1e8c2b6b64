#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facade/kept_text.h"
#include "facade/memory_core.h"
#include "facade/page_trials.h"

namespace fovea {

/// A drawn page, its vision tokens, and what is to stand beside them so that its text is not lost:
/// what compact, age, promote, migrate and erase do with a page. The tokens are read back only
/// where that is asked for.
class Reencoding {
 public:
  /// `drawn`: the page at 1280. `memory` and it must outlive this. `tokens`: of the page.
  Reencoding(const MemoryCore& memory, const Page& drawn, VisionTokens tokens);
  /// What is known of an encoding already is not found out again.
  Reencoding(const MemoryCore& memory, const Page& drawn, PageTrial trial);
  /// Encodes the page as `level` shows it.
  Reencoding(const MemoryCore& memory, const Page& drawn, Level level);

  const Page& drawn() const { return *drawn_; }
  const VisionTokens& tokens() const { return tokens_; }

  /// What the tokens read; decoded at the first call.
  const ReadPage& reading();
  /// How well they give the page back; nothing before `reading`.
  const std::optional<Fidelity>& fidelity() const { return fidelity_; }

  /// The packed anchors beside the tokens, which a reading is mended by.
  void use_anchors(std::string packed) { anchors_ = std::move(packed); }
  /// The reading with the anchors in it.
  const RecoveredPage& recovered();

  /// Keeps the exact text of rows `whole`. `check`: of the exact text, which the page may not have.
  void keep(const std::vector<bool>& whole, std::uint64_t check);
  /// The same, and what corrects the reading of the other rows, unless that takes more than
  /// `max_bytes`.
  void correct(const std::vector<bool>& whole, std::size_t max_bytes);

  /// What is kept, packed; empty: nothing.
  const std::string& corrections() const { return corrections_; }
  /// Exact text is kept that the tokens do not give.
  bool keeps_text() const { return keeps_text_; }

  /// The stored page's new tokens with what is kept beside them. Ends this.
  TokenChange change_of(const StoredPage& page) &&;
  /// The same for a page that is to be stored, and how well it was read. Ends this.
  void put_into(NewPage& page) &&;

 private:
  /// For search. Of cells what the tokens show at a glance; a document's is of its text, and so is
  /// that of a page whose text is kept.
  std::vector<float> embedding() const;

  const MemoryCore* memory_;
  const Page* drawn_;
  VisionTokens tokens_;
  std::optional<std::string> glance_;  ///< what the glyph reader sees, where that is known
  std::optional<ReadPage> reading_;
  std::optional<Fidelity> fidelity_;
  std::string anchors_;
  std::optional<RecoveredPage> recovered_;
  std::string corrections_;
  bool keeps_text_ = false;
};

}  // namespace fovea
