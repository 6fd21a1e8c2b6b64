#include "memctl/experiment/tokenizers.h"

#include <filesystem>
#include <set>

#include "fovea/error.h"
#include "fovea/text.h"
#include "memctl/files.h"
#include "memctl/measurement/once.h"
#include "memctl/measurement/sha256.h"

namespace fovea::memctl {
namespace {

/// "qwen" of qwen.json and of qwen/tokenizer.json.
std::string name_from(const std::string& file) {
  const std::filesystem::path path = std::filesystem::absolute(file);
  const bool in_folder = path.filename() == "tokenizer.json" && path.has_parent_path();
  return escaped_line((in_folder ? path.parent_path().filename() : path.stem()).string());
}

}  // namespace

std::vector<CountedTokenizer> read_tokenizers(const std::vector<std::string>& files) {
  std::vector<CountedTokenizer> all;
  std::set<std::string> taken, hashes;
  for (const std::string& file : files) {
    if (std::error_code error; !std::filesystem::is_regular_file(file, error))
      throw Error(ErrorCode::not_found, "--tokenizer " + escaped_line(file) +
                                            ": there is no such file; give a "
                                            "tokenizer.json");
    const std::string sha256 = sha256_of(read_file(file));
    if (!hashes.insert(sha256).second)
      throw Error(ErrorCode::invalid_argument, file + ": this tokenizer is given twice");
    all.push_back({unused_name(name_from(file), taken), sha256, TokenCounter(file)});
  }
  return all;
}

std::map<std::string, std::size_t> tokens_of(std::string_view text,
                                             const std::vector<CountedTokenizer>& tokenizers) {
  std::map<std::string, std::size_t> tokens;
  for (const CountedTokenizer& one : tokenizers) tokens[one.name] = one.counter.count(text);
  return tokens;
}

}  // namespace fovea::memctl
