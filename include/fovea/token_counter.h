#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace fovea {

/// Counts text in tokens of any byte-level BPE tokenizer, exactly. Thread-safe after construction.
class TokenCounter {
 public:
  /// `tokenizer`: a tokenizer.json of Hugging Face's. Throws Error(not_found | io | corruption), and
  /// Error(unsupported) for what is not byte-level BPE, naming the file and the key.
  explicit TokenCounter(const std::string& tokenizer);
  ~TokenCounter();
  TokenCounter(TokenCounter&&) noexcept;
  TokenCounter& operator=(TokenCounter&&) noexcept;

  /// Tokens that begin or end a prompt are not added.
  std::size_t count(std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
