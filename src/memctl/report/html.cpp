#include "memctl/report/html.h"

#include "memctl/report/report_page.h"

namespace fovea::memctl {
namespace {

constexpr std::string_view kDataMark = "<!-- data -->\n";
constexpr std::size_t kDataPlace = kReportPage.find(kDataMark);
static_assert(kDataPlace != std::string_view::npos);

/// The escape in JSON of what begins `rest`; empty: it needs none. U+2028 and U+2029 end a line of
/// a script.
std::string_view escape_of(std::string_view rest) {
  if (rest.front() == '<') return "\\u003c";
  if (rest.front() == '>') return "\\u003e";
  if (rest.front() == '&') return "\\u0026";
  if (rest.starts_with("\xe2\x80\xa8")) return "\\u2028";
  if (rest.starts_with("\xe2\x80\xa9")) return "\\u2029";
  return {};
}

std::string escaped(std::string_view json) {
  std::string text;
  text.reserve(json.size() + json.size() / 16);
  for (std::size_t at = 0; at < json.size();) {
    const std::string_view escape = escape_of(json.substr(at));
    text += escape.empty() ? json.substr(at, 1) : escape;
    at += escape.starts_with("\\u2") ? 3 : 1;
  }
  return text;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = at; i < at + 3; ++i)
      three = three << 8 | (i < bytes.size() ? bytes[i] : 0);
    for (int shift = 18; shift >= 0; shift -= 6) text += kDigits[three >> shift & 63];
  }
  const std::size_t padding = (3 - bytes.size() % 3) % 3;
  text.replace(text.size() - padding, padding, padding, '=');
  return text;
}

}  // namespace

std::string_view report_head() { return kReportPage.substr(0, kDataPlace); }

std::string_view report_tail() { return kReportPage.substr(kDataPlace + kDataMark.size()); }

std::string data_element(std::string_view id, const nlohmann::ordered_json& document) {
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return "<script type=\"application/json\" id=\"" + std::string(id) + "\">" +
         escaped(document.dump(-1, ' ', false, replace)) + "</script>\n";
}

std::string png_address(std::span<const std::uint8_t> png) {
  return "data:image/png;base64," + base64(png);
}

}  // namespace fovea::memctl
