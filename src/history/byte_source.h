#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fovea {

/// A file or stdin, read once from front to back. Its beginning can be looked at without being
/// taken.
class ByteSource {
 public:
  /// `path`: a file, or "-" for stdin. Throws Error(not_found) when there is no such file,
  /// Error(io) when it cannot be read or is a folder.
  explicit ByteSource(const std::string& path);

  /// At most `bytes` of what comes next, fewer only at the end.
  std::string_view peek(std::size_t bytes);
  /// Takes at most `bytes`; empty at the end.
  std::string take(std::size_t bytes);
  /// The next line with its line feed taken off; a last line may lack it. Nothing at the end.
  std::optional<std::string> take_line();

  const std::string& path() const { return path_; }
  /// What messages of this source are named by: the file's name without its folder, or "stdin".
  const std::string& name() const { return name_; }
  /// Bytes taken so far.
  std::size_t offset() const { return offset_; }
  /// Share of the file taken so far, 0..1; nothing when its size is not known.
  std::optional<double> share_taken() const;

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };

  bool fill();
  std::string pass(std::size_t bytes);

  std::string path_;
  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string buffer_;          // read and not taken, from begin_ on
  std::size_t begin_ = 0;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;  // of a plain file; 0: not known
  bool ended_ = false;
};

}  // namespace fovea
