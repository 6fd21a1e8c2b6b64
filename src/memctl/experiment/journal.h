#pragma once

#include <map>
#include <string>

#include "memctl/experiment/page_record.h"

namespace fovea::memctl {

/// The pages that were read, which an experiment that was stopped goes on from. In the folder stand
/// run.json (what was asked for) and pages.jsonl (a line a page, written as soon as it is read).
class Journal {
 public:
  /// `folder`: empty: nothing is kept beyond the run. `run`: what the figures depend on. Throws
  /// Error(invalid_argument) naming what differs when the folder has another experiment, Error(io)
  /// when it cannot be written or another memctl is writing there, Error(corruption).
  Journal(const std::string& folder, const Json& run);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const std::map<PageKey, PageRecord>& records() const { return records_; }
  /// Throws Error(io); the file then ends with the page before.
  void add(const PageRecord& record);

 private:
  void open();
  void read_pages();

  std::string path_;  // of pages.jsonl
  int file_ = -1;
  std::size_t length_ = 0;  // bytes of whole lines
  std::map<PageKey, PageRecord> records_;
};

/// What `now` has otherwise than `before`, in a line for people, empty when they are equal.
std::string difference_of(const Json& before, const Json& now);

}  // namespace fovea::memctl
