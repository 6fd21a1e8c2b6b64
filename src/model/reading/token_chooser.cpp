#include "model/reading/token_chooser.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros.h>

#include "model/operators/argmax.h"
#include "model/reading/cell_counter.h"

namespace fovea {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
constexpr std::int64_t kTokensAtOnce = 48;  // so that their scores stay in the cache
constexpr std::int64_t kTokensAtOnceOnGpu = 1 << 14;  // whose scores are 0.8 GB

/// Two rough logits are so many standard deviations of one apart at most, when the better one is the
/// worse: one of a billion tokens is chosen wrongly.
constexpr float kErrors = 9;

/// bfloat16 scores tie where the states do not: what their rounding may make of a score.
constexpr float kRounding = 1.0f / 64;

std::int64_t tokens_at_once(const at::Tensor& hidden) {
  return hidden.is_cpu() ? kTokensAtOnce : kTokensAtOnceOnGpu;
}

}  // namespace

TokenChooser::TokenChooser(const Decoder& decoder, const Tokenizer& tokenizer,
                           const CodePoints& alphabet)
    : decoder_(decoder), vocabulary_(std::min(decoder.config().vocab, tokenizer.size())) {
  const auto& config = decoder.config();
  std::vector<int> cells(vocabulary_);
  for (int id = 0; id < vocabulary_; ++id) {
    const auto bytes = tokenizer.bytes_of(id);
    const bool has_text = !bytes.empty() && id != config.bos && id != config.eos;
    cells[id] = has_text ? cells_of_token(bytes, &alphabet) : -1;
    some_without_text_ = some_without_text_ || !has_text;
    widest_ = std::max(widest_, cells[id]);
  }
  auto table = at::zeros({widest_ + 1, vocabulary_});
  auto rows = table.accessor<float, 2>();
  for (int room = 0; room <= widest_; ++room)
    for (int id = 0; id < vocabulary_; ++id)
      if (cells[id] < 0 || cells[id] > room) rows[room][id] = kNever;
  forbidden_ = table.to(decoder.embedding_table().device());
}

/// Takes what does not fit out of the scores [n, vocabulary].
void TokenChooser::forbid_wide(at::Tensor& scores, std::span<const int> room) const {
  if (some_without_text_) scores.add_(forbidden_[widest_]);
  std::vector<std::int64_t> rows, table_rows;
  for (std::size_t i = 0; i < room.size(); ++i) {
    if (room[i] >= widest_) continue;
    rows.push_back(static_cast<std::int64_t>(i));
    table_rows.push_back(std::clamp(room[i], 1, widest_));
  }
  if (rows.empty()) return;
  const auto device = scores.device();
  scores.index_add_(0, at::tensor(rows).to(device),
                    forbidden_.index_select(0, at::tensor(table_rows).to(device)));
}

/// Of the tokens with text, [n, vocabulary]; -infinity where one does not fit. A view of `logits`.
at::Tensor TokenChooser::scores_of(const at::Tensor& logits, std::span<const int> room) const {
  auto scores = logits.narrow(1, 0, vocabulary_);
  forbid_wide(scores, room);
  return scores;
}

/// Of the tokens that are within `doubt` of the best rough score, the one that is best in float32.
/// `scores`: [vocabulary]; `hidden`: [d].
ChosenToken TokenChooser::best_exactly(const at::Tensor& scores, const ChosenToken& roughly,
                                       float doubt, const at::Tensor& hidden) const {
  const float* rough = scores.data_ptr<float>();
  const float top = rough[roughly.id], least = top - doubt;
  std::vector<std::int64_t> near;
  for (std::int64_t id = 0; id < vocabulary_; ++id) {
    if (rough[id] >= least) near.push_back(id);
  }
  if (near.size() < 2) return roughly;
  const auto logits = decoder_.logits_of(at::tensor(near), hidden);
  const std::span exact(logits.data_ptr<float>(), near.size());
  const auto best = static_cast<std::size_t>(std::ranges::max_element(exact) - exact.begin());
  // The sum of all probabilities changes with those that are known better now.
  const float all = top - roughly.log_probability;
  float change = 0;
  for (std::size_t i = 0; i < near.size(); ++i)
    change += std::exp(exact[i] - all) - std::exp(rough[near[i]] - all);
  return {static_cast<int>(near[best]), std::min(0.0f, exact[best] - all - std::log1p(change))};
}

void TokenChooser::choose_some(const at::Tensor& hidden, std::span<const int> room, bool may_end,
                               std::vector<ChosenToken>& chosen) const {
  // The end of a row is weighed against the best token: that takes exact logits.
  const RoughProduct logits =
      may_end ? RoughProduct{decoder_.logits(hidden), std::vector<float>(room.size())}
              : decoder_.rough_logits(hidden);
  const auto scores = scores_of(logits.values, room);
  const Argmax best = argmax_with_log_prob(scores);
  const bool rounded = scores.is_cpu() && decoder_.config().tied_embeddings &&
                       decoder_.embedding_table().scalar_type() == at::kBFloat16;
  for (std::size_t i = 0; i < room.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const ChosenToken token{static_cast<int>(best.index[i]), best.log_probability[i]};
    const float doubt =
        std::max(kErrors * logits.error[i], rounded ? std::abs(best.score[i]) * kRounding : 0);
    chosen.push_back(doubt > 0 ? best_exactly(scores[row], token, doubt, hidden[row]) : token);
  }
  if (!may_end) return;
  const int eos = decoder_.config().eos;
  const auto end_scores = logits.values.select(1, eos).cpu().contiguous();
  for (std::size_t i = 0; i < room.size(); ++i) {
    ChosenToken& token = chosen[chosen.size() - room.size() + i];
    const float lead = end_scores.data_ptr<float>()[i] - best.score[i];  // over the best with text
    // Probability of the best with text: p / (p + q), where q / p follows from `lead`.
    const float share = std::exp(token.log_probability + lead);
    if (lead > 0) token = {eos, token.log_probability + lead};
    token.log_probability -= std::log1p(share);
  }
}

std::vector<ChosenToken> TokenChooser::choose(const at::Tensor& hidden, std::span<const int> room,
                                              bool may_end) const {
  std::vector<ChosenToken> chosen;
  chosen.reserve(room.size());
  const auto at_once = tokens_at_once(hidden);
  for (std::int64_t begin = 0; begin < hidden.size(0); begin += at_once) {
    const auto count = std::min(at_once, hidden.size(0) - begin);
    choose_some(hidden.narrow(0, begin, count), room.subspan(begin, count), may_end, chosen);
  }
  return chosen;
}

std::vector<std::vector<ChosenToken>> TokenChooser::choose_several(const at::Tensor& hidden,
                                                                   std::span<const int> room,
                                                                   int count) const {
  std::vector<std::vector<ChosenToken>> chosen(room.size());
  const auto at_once = tokens_at_once(hidden);
  for (std::int64_t begin = 0; begin < hidden.size(0); begin += at_once) {
    const auto some = std::min(at_once, hidden.size(0) - begin);
    const auto logits = decoder_.logits(hidden.narrow(0, begin, some));
    const auto scores = at::log_softmax(scores_of(logits, room.subspan(begin, some)), -1);
    const auto top = at::topk(scores, count, -1);  // [some, count]
    const auto best = std::get<0>(top).cpu(), ids = std::get<1>(top).cpu();
    const auto best_of = best.accessor<float, 2>();
    const auto id_of = ids.accessor<std::int64_t, 2>();
    for (std::int64_t i = 0; i < some; ++i) {
      for (int j = 0; j < count && best_of[i][j] > kNever; ++j)
        chosen[begin + i].push_back({static_cast<int>(id_of[i][j]), best_of[i][j]});
    }
  }
  return chosen;
}

}  // namespace fovea
