#pragma once

#include <string>
#include <vector>

namespace fovea::memctl {

/// A field of CSV, quoted where it has to be, as RFC 4180 has it.
std::string csv_field(const std::string& field);

/// A name within a table of Markdown.
std::string cell_text(const std::string& text);
/// A row of such a table.
std::string table_line(const std::vector<std::string>& cells);

}  // namespace fovea::memctl
