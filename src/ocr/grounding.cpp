#include "fovea/grounding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "ocr/mark_reader.h"

namespace fovea {
namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

using Part = MarkReader::Part;

std::string strip(std::string_view text) {
  const auto begin = text.find_first_not_of(kWhiteSpace);
  if (begin == text.npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1));
}

bool blank(std::string_view text) { return text.find_first_not_of(kWhiteSpace) == text.npos; }

/// 0..999 to a pixel, rounded down as DeepSeek's script does.
int to_pixel(double value, int side) {
  return static_cast<int>(std::clamp(value, 0.0, 999.0) / 999 * side);
}

PixelBox to_box(const std::array<double, 4>& numbers, int width, int height) {
  const auto [left, right] =
      std::minmax({to_pixel(numbers[0], width), to_pixel(numbers[2], width)});
  const auto [top, bottom] =
      std::minmax({to_pixel(numbers[1], height), to_pixel(numbers[3], height)});
  return {left, top, right, bottom};
}

/// The four numbers between "[" and "]"; absent when they are others.
std::optional<std::array<double, 4>> four_numbers(std::string_view text) {
  std::array<double, 4> numbers{};
  const auto skip_space = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
  };
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    skip_space();
    if (i > 0) {
      if (!text.starts_with(',')) return {};
      text.remove_prefix(1);
      skip_space();
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[i],
                                              std::chars_format::fixed);
    // "nan" is a number to from_chars, but no place.
    if (error != std::errc() || !(numbers[i] >= -1e9 && numbers[i] <= 1e9)) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return blank(text) ? std::optional(numbers) : std::nullopt;
}

/// "[[x1, y1, x2, y2], ...]"; boxes that cannot be read are left out.
std::vector<PixelBox> find_boxes(std::string_view text, int width, int height) {
  std::vector<PixelBox> boxes;
  for (auto end = text.find(']'); end != text.npos; end = text.find(']')) {
    const auto begin = text.substr(0, end).rfind('[');
    if (begin != text.npos)
      if (const auto numbers = four_numbers(text.substr(begin + 1, end - begin - 1)))
        boxes.push_back(to_box(*numbers, width, height));
    text.remove_prefix(end + 1);
  }
  return boxes;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::vector<Region> find_regions(std::string_view answer, int width, int height) {
  std::vector<Region> regions;
  bool fresh = false;  // the last part was a label, whose boxes may follow
  const MarkReader::Sink add = [&](Part part, std::string_view text) {
    if (part == Part::text) {
      if (!regions.empty()) regions.back().text += text;
    } else if (part == Part::ref) {
      regions.push_back({strip(text), {}, {}});
    } else {
      if (!fresh) regions.emplace_back();
      regions.back().boxes = find_boxes(text, width, height);
    }
    fresh = part == Part::ref || (fresh && part == Part::text && blank(text));
  };
  MarkReader reader;
  reader.take(answer, add);
  reader.finish(add);
  for (Region& region : regions) region.text = strip(region.text);
  return regions;
}

Labels labels_of(std::string_view prompt) {
  if (prompt.find("<|ref|>") != prompt.npos) return Labels::places;
  return prompt.find("markdown") != prompt.npos ? Labels::kinds : Labels::words;
}

struct PlainText::Impl {
  PlainTextOptions options;
  MarkReader reader;
  std::string out;
  std::optional<std::string> label;  // whose boxes may follow
  bool line_ended = true;            // by a mark, or because nothing was said yet

  void add(Part part, std::string_view text);
  void say_label(std::span<const PixelBox> boxes);
};

void PlainText::Impl::say_label(std::span<const PixelBox> boxes) {
  if (!label) return;
  if (options.labels == Labels::places) {
    out += *label + ":";
    for (const PixelBox& box : boxes)
      out += " [" + std::to_string(box.left) + ", " + std::to_string(box.top) + ", " +
             std::to_string(box.right) + ", " + std::to_string(box.bottom) + "]";
  } else if (*label == "image" && options.image) {
    out += options.image(boxes) + "\n\n";
  }
  label.reset();
}

void PlainText::Impl::add(Part part, std::string_view text) {
  const bool kinds = options.labels == Labels::kinds;
  if (part == Part::ref) {
    say_label({});
    if (options.labels == Labels::words) {
      out += strip(text);
    } else {
      label = strip(text);
    }
    line_ended = kinds;
  } else if (part == Part::det) {
    say_label(find_boxes(text, options.width, options.height));
  } else {
    if (line_ended) text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
    if (text.empty()) return;
    say_label({});
    out += text;
    line_ended = false;
  }
}

PlainText::PlainText(PlainTextOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
}
PlainText::~PlainText() = default;
PlainText::PlainText(PlainText&&) noexcept = default;

std::string PlainText::take(std::string_view piece) {
  impl_->reader.take(piece, [this](Part part, std::string_view text) { impl_->add(part, text); });
  return std::exchange(impl_->out, {});
}

std::string PlainText::finish() {
  impl_->reader.finish([this](Part part, std::string_view text) { impl_->add(part, text); });
  impl_->say_label({});
  return std::exchange(impl_->out, {});
}

std::string plain_text(std::string_view answer, const PlainTextOptions& options) {
  PlainText text(options);
  std::string plain = text.take(answer);
  return plain + text.finish();
}

std::string markdown(std::string_view answer, const PlainTextOptions& options) {
  std::string text = plain_text(answer, options);
  replace_all(text, "\\coloneqq", ":=");
  replace_all(text, "\\eqqcolon", "=:");
  for (auto at = text.find("\n\n\n"); at != text.npos; at = text.find("\n\n\n", at))
    text.erase(at, 1);
  return text;
}

}  // namespace fovea
