#include "fovea/memory.h"

namespace fovea {
namespace {

template <class Key>
void add_counts(std::map<Key, std::size_t>& counts, const std::map<Key, std::size_t>& more) {
  for (const auto& [kind, count] : more) counts[kind] += count;
}

}  // namespace

CompactResult& CompactResult::operator+=(const CompactResult& later) {
  pages += later.pages;
  characters += later.characters;
  text_tokens += later.text_tokens;
  vision_tokens += later.vision_tokens;
  text_bytes += later.text_bytes;
  token_bytes += later.token_bytes;
  for (const auto& [level, summary] : later.levels) {
    LevelSummary& all = levels[level];
    all.pages += summary.pages;
    all.vision_tokens += summary.vision_tokens;
    if (!all.fidelity) all.fidelity = summary.fidelity;
  }
  kept_exact += later.kept_exact;
  below_floor += later.below_floor;
  add_counts(outside_alphabet, later.outside_alphabet);
  verbatim_characters = later.verbatim_characters;
  add_counts(secrets, later.secrets);
  skipped_messages += later.skipped_messages;
  erased_messages += later.erased_messages;
  add_counts(left_out, later.left_out);
  stopped = later.stopped;
  return *this;
}

}  // namespace fovea
