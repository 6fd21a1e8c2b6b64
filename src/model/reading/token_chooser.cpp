#include "model/reading/token_chooser.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros.h>

#include "model/operators/argmax.h"
#include "model/reading/cell_counter.h"

namespace fovea {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
constexpr std::int64_t kTokensAtOnce = 144;  // so that their scores stay in the cache

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
  std::vector<std::int64_t> rows, table_rows;
  for (std::size_t i = 0; i < room.size(); ++i) {
    if (room[i] >= widest_ && !some_without_text_) continue;
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

/// bfloat16 scores tie where the states do not: of the tokens within its rounding of `top` the one
/// that is best in float32. `scores`: [vocabulary]; `hidden`: [d].
std::int64_t TokenChooser::best_exactly(const at::Tensor& scores, float top,
                                        const at::Tensor& hidden) const {
  const float rounding = std::abs(top) / 64;
  const auto near = (scores >= top - rounding).nonzero().flatten();
  if (near.numel() == 1) return near.item<std::int64_t>();
  const auto exact =
      at::mv(decoder_.embedding_table().index_select(0, near).to(at::kFloat), hidden);
  return near[exact.argmax()].item<std::int64_t>();
}

void TokenChooser::choose_some(const at::Tensor& hidden, std::span<const int> room, bool may_end,
                               std::vector<ChosenToken>& chosen) const {
  const auto logits = decoder_.logits(hidden);  // [n, vocab]
  const auto scores = scores_of(logits, room);
  const Argmax best = argmax_with_log_prob(scores);
  const bool rounded = scores.is_cpu() && decoder_.config().tied_embeddings &&
                       decoder_.embedding_table().scalar_type() == at::kBFloat16;
  for (std::size_t i = 0; i < room.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const auto id = rounded ? best_exactly(scores[row], best.score[i], hidden[row]) : best.index[i];
    chosen.push_back({static_cast<int>(id), best.log_probability[i]});
  }
  if (!may_end) return;
  const int eos = decoder_.config().eos;
  const auto end_scores = logits.select(1, eos).cpu().contiguous();
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
  for (std::int64_t begin = 0; begin < hidden.size(0); begin += kTokensAtOnce) {
    const auto count = std::min(kTokensAtOnce, hidden.size(0) - begin);
    choose_some(hidden.narrow(0, begin, count), room.subspan(begin, count), may_end, chosen);
  }
  return chosen;
}

std::vector<std::vector<ChosenToken>> TokenChooser::choose_several(const at::Tensor& hidden,
                                                                   std::span<const int> room,
                                                                   int count) const {
  std::vector<std::vector<ChosenToken>> chosen(room.size());
  for (std::int64_t begin = 0; begin < hidden.size(0); begin += kTokensAtOnce) {
    const auto some = std::min(kTokensAtOnce, hidden.size(0) - begin);
    const auto logits = decoder_.logits(hidden.narrow(0, begin, some));
    const auto scores = at::log_softmax(scores_of(logits, room.subspan(begin, some)), -1);
    const auto [best, ids] = at::topk(scores.cpu(), count, -1);  // [some, count]
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
