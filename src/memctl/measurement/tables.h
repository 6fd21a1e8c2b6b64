#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fovea::memctl {

/// A field of CSV, quoted where it has to be, as RFC 4180 has it.
std::string csv_field(const std::string& field);

/// A field of CSV with a number of six digits behind the point; empty where there is none.
std::string number(const std::optional<double>& value);
std::string number(std::size_t value);

/// A name within a table of Markdown.
std::string cell_text(const std::string& text);
/// A row of such a table.
std::string table_line(const std::vector<std::string>& cells);

}  // namespace fovea::memctl
