#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// A byte-level BPE tokenizer, read from Hugging Face's tokenizer.json: gives the same ids as the
/// `tokenizers` package does without added special tokens. Const and thread-safe after
/// construction.
class Tokenizer {
 public:
  /// Throws Error(not_found | io | corruption), and Error(unsupported) for what is not byte-level
  /// BPE, naming the file and the key.
  explicit Tokenizer(const std::string& path);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  /// Added tokens are found in the raw text first, the leftmost and longest. Bytes that are not
  /// UTF-8 become one token each, so that `decode` gives any `text` back exactly.
  std::vector<int> encode(std::string_view text) const;

  /// The tokens' bytes, added tokens included. Ids without a token give nothing.
  std::string decode(std::span<const int> ids) const;

  /// What a token stands for; may be a part of a UTF-8 character. Empty for ids without a token.
  std::string_view bytes_of(int id) const;

  /// One more than the highest id.
  int size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
