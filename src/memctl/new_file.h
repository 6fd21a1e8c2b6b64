#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace fovea::memctl {

/// A file that is there whole or not at all: it is written beside its place and put there at the
/// end.
class NewFile {
 public:
  /// Throws Error(invalid_argument) where a file has that name already, unless it is to be
  /// replaced, and Error(io) where none can be made.
  NewFile(const std::string& path, bool replaces);
  /// Removes what was written, unless it was kept.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Throw Error(io) naming the file.
  void write(std::string_view bytes);
  void keep();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void require_new() const;
  [[noreturn]] void fail() const;

  std::string path_;
  bool replaces_;
  std::string written_to_;  ///< empty: kept
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace fovea::memctl
