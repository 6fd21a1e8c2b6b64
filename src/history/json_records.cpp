#include "history/json_records.h"

#include <algorithm>
#include <utility>

#include "history/json_parser.h"

namespace fovea {
namespace {

/// Bytes that are parsed in search of records behind something broken, for each byte of the text.
constexpr std::size_t kSearchEffort = 8;

std::size_t after_space(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_json_space(text[at]) || text[at] == ',')) ++at;
  return at;
}

/// Where a record may begin at or after `at`: an object, after what is no value's place. Inside
/// strings of sound JSON quotes are escaped, so `{"` begins an object.
std::size_t next_beginning(std::string_view text, std::size_t at) {
  while ((at = text.find('{', at)) != std::string_view::npos) {
    const std::size_t next = after_space(text, at + 1);
    if (next < text.size() && text[next] == '"') return at;
    ++at;
  }
  return text.size();
}

/// Does another record or nothing follow? Then what ends here is no part of something else.
bool ends_alone(std::string_view text, std::size_t end) {
  while (end < text.size() && is_json_space(text[end])) ++end;
  return end == text.size() || text[end] == '{';
}

/// Does what begins at `at` stand where a value of something larger may stand?
bool may_be_part(std::string_view text, std::size_t at) {
  while (at > 0 && is_json_space(text[at - 1])) --at;
  return at > 0 && (text[at - 1] == ':' || text[at - 1] == ',' || text[at - 1] == '[');
}

}  // namespace

std::optional<JsonRecord> JsonRecords::next() {
  while (ready_.empty()) {
    const auto text = texts_.next();
    if (const auto fault = source_.take_fault()) report_(source_.lines() + 1, *fault);
    if (!text) return std::nullopt;
    if (!text->fault.empty()) {
      report_(text->line, text->fault);
      continue;
    }
    ParsedJson parsed = parse_json(text->text);
    if (parsed.good()) {
      add(*text, std::move(parsed.value), 0);
    } else {
      take_apart(*text);
    }
  }
  JsonRecord record = std::move(ready_.front());
  ready_.pop_front();
  return record;
}

void JsonRecords::take_apart(const JsonText& text) {
  const std::string_view all = text.text;
  std::size_t at = after_space(all, 0), found = 0, effort = 0;
  bool sound = true;  // nothing broken before `at`
  bool reported = false;
  while (at < all.size()) {
    ParsedJson parsed = parse_json_at_front(all.substr(at));
    effort += parsed.end + 1;
    if (parsed.good() && (sound ? parsed.value.is_object() : is_own(text, at, parsed))) {
      at = after_space(all, at + parsed.end);
      add(text, std::move(parsed.value), found++);
      sound = true;
      continue;
    }
    if (!std::exchange(reported, true)) {
      const std::string reason = parsed.reason.empty() ? "not JSON" : parsed.reason;
      report_(text.line, reason.substr(0, reason.rfind(" at column")) + " at column " +
                             std::to_string(at + parsed.end + 1));
    }
    sound = false;
    if (effort > kSearchEffort * (all.size() + 1024)) return;
    at = next_beginning(all, at + 1);
  }
}

/// Behind something broken a value may be a part of that, above all where the file ends with it.
bool JsonRecords::is_own(const JsonText& text, std::size_t at, const ParsedJson& parsed) const {
  return ends_alone(text.text, at + parsed.end) && is_record_(parsed.value) &&
         (text.closed || !may_be_part(text.text, at));
}

void JsonRecords::add(const JsonText& text, JsonValue value, std::size_t count) {
  std::string place = text.place;
  if (count > 0) (place += '+') += std::to_string(count);
  ready_.push_back({.value = std::move(value),
                    .line = text.line,
                    .place = std::move(place),
                    .part = text.part});
}

}  // namespace fovea
