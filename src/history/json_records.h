#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "history/json_parser.h"
#include "history/json_texts.h"

namespace fovea {

/// A value of a transcript and where it stands.
struct JsonRecord {
  JsonValue value;
  std::size_t line = 0;  ///< it begins on, from 1
  std::string place;     ///< names it in its file; "+1" for the one after the first of a line
  JsonText::Part part = JsonText::Part::whole;
};

/// The values of a transcript in their order. What cannot be parsed is reported with its line, and
/// costs no more than itself: whole records that stand before or behind it on its line are read.
class JsonRecords {
 public:
  /// Could a value stand for itself in such a file? What is found behind something broken must, for
  /// it could be a part of what is broken.
  using IsRecord = std::function<bool(const JsonValue&)>;
  using Report = std::function<void(std::size_t line, std::string reason)>;

  JsonRecords(ByteSource& source, IsRecord is_record, Report report)
      : source_(source),
        texts_(source),
        is_record_(std::move(is_record)),
        report_(std::move(report)) {}
  /// Nothing at the end, and for now at the end of a file that is followed.
  std::optional<JsonRecord> next();

 private:
  void take_apart(const JsonText& text);
  bool is_own(const JsonText& text, std::size_t at, const ParsedJson& parsed) const;
  void add(const JsonText& text, JsonValue value, std::size_t count);

  ByteSource& source_;
  JsonTexts texts_;
  IsRecord is_record_;
  Report report_;
  std::deque<JsonRecord> ready_;
};

}  // namespace fovea
