#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "history/decoded_bytes.h"

namespace fovea {

/// The text of a file or stdin, read once from front to back: unpacked where it is gzip or zstd, as
/// UTF-8 where it is UTF-16 or UTF-32. Its beginning can be looked at without being taken. A file
/// that is followed may grow: its end is the end for now, and a line without its line feed is not
/// yet one.
class ByteSource {
 public:
  /// Bytes of the longest line that is held.
  static constexpr std::size_t kLongestLine = std::size_t{1} << 28;

  /// As RawBytes.
  explicit ByteSource(const std::string& path, Following following = Following::no);
  /// What is left of a stream, which must outlive the source. `name`: stands for a path.
  ByteSource(std::istream& stream, const std::string& name);

  /// At most `bytes` of what comes next, fewer only at the end.
  std::string_view peek(std::size_t bytes);
  /// Takes at most `bytes`; empty at the end.
  std::string take(std::size_t bytes);
  struct Line {
    std::string text;     ///< without its line feed
    bool held = true;     ///< false: it is longer than kLongestLine, and was passed over
    bool closed = false;  ///< by a line feed; the file's last line may lack it
  };
  /// The next line; the last one of a file that is not followed may lack its line feed. Nothing at
  /// the end.
  std::optional<Line> take_line();

  /// From here on what is taken can be given back; nothing may have been taken yet.
  void begin_look();
  /// Gives back what was taken since.
  void end_look();
  /// False when looking on would hold too much of what cannot be read twice.
  bool may_look_on() const;

  /// What was wrong with packed bytes, said once.
  std::optional<std::string> take_fault();

  bool is_file() const { return raw_ != nullptr; }  ///< a path was given, be it "-"
  const std::string& path() const { return path_; }
  /// What messages of this source are named by: the file's name without its folder, or "stdin".
  const std::string& name() const { return name_; }
  /// Bytes taken so far.
  std::size_t offset() const { return offset_; }
  /// Line feeds among them.
  std::size_t lines() const { return lines_; }
  /// Share of the file taken so far, 0..1; nothing when its size is not known.
  std::optional<double> share_taken() const;
  bool follows() const { return following_ == Following::yes; }
  /// Compares the file of that name with what was read of it.
  FileChange change() const { return raw_ ? raw_->change() : FileChange::none; }
  /// Of a plain file, as it lies there; 0: not known.
  std::size_t file_bytes() const { return raw_ ? raw_->size() : 0; }

 private:
  void open();
  bool begin();
  bool fill();
  std::string pass(std::size_t bytes);

  std::string path_;
  Following following_;
  std::string name_;
  std::unique_ptr<DecodingFault> fault_ = std::make_unique<DecodingFault>();
  std::unique_ptr<Bytes> bytes_;  // decoded, once begun_ has shown how
  const RawBytes* raw_ = nullptr;  // those at the bottom of them; null: of a stream
  bool begins_ = true;
  bool decoded_ = false;
  std::string begun_;
  std::string buffer_;            // read and not taken, from begin_ on
  std::size_t begin_ = 0;
  std::size_t offset_ = 0;
  std::size_t lines_ = 0;
  bool looking_ = false;
  bool forgot_ = false;  // while looking, what was taken was not kept
  bool ended_ = false;
};

}  // namespace fovea
