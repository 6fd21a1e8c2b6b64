#include "model/tokenizer/tokenizer.h"

#include <array>
#include <unordered_map>
#include <utility>

#include "core/regex.h"
#include "core/utf8.h"
#include "fovea/error.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/token_trie.h"
#include "model/tokenizer/tokenizer_json.h"

namespace fovea {
namespace {

/// The byte-level alphabet: each byte is written as one character, printable ones as themselves.
std::array<char32_t, 256> make_alphabet() {
  std::array<char32_t, 256> characters{};
  char32_t next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool itself = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    characters[byte] = itself ? static_cast<char32_t>(byte) : next++;
  }
  return characters;
}
const std::array<char32_t, 256> kAlphabet = make_alphabet();

std::string written(std::uint8_t byte) {
  const char32_t c = kAlphabet[byte];
  if (c < 0x80) return std::string(1, static_cast<char>(c));
  return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
}

/// The bytes that a token of the vocabulary is written for; itself where it uses other characters.
std::string bytes_of_written(const std::string& token) {
  static const auto byte_of = [] {
    std::unordered_map<char32_t, char> map;
    for (int byte = 0; byte < 256; ++byte) map.emplace(kAlphabet[byte], static_cast<char>(byte));
    return map;
  }();
  std::string bytes;
  for (std::size_t at = 0; at < token.size();) {
    const int length = utf8_valid(std::string_view(token).substr(at));
    if (length == 0) return token;
    const auto found = byte_of.find(utf8_decode(std::string_view(token).substr(at, length)));
    if (found == byte_of.end()) return token;
    bytes += found->second;
    at += length;
  }
  return bytes;
}

struct Splitter {
  Regex regex;
  bool removed;
};

}  // namespace

struct Tokenizer::Impl {
  Bpe bpe;
  std::vector<Splitter> splitters;
  TokenTrie added, added_later;
  std::vector<std::string> bytes;  // [id]

  void set_bytes(int id, std::string text) {
    if (id >= static_cast<int>(bytes.size())) bytes.resize(id + 1);
    bytes[id] = std::move(text);
  }

  void encode_raw(std::string_view text, const TokenTrie* trie, std::vector<int>& ids) const;
  void encode_bytes(std::string_view text, std::vector<int>& ids) const;
  void encode_piece(std::string_view text, std::size_t splitter, std::vector<int>& ids) const;
};

/// Cuts out the trie's tokens; between them goes on with the next trie, then with the text itself.
void Tokenizer::Impl::encode_raw(std::string_view text, const TokenTrie* trie,
                                 std::vector<int>& ids) const {
  if (!trie) return encode_bytes(text, ids);
  const TokenTrie* next = trie == &added ? &added_later : nullptr;
  std::size_t at = 0;
  while (const auto match = trie->find(text, at)) {
    encode_raw(text.substr(at, match->begin - at), next, ids);
    ids.push_back(match->id);
    at = match->begin + match->length;
  }
  encode_raw(text.substr(at), next, ids);
}

/// Any bytes: runs of valid UTF-8 are cut into pieces, other bytes are tokens of their own.
void Tokenizer::Impl::encode_bytes(std::string_view text, std::vector<int>& ids) const {
  std::size_t begin = 0, at = 0;
  while (at < text.size()) {
    if (const int length = utf8_valid(text.substr(at))) {
      at += length;
      continue;
    }
    encode_piece(text.substr(begin, at - begin), 0, ids);
    const int id = bpe.id_of(static_cast<std::uint8_t>(text[at]));
    if (id != Bpe::kNone) ids.push_back(id);
    begin = ++at;
  }
  encode_piece(text.substr(begin), 0, ids);
}

void Tokenizer::Impl::encode_piece(std::string_view text, std::size_t splitter,
                                   std::vector<int>& ids) const {
  if (text.empty()) return;
  if (splitter == splitters.size()) return bpe.append(text, ids);
  const Splitter& split = splitters[splitter];
  std::size_t at = 0;
  split.regex.find_all(text, [&](std::size_t begin, std::size_t end) {
    encode_piece(text.substr(at, begin - at), splitter + 1, ids);
    if (!split.removed) encode_piece(text.substr(begin, end - begin), splitter + 1, ids);
    at = end;
  });
  encode_piece(text.substr(at), splitter + 1, ids);
}

Tokenizer::Tokenizer(const std::string& path) : impl_(std::make_unique<Impl>()) {
  const TokenizerJson file = read_tokenizer_json(path);
  for (const auto& [token, id] : file.vocab) {
    impl_->set_bytes(id, bytes_of_written(token));
    if (file.ignore_merges) impl_->bpe.add_whole(impl_->bytes[id], id);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const auto found = file.vocab.find(written(static_cast<std::uint8_t>(byte)));
    if (found == file.vocab.end())
      throw Error(ErrorCode::unsupported, path + ": model.vocab has no token for the byte " +
                                              std::to_string(byte) +
                                              ", so some text could not be encoded");
    impl_->bpe.set_byte(static_cast<std::uint8_t>(byte), found->second);
  }
  const auto id_of = [&](std::size_t merge, const std::string& token) {
    const auto found = file.vocab.find(token);
    if (found == file.vocab.end())
      throw Error(ErrorCode::corruption, path + ": model.merges[" + std::to_string(merge) +
                                             "] needs the token \"" + token +
                                             "\", which model.vocab lacks");
    return found->second;
  };
  for (std::size_t i = 0; i < file.merges.size(); ++i) {
    const auto& [left, right] = file.merges[i];
    const int left_id = id_of(i, left), right_id = id_of(i, right);
    impl_->bpe.add_merge(left_id, right_id, id_of(i, left + right));
  }
  try {
    for (const SplitRule& rule : file.splits)
      impl_->splitters.push_back({Regex(rule.pattern, rule.literal), rule.removed});
  } catch (const Error& error) {
    throw Error(error.code(), path + ": pre_tokenizer: " + error.what());
  }
  for (const AddedToken& token : file.added) {
    impl_->set_bytes(token.id, token.content);
    (token.normalized ? impl_->added_later : impl_->added).add(token.content, token.id);
  }
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

std::vector<int> Tokenizer::encode(std::string_view text) const {
  std::vector<int> ids;
  impl_->encode_raw(text, &impl_->added, ids);
  return ids;
}

std::string Tokenizer::decode(std::span<const int> ids) const {
  std::string text;
  for (const int id : ids) text += bytes_of(id);
  return text;
}

std::string_view Tokenizer::bytes_of(int id) const {
  if (id < 0 || id >= size()) return {};
  return impl_->bytes[id];
}

int Tokenizer::size() const {
  return static_cast<int>(impl_->bytes.size());
}

}  // namespace fovea
