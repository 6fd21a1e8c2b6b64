#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace fovea::memctl {

/// A page before and after the memory's data.
struct PageFrame {
  std::string_view head;
  std::string_view tail;
};
PageFrame report_frame();
PageFrame view_frame();
/// The Content-Security-Policy of the page of `view`: it may also ask its own server. No other page
/// may hold it in a frame.
std::string view_policy();

/// An element with data for the page's script. What a text holds stays data: the JSON has no
/// character that means anything in markup, and bytes that are not UTF-8 are U+FFFD.
std::string data_element(std::string_view id, const nlohmann::ordered_json& document);

/// "data:image/png;base64,..."
std::string png_address(std::span<const std::uint8_t> png);

}  // namespace fovea::memctl
