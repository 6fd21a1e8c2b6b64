#include "model/tokenizer/tokenizer_json.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <iterator>

#include "core/read_json.h"
#include "fovea/error.h"

namespace fovea {
namespace {

using nlohmann::json;

constexpr int kMaxId = 1 << 20;  // four times what the largest vocabularies have
constexpr auto kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

bool is_id(const json& value) {
  return whole_number(value, 0, kMaxId - 1).has_value();
}

/// A value of the file and where it stands, for errors.
struct Place {
  const std::string& path;
  std::string key;
  const json& value;

  [[noreturn]] void fail(ErrorCode code, const std::string& what) const {
    throw Error(code, path + ": " + (key.empty() ? "the file" : key) + " " + what);
  }
  bool has(const char* name) const {
    return value.is_object() && value.contains(name) && !value[name].is_null();
  }
  Place at(const char* name) const {
    const std::string inner = key.empty() ? name : key + "." + name;
    if (!has(name)) throw Error(ErrorCode::corruption, path + ": " + inner + " is missing");
    return {path, inner, value[name]};
  }
  Place at(std::size_t index) const {
    return {path, key + "[" + std::to_string(index) + "]", value[index]};
  }
  const json& list() const {
    if (!value.is_array()) fail(ErrorCode::corruption, "should be a list");
    return value;
  }
  std::string text() const {
    if (!value.is_string()) fail(ErrorCode::corruption, "should be a string");
    return value.get<std::string>();
  }
  int id() const {
    if (!is_id(value)) fail(ErrorCode::corruption, "should be a token id, not " + value.dump());
    return value.get<int>();
  }
  bool flag(const char* name, bool otherwise) const {
    if (!has(name)) return otherwise;
    const Place inner = at(name);
    if (!inner.value.is_boolean()) inner.fail(ErrorCode::corruption, "should be true or false");
    return inner.value.get<bool>();
  }
};

void read_split(const Place& step, TokenizerJson& out) {
  const Place pattern = step.at("pattern");
  const bool literal = pattern.has("String");
  const Place behavior = step.at("behavior");
  if (behavior.text() != "Isolated" && behavior.text() != "Removed")
    behavior.fail(ErrorCode::unsupported,
                  "is \"" + behavior.text() + "\"; known: Isolated, Removed");
  const bool removed = behavior.text() == "Removed";
  if (removed && step.flag("invert", false))
    step.at("invert").fail(ErrorCode::unsupported, "is true together with Removed");
  out.splits.push_back({pattern.at(literal ? "String" : "Regex").text(), literal, removed});
}

/// Returns true for the step that turns characters into bytes, which must be the last.
bool read_step(const Place& step, TokenizerJson& out) {
  const std::string type = step.at("type").text();
  if (type == "Split") {
    read_split(step, out);
  } else if (type == "Digits") {
    out.splits.push_back({step.flag("individual_digits", false) ? R"(\p{N})" : R"(\p{N}+)"});
  } else if (type == "ByteLevel") {
    if (step.flag("add_prefix_space", true))
      step.at("add_prefix_space")
          .fail(ErrorCode::unsupported, "is true: text would not come back exactly");
    if (step.flag("use_regex", true)) out.splits.push_back({kGpt2Pattern});
    return true;
  } else {
    step.at("type").fail(ErrorCode::unsupported,
                         "is \"" + type + "\"; known: Split, Digits, ByteLevel");
  }
  return false;
}

void read_pre_tokenizer(const Place& root, TokenizerJson& out) {
  const Place pre = root.at("pre_tokenizer");
  bool bytes = false;
  if (pre.at("type").text() != "Sequence") {
    bytes = read_step(pre, out);
  } else {
    const Place steps = pre.at("pretokenizers");
    for (std::size_t i = 0; i < steps.list().size(); ++i) {
      if (bytes)
        steps.at(i).fail(ErrorCode::unsupported, "follows ByteLevel, which must be the last step");
      bytes = read_step(steps.at(i), out);
    }
  }
  if (!bytes)
    pre.fail(ErrorCode::unsupported, "does not end in ByteLevel: only byte-level BPE is known");
}

void require_no_normalizer(const Place& root) {
  if (!root.has("normalizer")) return;
  const Place normalizer = root.at("normalizer");
  const bool empty = normalizer.has("normalizers") && normalizer.at("normalizers").list().empty();
  if (!empty)
    normalizer.fail(ErrorCode::unsupported, "must be empty: text would not come back exactly");
}

void read_vocab(const Place& vocab, TokenizerJson& out) {
  if (!vocab.value.is_object()) vocab.fail(ErrorCode::corruption, "should be an object");
  out.vocab.reserve(vocab.value.size());
  for (const auto& [token, id] : vocab.value.items()) {
    if (!is_id(id)) Place{vocab.path, vocab.key + "[\"" + token + "\"]", id}.id();
    out.vocab.emplace(token, id.get<int>());
  }
}

/// A merge is "left right" or ["left", "right"].
void read_merges(const Place& merges, TokenizerJson& out) {
  out.merges.reserve(merges.list().size());
  for (std::size_t i = 0; i < merges.value.size(); ++i) {
    const json& merge = merges.value[i];
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      out.merges.emplace_back(merge[0], merge[1]);
      continue;
    }
    const std::string both = merge.is_string() ? merge.get<std::string>() : "";
    const std::size_t space = both.find(' ');
    if (space == std::string::npos)
      merges.at(i).fail(ErrorCode::corruption, "should be two tokens");
    out.merges.emplace_back(both.substr(0, space), both.substr(space + 1));
  }
}

void read_model(const Place& model, TokenizerJson& out) {
  if (model.has("type") && model.at("type").text() != "BPE")
    model.at("type").fail(ErrorCode::unsupported,
                          "is \"" + model.at("type").text() + "\", not BPE");
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (model.has(affix) && !model.at(affix).text().empty())
      model.at(affix).fail(ErrorCode::unsupported, "must be empty");
  if (model.has("dropout") && model.value["dropout"] != 0)
    model.at("dropout").fail(ErrorCode::unsupported, "must be absent");
  read_vocab(model.at("vocab"), out);
  read_merges(model.at("merges"), out);
  out.ignore_merges = model.flag("ignore_merges", false);
}

void read_added_tokens(const Place& root, TokenizerJson& out) {
  if (!root.has("added_tokens")) return;
  const Place added = root.at("added_tokens");
  for (std::size_t i = 0; i < added.list().size(); ++i) {
    const Place token = added.at(i);
    for (const char* flag : {"single_word", "lstrip", "rstrip"})
      if (token.flag(flag, false)) token.at(flag).fail(ErrorCode::unsupported, "is true");
    out.added.push_back(
        {token.at("id").id(), token.at("content").text(), token.flag("normalized", false)});
  }
}

/// With two tokens of one id decoding could not give the text back.
void require_one_token_an_id(const std::string& path, const TokenizerJson& file) {
  std::unordered_map<int, std::string_view> tokens;
  const auto add = [&](int id, std::string_view token) {
    const auto [place, is_new] = tokens.try_emplace(id, token);
    if (!is_new && place->second != token)
      throw Error(ErrorCode::corruption, path + ": id " + std::to_string(id) + " is of two tokens, \"" +
                                             std::string(place->second) + "\" and \"" +
                                             std::string(token) + "\"");
  };
  tokens.reserve(file.vocab.size());
  for (const auto& [token, id] : file.vocab) add(id, token);
  for (const AddedToken& token : file.added) add(token.id, token.content);
}

json parse(const std::string& path) {
  if (!std::filesystem::exists(path))
    throw Error(ErrorCode::not_found, path + " does not exist: a checkpoint needs its tokenizer");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorCode::io, "cannot open " + path + ": " + std::strerror(errno));
  return read_json<json>(std::string{std::istreambuf_iterator<char>(in), {}}, path);
}

}  // namespace

TokenizerJson read_tokenizer_json(const std::string& path) {
  const json document = parse(path);
  const Place root{path, "", document};
  if (!document.is_object()) root.fail(ErrorCode::corruption, "should hold an object");
  TokenizerJson out;
  require_no_normalizer(root);
  read_pre_tokenizer(root, out);
  read_model(root.at("model"), out);
  read_added_tokens(root, out);
  require_one_token_an_id(path, out);
  return out;
}

}  // namespace fovea
