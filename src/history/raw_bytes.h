#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "fovea/history.h"

namespace fovea {

enum class Following { no, yes };

/// Bytes that come one after the other.
class Bytes {
 public:
  virtual ~Bytes() = default;
  /// Puts at most `size` bytes at `into` and returns how many: 0 at the end, and for now at the end
  /// of a file that is followed.
  virtual std::size_t read(char* into, std::size_t size) = 0;
};

/// A file or stdin as it lies there. It is opened once.
class RawBytes : public Bytes {
 public:
  /// `path`: a file, or "-" for stdin. Throws Error(not_found) when there is no such file,
  /// Error(io) when it cannot be read or is a folder.
  RawBytes(const std::string& path, Following following);
  ~RawBytes() override;
  RawBytes(const RawBytes&) = delete;

  /// Throws Error(io).
  std::size_t read(char* into, std::size_t size) override;
  /// Bytes read so far.
  std::size_t position() const { return position_; }
  /// Of a plain file; 0: not known.
  std::size_t size() const { return size_; }
  /// Compares the file of that name with what was read of it.
  FileChange change() const;

 private:
  bool is_as_read() const;

  std::string path_;
  Following following_;
  int file_;
  std::size_t position_ = 0;
  std::size_t size_ = 0;
  std::string last_read_;  // of a file that is followed: the last bytes read of it
};

}  // namespace fovea
