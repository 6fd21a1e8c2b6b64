#include "memctl/ocr_answer.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <set>

#include "fovea/error.h"

namespace fovea::memctl {
namespace {

std::optional<int> number_from(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

struct Range {
  int first, last;
};

/// Absent when `text` is no range.
std::optional<Range> range_from(std::string_view text, int count) {
  const auto dash = text.find('-');
  const auto first = number_from(text.substr(0, dash));
  if (!first || *first < 1) return {};
  if (dash == text.npos) return Range{*first, *first};
  if (dash + 1 == text.size()) return Range{*first, std::max(*first, count)};
  const auto last = number_from(text.substr(dash + 1));
  if (!last || *last < *first) return {};
  return Range{*first, *last};
}

/// Markdown ends a link at a space or a bracket unless the whole is in < >.
std::string link_target(const std::string& target) {
  return target.find_first_of(" ()<>") == target.npos ? target : "<" + target + ">";
}

Json document_of(const Region& region) {
  Json boxes = Json::array();
  for (const PixelBox& box : region.boxes)
    boxes.push_back({box.left, box.top, box.right, box.bottom});
  return {{"label", region.label}, {"boxes", boxes}, {"text", region.text}};
}

}  // namespace

std::string page_name(const PageOfFile& page) {
  return page.in_pdf ? page.file + " page " + std::to_string(page.number) : page.file;
}

std::vector<int> pages_of(const std::string& range, int count, const std::string& file) {
  std::set<int> pages;
  for (std::size_t begin = 0; begin <= range.size();) {
    const std::size_t end = std::min(range.find(',', begin), range.size());
    const auto part = range_from(std::string_view(range).substr(begin, end - begin), count);
    if (!part)
      throw Error(ErrorCode::invalid_argument,
                  "--pages " + range + ": expected pages such as 2, 1-3, 4- or 1-3,7");
    if (part->last > count)
      throw Error(ErrorCode::invalid_argument, file + " has no page " + std::to_string(part->last) +
                                                   "; its last is page " + std::to_string(count));
    for (int page = part->first; page <= part->last; ++page) pages.insert(page);
    begin = end + 1;
  }
  return {pages.begin(), pages.end()};
}

PlainTextOptions plain_options(const std::string& prompt, const Picture& picture,
                               const PageOfFile& page, bool with_pictures) {
  PlainTextOptions options{labels_of(prompt), picture.width, picture.height, {}};
  if (!with_pictures) return options;
  options.image = [page](std::span<const PixelBox> boxes) {
    std::string target = page.file + "#";
    if (page.in_pdf) target += "page=" + std::to_string(page.number) + "&";
    std::string links;
    for (const PixelBox& box : boxes)
      links += (links.empty() ? "![](" : "\n![](") +
               link_target(target + "xywh=" + std::to_string(box.left) + "," +
                           std::to_string(box.top) + "," + std::to_string(box.right - box.left) +
                           "," + std::to_string(box.bottom - box.top)) +
               ")";
    return links;
  };
  return options;
}

Json document_of(const OcrPage& answer, const std::string& prompt, const Picture& picture,
                 const PageOfFile& page) {
  Json regions = Json::array();
  for (const Region& region : find_regions(answer.answer, picture.width, picture.height))
    regions.push_back(document_of(region));
  return {{"width", picture.width},
          {"height", picture.height},
          {"tiles", {answer.columns, answer.rows}},
          {"vision_tokens", answer.vision_tokens},
          {"tokens", answer.tokens},
          {"complete", answer.end == OcrEnd::by_model},
          {"text", plain_text(answer.answer, plain_options(prompt, picture, page, false))},
          {"markdown", markdown(answer.answer, plain_options(prompt, picture, page, true))},
          {"regions", regions},
          {"answer", answer.answer}};
}

std::string boxes_file(const std::string& path, std::size_t index, std::size_t count) {
  if (count == 1) return path;
  const std::filesystem::path whole(path);
  const std::string name =
      whole.stem().string() + "-" + std::to_string(index + 1) + whole.extension().string();
  return (whole.parent_path() / name).string();
}

}  // namespace fovea::memctl
