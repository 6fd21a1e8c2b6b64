#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fovea/error.h"

/// A fuzz target is this one function in a file of its own: libFuzzer calls it with bytes that it
/// makes up, the test suite with those of tests/fuzz/corpus. What it throws is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fovea::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// False when `call` throws an Error, which is how the library refuses bytes. Every other exception
/// goes on, and so does an Error that blames the system for them.
template <class Call>
bool accepts(Call&& call) {
  try {
    call();
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io || error.code() == ErrorCode::not_found) throw;
    return false;
  }
}

/// Throws unless what a target promises holds.
inline void expect(bool holds, const std::string& promise) {
  if (!holds) throw std::logic_error("does not hold: " + promise);
}

/// Bytes as a regular file that never reaches a disk.
class InputFile {
 public:
  explicit InputFile(std::string_view bytes);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

/// A folder that is gone at the end; its files may reach a disk unless $TMPDIR is in memory.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view bytes);

}  // namespace fovea::fuzz
