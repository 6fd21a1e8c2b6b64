#include "facade/reencoding.h"

#include <utility>

#include "measure/fidelity.h"

namespace fovea {

Reencoding::Reencoding(const MemoryCore& memory, const Page& drawn, VisionTokens tokens)
    : memory_(&memory), drawn_(&drawn), tokens_(std::move(tokens)) {}

Reencoding::Reencoding(const MemoryCore& memory, const Page& drawn, PageTrial trial)
    : Reencoding(memory, drawn, std::move(trial.tokens)) {
  glance_ = std::move(trial.glance);
  if (!trial.reading) return;
  reading_ = std::move(trial.reading);
  fidelity_ = fidelity_of(*drawn_, *reading_);
}

Reencoding::Reencoding(const MemoryCore& memory, const Page& drawn, Level level)
    : Reencoding(memory, drawn, std::move(memory.encode({&drawn, 1}, level).front())) {}

const ReadPage& Reencoding::reading() {
  if (!reading_) {
    reading_ = std::move(memory_->codec().decode({&tokens_, 1}, kGreedy).front());
    fidelity_ = fidelity_of(*drawn_, *reading_);
  }
  return *reading_;
}

const RecoveredPage& Reencoding::recovered() {
  if (!recovered_) recovered_ = correctable(*drawn_, reading(), anchors_, memory_->alphabet());
  return *recovered_;
}

void Reencoding::keep(const std::vector<bool>& whole, std::uint64_t check) {
  corrections_ = whole_rows(*drawn_, whole, check);
  keeps_text_ = any(whole);
}

void Reencoding::correct(const std::vector<bool>& whole, std::size_t max_bytes) {
  corrections_ = corrections_to_keep(*drawn_, recovered(), whole, max_bytes);
  keeps_text_ = any(whole);
}

std::vector<float> Reencoding::embedding() const {
  if (drawn_->document || keeps_text_) return memory_->codec().embed(drawn_->text);
  return glance_ ? memory_->codec().embed(*glance_) : memory_->codec().embed(tokens_);
}

TokenChange Reencoding::change_of(const StoredPage& page) && {
  TokenChange change;
  change.page = page.id;
  change.from = page.level;
  change.embedding = embedding();
  change.corrections = std::move(corrections_);
  change.keeps_text = keeps_text_;
  change.tokens = std::move(tokens_);
  return change;
}

void Reencoding::put_into(NewPage& page) && {
  page.embedding = embedding();
  page.fidelity = fidelity_;
  page.anchors = std::move(anchors_);
  page.corrections = std::move(corrections_);
  page.keeps_text = keeps_text_;
  page.tokens = std::move(tokens_);
}

}  // namespace fovea
