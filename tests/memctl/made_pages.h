#pragma once

#include <map>
#include <string>
#include <vector>

#include "memctl/experiment/findings.h"

namespace fovea::test {

/// A page of a text at tiny: 640 text tokens as 64 vision tokens.
inline memctl::PageRecord page_read(const std::string& domain, std::size_t page, double errors,
                                    memctl::Shuffle shuffle = memctl::Shuffle::none,
                                    Level level = Level::tiny, Density density = Density::d106) {
  memctl::PageRecord one;
  one.key = {density, domain, shuffle, page, level};
  one.characters = 100;
  one.text_tokens = 640;
  one.vision_tokens = static_cast<std::size_t>(token_count(level));
  one.text_bytes = 110;
  one.token_bytes = 200;
  one.zstd_bytes = 50;
  one.xz_bytes = 60;
  one.errors = errors;
  one.exact_rows = 0.5;
  one.word_precision = 0.25;
  one.word_recall = 0.75;
  one.confidence = 0.875;
  one.encode_seconds = 0.5;
  one.read_seconds = 1.5;
  one.exact_strings["id"] = {.all = 4, .given_back = 3};
  one.rows = {{.confidence = 0.9F, .evidence = {-0.1F, -0.2F, 0}, .exact = true},
              {.confidence = 0.2F, .evidence = {-3, -4, -5}, .exact = false}};
  one.confusions[{"l", "1"}] = 2;
  return one;
}

inline std::map<memctl::PageKey, memctl::PageRecord> by_key(
    std::vector<memctl::PageRecord> records) {
  std::map<memctl::PageKey, memctl::PageRecord> all;
  for (memctl::PageRecord& one : records) all.emplace(one.key, std::move(one));
  return all;
}

/// The fields of a line of CSV, unquoted.
inline std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace fovea::test
