#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace fovea::memctl {

/// A file that is there whole or not at all: it is written beside its place and put there at the
/// end. Throws Error(io) naming the file.
class OutputFile {
 public:
  enum class Existing { replaced, refused };
  /// Opens it, so that what cannot be written is known before anything is done. Throws
  /// Error(invalid_argument) for a folder, and for an existing file that is to be refused.
  explicit OutputFile(const std::string& path, Existing existing = Existing::replaced);
  /// Removes what was written, unless it was kept.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  void keep();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void require_place() const;
  [[noreturn]] void fail() const;

  std::string path_;
  Existing existing_;
  /// Empty: kept, or no ordinary file, such as a pipe, which is written itself.
  std::string beside_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// Makes a folder and those above it; there may be one. Throws Error(io) naming it.
void make_folder(const std::string& path);

/// Writes the whole file at once; there may be one of that name.
void write_file(const std::string& path, std::string_view bytes);

}  // namespace fovea::memctl
