#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// How a stretch of text is set; several may be joined.
enum TextStyle : unsigned { kPlain = 0, kBold = 1, kItalic = 2, kMono = 4 };

/// Text as it is set, valid UTF-8, which knows for each of its bytes where in the source it stands.
class DocumentText {
 public:
  struct Styled {
    std::size_t begin, end;  ///< bytes of `text`
    unsigned style;
  };

  /// Appends bytes that stand at `source`. Tabs become spaces; other controls, and bytes that are
  /// not UTF-8, are written "\xNN".
  void append(std::string_view bytes, std::size_t source, unsigned style = kPlain);
  /// The same of text that stands nowhere in the source, such as a list's mark.
  void append_made(std::string_view text, unsigned style = kPlain);
  void append(const DocumentText& other);
  void remove_line_ends();

  const std::string& text() const { return text_; }
  const std::vector<Styled>& styles() const { return styles_; }
  bool empty() const { return text_.empty(); }
  int invalid_bytes() const { return invalid_bytes_; }
  /// Where the byte `at` of `text` stands in the source; of made text where what is before it ends.
  std::size_t source_of(std::size_t at) const;
  /// Where in the source the last appended byte ends.
  std::size_t source_end() const { return source_end_; }

 private:
  /// From `begin` on, text and source run side by side, or (`fixed`) the source stands still.
  struct Origin {
    std::size_t begin, source;
    bool fixed;
  };
  void add_origin(std::size_t source, bool fixed);
  void add_style(std::size_t begin, unsigned style);

  std::string text_;
  std::vector<Origin> origins_;
  std::vector<Styled> styles_;
  std::size_t source_end_ = 0;
  int invalid_bytes_ = 0;
};

}  // namespace fovea
