#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fovea {

enum class Following { no, yes };

/// What became of a file since it was last read.
enum class FileChange {
  none,
  grown,
  truncated,  ///< shorter now than what was read, or other bytes stand there
  replaced,   ///< another file has its name
  gone,
};

/// A file or stdin, read once from front to back. Its beginning can be looked at without being
/// taken. A file that is followed may grow: its end is the end for now, and a line without its line
/// feed is not yet one.
class ByteSource {
 public:
  /// `path`: a file, or "-" for stdin. Throws Error(not_found) when there is no such file,
  /// Error(io) when it cannot be read or is a folder.
  explicit ByteSource(const std::string& path, Following following = Following::no);

  /// At most `bytes` of what comes next, fewer only at the end.
  std::string_view peek(std::size_t bytes);
  /// Takes at most `bytes`; empty at the end.
  std::string take(std::size_t bytes);
  /// The next line with its line feed taken off; the last line of a file that is not followed may
  /// lack it. Nothing at the end.
  std::optional<std::string> take_line();

  const std::string& path() const { return path_; }
  /// What messages of this source are named by: the file's name without its folder, or "stdin".
  const std::string& name() const { return name_; }
  /// Bytes taken so far.
  std::size_t offset() const { return offset_; }
  /// Share of the file taken so far, 0..1; nothing when its size is not known.
  std::optional<double> share_taken() const;
  bool follows() const { return following_ == Following::yes; }
  /// Compares the file of that name with what was read of it.
  FileChange change() const;

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };

  bool fill();
  std::string pass(std::size_t bytes);
  bool is_as_read() const;

  std::string path_;
  Following following_;
  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string buffer_;          // read and not taken, from begin_ on
  std::size_t begin_ = 0;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;  // of a plain file; 0: not known
  std::string last_read_;  // of a file that is followed: the last bytes read of it
  bool ended_ = false;
};

}  // namespace fovea
