#include "memctl/report/html.h"

#include <sodium.h>

#include "memctl/output.h"
#include "memctl/report/report_page.h"

namespace fovea::memctl {
namespace {

constexpr std::string_view kDataMark = "<!-- data -->\n";

static_assert(kReportPage.find(kDataMark) != kReportPage.npos);
static_assert(kViewPage.find(kDataMark) != kViewPage.npos);

constexpr PageFrame frame_of(std::string_view page) {
  const std::size_t place = page.find(kDataMark);
  return {page.substr(0, place), page.substr(place + kDataMark.size())};
}

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

}  // namespace

PageFrame report_frame() { return frame_of(kReportPage); }

PageFrame view_frame() { return frame_of(kViewPage); }

std::string view_policy() { return std::string(kViewPolicy) + "; frame-ancestors 'none'"; }

std::string data_element(std::string_view id, const nlohmann::ordered_json& document) {
  return "<script type=\"application/json\" id=\"" + std::string(id) + "\">" +
         escaped(line_of(document)) + "</script>\n";
}

std::string png_address(std::span<const std::uint8_t> png) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string base64(sodium_base64_encoded_len(png.size(), kVariant), '\0');
  sodium_bin2base64(base64.data(), base64.size(), png.data(), png.size(), kVariant);
  base64.pop_back();  // a zero
  return "data:image/png;base64," + base64;
}

}  // namespace fovea::memctl
