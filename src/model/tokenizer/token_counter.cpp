#include "fovea/token_counter.h"

#include "model/tokenizer/tokenizer.h"

namespace fovea {

struct TokenCounter::Impl {
  Tokenizer tokenizer;
};

TokenCounter::TokenCounter(const std::string& tokenizer) : impl_(new Impl{Tokenizer(tokenizer)}) {}
TokenCounter::~TokenCounter() = default;
TokenCounter::TokenCounter(TokenCounter&&) noexcept = default;
TokenCounter& TokenCounter::operator=(TokenCounter&&) noexcept = default;

std::size_t TokenCounter::count(std::string_view text) const {
  return impl_->tokenizer.encode(text).size();
}

}  // namespace fovea
