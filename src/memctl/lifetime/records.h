#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fovea/level.h"
#include "fovea/measure.h"
#include "memctl/measurement/exact_strings.h"
#include "memctl/measurement/journal.h"

namespace fovea::memctl {

/// A page as it is read back.
struct ReadingKey {
  /// Empty where a reading depends on page and level alone, so that all policies share it.
  std::string policy;
  std::size_t page = 0;  ///< of the life, from 0
  Level level = Level::base;
  auto operator<=>(const ReadingKey&) const = default;
};

struct ReadingRecord {
  Fidelity fidelity;
  Tally exact_strings;
  std::vector<bool> answers;  ///< which of the page's questions it still answers, to the letter
};

/// What a store holds on a day.
struct SnapshotKey {
  std::string policy;
  int day = 0;  ///< from 1: this many are over
  auto operator<=>(const SnapshotKey&) const = default;
};

struct SnapshotRecord {
  std::size_t vision_tokens = 0;
  std::size_t verbatim_tokens = 0;  ///< of text that is on no page yet
  std::size_t token_bytes = 0, archive_bytes = 0, kept_text_bytes = 0;
  std::size_t file_bytes = 0;                     ///< of a copy, without log and free space
  std::vector<std::optional<Level>> levels = {};  ///< of the pages written so far; nothing: gone
  std::map<std::size_t, std::vector<bool>> found = {};  ///< by page: which of its questions find it
};

/// All that an experiment with a life knows: lines of lifetime.jsonl.
class LifeRecords {
 public:
  /// Throws as Journal does.
  LifeRecords(const std::string& folder, const Json& run);

  const std::map<SnapshotKey, SnapshotRecord>& snapshots() const { return snapshots_; }
  const ReadingRecord* reading(const ReadingKey& key) const;
  std::size_t readings() const { return readings_.size(); }
  const ReadingRecord& add(const ReadingKey& key, ReadingRecord record);
  void add(const SnapshotKey& key, SnapshotRecord record);

 private:
  void take(const Json& line);

  std::map<ReadingKey, ReadingRecord> readings_;
  std::map<SnapshotKey, SnapshotRecord> snapshots_;
  Journal journal_;
};

}  // namespace fovea::memctl
