#include "facade/secrets.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "core/regex.h"
#include "core/utf8.h"
#include "facade/secret_patterns.h"

namespace fovea {
namespace {

constexpr const char* kPrivate = "private";

struct Pattern {
  std::string kind;
  std::vector<std::string> needs;  ///< one of these stands in every match
  Regex regex;
};

std::vector<Pattern> read_patterns() {
  std::vector<Pattern> patterns;
  const auto document = nlohmann::json::parse(kSecretPatterns);
  for (const auto& entry : document.at("patterns"))
    patterns.push_back({.kind = entry.at("kind").get<std::string>(),
                        .needs = entry.at("needs").get<std::vector<std::string>>(),
                        .regex = Regex(entry.at("pattern").get<std::string>())});
  return patterns;
}

/// The same length with every byte that is not UTF-8 as a space: what can be searched.
std::string searchable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto length = static_cast<std::size_t>(utf8_valid(text.substr(at)));
    if (length == 0)
      result += ' ';
    else
      result += text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return result;
}

void find_known(const std::string& text, std::vector<SecretSpan>& spans) {
  static const std::vector<Pattern> patterns = read_patterns();
  for (const Pattern& pattern : patterns) {
    const bool possible = std::ranges::any_of(pattern.needs, [&](const std::string& needed) {
      return text.find(needed) != std::string::npos;
    });
    if (!possible) continue;
    pattern.regex.find_all(text, [&](std::size_t begin, std::size_t end) {
      spans.push_back({begin, end, pattern.kind});
    });
  }
}

/// Tags may stand inside each other; the outermost pair counts.
void find_private(const std::string& text, int* depth_there, std::vector<SecretSpan>& spans) {
  static const Regex tags(R"((?i)<(?:private(?:\s[^<>]{0,200})?|/private\s{0,8})>)");
  int depth = depth_there ? *depth_there : 0;
  std::size_t begin = 0;
  tags.find_all(text, [&](std::size_t tag, std::size_t tag_end) {
    if (text[tag + 1] != '/') {
      if (depth++ == 0) begin = tag;
    } else if (depth > 0 && --depth == 0) {
      spans.push_back({begin, tag_end, kPrivate});
    }
  });
  if (!depth_there) return;
  if (depth > 0) spans.push_back({begin, text.size(), kPrivate});
  *depth_there = depth;
}

/// In order; of those that overlap one, from the first's begin to the last's end.
std::vector<SecretSpan> apart(std::vector<SecretSpan> spans) {
  std::ranges::sort(spans, [](const SecretSpan& left, const SecretSpan& right) {
    return std::pair(left.begin, right.end) < std::pair(right.begin, left.end);
  });
  std::vector<SecretSpan> result;
  for (SecretSpan& span : spans) {
    if (!result.empty() && span.begin < result.back().end)
      result.back().end = std::max(result.back().end, span.end);
    else
      result.push_back(std::move(span));
  }
  return result;
}

std::string mark_of(const SecretSpan& span) { return "[removed: " + span.kind + "]"; }

std::string without_secrets(const std::string& text) {
  std::string kept;
  std::size_t at = 0;
  for (const SecretSpan& span : find_secrets(text)) {
    kept += text.substr(at, span.begin - at) + mark_of(span);
    at = span.end;
  }
  return kept + text.substr(at);
}

bool is_piece(const Message& message) {
  return message.role == "text" && message.source_id.find('@') != std::string::npos;
}

/// "log.txt@4096" is followed by what begins where its text ends.
bool follows(const Message& message, const Message& next) {
  const std::size_t at = message.source_id.rfind('@') + 1;
  std::size_t offset = 0;
  std::from_chars(message.source_id.data() + at,
                  message.source_id.data() + message.source_id.size(), offset);
  return next.source_id ==
         message.source_id.substr(0, at) + std::to_string(offset + message.text.size());
}

}  // namespace

std::vector<SecretSpan> find_secrets(std::string_view text, int* depth) {
  const std::string searched = searchable(text);
  std::vector<SecretSpan> spans;
  find_known(searched, spans);
  find_private(searched, depth, spans);
  return apart(std::move(spans));
}

void SecretFilter::put(Message message) {
  const bool continues = waiting_ && is_piece(message) && follows(*waiting_, message);
  if (waiting_) hand_over(std::move(*waiting_), continues ? message.text : "");
  waiting_.reset();
  if (!continues) hidden_ = depth_ = 0;
  if (is_piece(message))
    waiting_ = std::move(message);
  else
    hand_over(std::move(message), "");
}

void SecretFilter::flush() {
  if (waiting_) hand_over(std::move(*waiting_), "");
  waiting_.reset();
  hidden_ = depth_ = 0;
}

/// `continued`: the text that follows, to see what begins here and ends there.
void SecretFilter::hand_over(Message message, std::string_view continued) {
  const bool piece = is_piece(message);
  message.text.erase(0, hidden_);
  hidden_ = 0;
  const std::string& text = message.text;
  int depth_there = depth_;
  std::string kept;
  std::size_t at = 0;
  bool goes_on = false;  // something private
  for (const SecretSpan& span :
       find_secrets(text + std::string(continued), piece ? &depth_there : nullptr)) {
    if (span.begin >= text.size()) break;
    kept += text.substr(at, span.begin - at);
    if (depth_ == 0 || span.begin > 0) {  // otherwise it has its mark where it began
      kept += mark_of(span);
      ++counts_[span.kind];
    }
    at = std::min(span.end, text.size());
    if (span.end <= text.size()) continue;
    goes_on = span.kind == kPrivate;
    if (!goes_on) hidden_ = span.end - text.size();
  }
  kept += text.substr(at);
  if (piece) {
    std::vector<SecretSpan> ignored;
    find_private(searchable(text), &depth_, ignored);
    if (goes_on) depth_ = std::max(depth_, 1);  // a tag may be cut by the pieces' border
  }
  message.text = std::move(kept);
  message.given = without_secrets(message.given);
  if (!message.text.empty()) next_(std::move(message));
}

}  // namespace fovea
