#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memctl/measurement/intervals.h"

namespace fovea::memctl {

/// A field of CSV, quoted where it has to be, as RFC 4180 has it.
std::string csv_field(const std::string& field);

/// A line of CSV, whose first field is not empty. A share takes three fields: it and its interval.
class CsvLine {
 public:
  template <typename... Fields>
  explicit CsvLine(const Fields&... fields) {
    (add(fields), ...);
  }
  void add(std::string_view field);
  void add(const Share& share);
  std::string text() const { return text_ + "\n"; }

 private:
  std::string text_;
};

/// A field of CSV with a number of six digits behind the point; empty where there is none.
std::string number(double value);
std::string number(const std::optional<double>& value);
std::string number(std::size_t value);

/// A name within a table of Markdown.
std::string cell_text(const std::string& text);
/// A row of such a table; its first one, with the rule below.
std::string table_line(const std::vector<std::string>& cells);
std::string table_head(const std::vector<std::string>& cells);
/// "97.53", with its interval "97.53 [96.00, 98.21]"; "none" where there is no share.
std::string percent_text(const std::optional<double>& share, int digits = 2);
std::string percent_text(const Share& share, int digits = 2);

}  // namespace fovea::memctl
