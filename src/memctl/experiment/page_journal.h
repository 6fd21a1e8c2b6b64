#pragma once

#include <map>
#include <string>

#include "memctl/experiment/page_record.h"
#include "memctl/measurement/journal.h"

namespace fovea::memctl {

/// The pages that were read, which an experiment that was stopped goes on from: pages.jsonl has a
/// line a page.
class PageJournal {
 public:
  /// Throws as Journal does.
  PageJournal(const std::string& folder, const Json& run);

  const std::map<PageKey, PageRecord>& records() const { return records_; }
  /// Throws Error(io); the file then ends with the page before.
  void add(const PageRecord& record);

 private:
  std::map<PageKey, PageRecord> records_;
  Journal journal_;
};

}  // namespace fovea::memctl
