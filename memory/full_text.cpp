#include "memory/full_text.h"

#include <algorithm>
#include <span>
#include <vector>

#include "memory/words.h"

namespace fovea {
namespace {

constexpr std::size_t kMaxTerms = 64;  // FTS5 walks the index once a term

using Group = std::span<const Word>;

/// The query and the phrases made of it so far.
class Expression {
 public:
  explicit Expression(std::string_view query) : query_(query) {}

  bool is_alone(const Word& word) const {
    return is_word_alone(code_point_at(query_, word.begin).value);
  }
  /// True when nothing blank stands between the words and both are spaced, or both words alone.
  bool belong_together(const Word& left, const Word& right) const {
    const std::size_t end = left.begin + left.length;
    const auto between = query_.substr(end, right.begin - end);
    const auto is_blank = [](char c) { return c >= 0 && c <= ' '; };
    return is_alone(left) == is_alone(right) && std::ranges::none_of(between, is_blank);
  }
  void add(Group words) {
    std::string phrase;
    for (const Word& word : words)
      phrase.append(phrase.empty() ? "\"" : " ").append(query_.substr(word.begin, word.length));
    phrase += '"';
    if (terms_.size() < kMaxTerms && std::ranges::find(terms_, phrase) == terms_.end())
      terms_.push_back(std::move(phrase));
  }
  std::string text() const {
    std::string joined;
    for (const std::string& term : terms_) joined.append(joined.empty() ? "" : " OR ").append(term);
    return joined;
  }

 private:
  std::string_view query_;
  std::vector<std::string> terms_;
};

/// Adds what belongs together as a phrase, and its parts. Of words alone, pairs: a single Han
/// character says little, and a whole sentence is found nowhere.
void add_group(Expression& expression, Group group) {
  if (group.size() == 1) return expression.add(group);
  if (expression.is_alone(group.front())) {
    for (std::size_t i = 0; i + 1 < group.size(); ++i) expression.add(group.subspan(i, 2));
    return;
  }
  expression.add(group);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i].length > 1) expression.add(group.subspan(i, 1));
  }
}

}  // namespace

std::string text_for_index(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    if (point.value <= 0) {
      result += ' ';
    } else if (is_word_alone(point.value)) {
      result.append(" ").append(text.substr(at, point.length)).append(" ");
    } else {
      result += text.substr(at, point.length);
    }
    at += point.length;
  }
  return result;
}

std::string match_expression(std::string_view query) {
  const std::vector<Word> words = words_of(query);
  Expression expression(query);
  for (std::size_t begin = 0, end = 0; begin < words.size(); begin = end) {
    for (end = begin + 1; end < words.size(); ++end) {
      if (!expression.belong_together(words[end - 1], words[end])) break;
    }
    add_group(expression, Group(words).subspan(begin, end - begin));
  }
  return expression.text();
}

}  // namespace fovea
