#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/picture.h"

namespace fovea {

/// A box in pixels of the picture; left < right and top < bottom unless it is a point or a line.
struct PixelBox {
  int left = 0, top = 0, right = 0, bottom = 0;
  bool operator==(const PixelBox&) const = default;
};

/// A part of an answer that the model grounds, and what follows it:
/// `<|ref|>label<|/ref|><|det|>[[x1, y1, x2, y2]]<|/det|>`.
struct Region {
  std::string label;            ///< what it is ("title", "table") or, asked for places, its words
  std::vector<PixelBox> boxes;  ///< empty where the model wrote none that can be read
  std::string text;             ///< up to the next region, without white space around it
};

/// The regions of an answer. `width`, `height`: of the picture as it was given; the model counts
/// 0 to 999 along each side, what lies outside is moved to the edge.
std::vector<Region> find_regions(std::string_view answer, int width, int height);

/// Writes the picture with its regions' boxes and labels drawn on it.
/// Throws Error(io) when the file cannot be written, Error(unsupported) for a side above 32,767 px.
void write_boxes_png(const std::string& path, const Picture& picture,
                     std::span<const Region> regions);

/// What an answer's labels are, by the prompt that was given.
enum class Labels {
  kinds,   ///< of the parts of a page, such as "title": they are no text
  words,   ///< read from the picture: they are text
  places,  ///< what was asked for: text, with its boxes
};
Labels labels_of(std::string_view prompt);

struct PlainTextOptions {
  Labels labels = Labels::kinds;
  int width = 0, height = 0;  ///< of the picture, for the boxes of `places`
  /// What stands for a region of kind "image"; absent: nothing.
  std::function<std::string(std::span<const PixelBox>)> image;
};

/// Takes the marks out of an answer while it comes.
class PlainText {
 public:
  explicit PlainText(PlainTextOptions options);
  ~PlainText();
  PlainText(PlainText&&) noexcept;

  /// What can be said after this piece of the answer.
  std::string take(std::string_view piece);
  /// The rest; the answer is over.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The whole answer as plain text.
std::string plain_text(std::string_view answer, const PlainTextOptions& options);

/// The whole answer as DeepSeek's script makes a Markdown file of it: `image` gives the links,
/// \coloneqq and \eqqcolon are spelt out, blank lines are squeezed; tables stay HTML.
std::string markdown(std::string_view answer, const PlainTextOptions& options);

}  // namespace fovea
