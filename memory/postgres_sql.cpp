#include "memory/postgres_sql.h"

#include <algorithm>
#include <charconv>

namespace fovea {

std::string with_dollars(std::string_view sql, std::size_t& count) {
  std::string text;
  char quote = 0;
  count = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '?') {
      std::size_t number = 0;
      const auto [end, error] =
          std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
      if (error != std::errc()) number = count + 1;
      count = std::max(count, number);
      text.append(1, '$').append(std::to_string(number));
      i = static_cast<std::size_t>(end - sql.data()) - 1;
      continue;
    }
    text += c;
  }
  return text;
}

}  // namespace fovea
