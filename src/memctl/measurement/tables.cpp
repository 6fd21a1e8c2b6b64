#include "memctl/measurement/tables.h"

#include "fovea/text.h"
#include "memctl/output.h"

namespace fovea::memctl {

std::string csv_field(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string text = "\"";
  for (const char c : field) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

std::string number(const std::optional<double>& value) { return value ? fixed(*value, 6) : ""; }
std::string number(std::size_t value) { return std::to_string(value); }

std::string cell_text(const std::string& text) {
  std::string safe;
  for (const char c : escaped_line(text)) safe += c == '|' ? "\\|" : std::string(1, c);
  return safe;
}

std::string table_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

}  // namespace fovea::memctl
