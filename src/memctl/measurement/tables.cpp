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

void CsvLine::add(std::string_view field) {
  if (!text_.empty()) text_ += ',';
  text_ += csv_field(std::string(field));
}

void CsvLine::add(const Share& share) {
  add(number(share.value));
  add(share.interval ? number(share.interval->low) : "");
  add(share.interval ? number(share.interval->high) : "");
}

std::string number(double value) { return fixed(value, 6); }
std::string number(const std::optional<double>& value) { return value ? number(*value) : ""; }
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

std::string table_head(const std::vector<std::string>& cells) {
  std::string rule = "|";
  for (std::size_t i = 0; i < cells.size(); ++i) rule += "---|";
  return table_line(cells) + rule + "\n";
}

std::string percent_text(const std::optional<double>& share, int digits) {
  return share ? fixed(100 * *share, digits) : "none";
}

std::string percent_text(const Share& share, int digits) {
  std::string text = percent_text(share.value, digits);
  if (share.value && share.interval)
    text += " [" + fixed(100 * share.interval->low, digits) + ", " +
            fixed(100 * share.interval->high, digits) + "]";
  return text;
}

}  // namespace fovea::memctl
