#pragma once

#include <istream>
#include <string>
#include <utility>

#include "fovea/error.h"
#include "history/raw_bytes.h"

namespace fovea {

/// The bytes of a stream that belongs to someone else.
class StreamBytes : public Bytes {
 public:
  StreamBytes(std::istream& stream, std::string name) : stream_(stream), name_(std::move(name)) {}

  /// Throws Error(io).
  std::size_t read(char* into, std::size_t size) override {
    stream_.read(into, static_cast<std::streamsize>(size));
    if (stream_.bad()) throw Error(ErrorCode::io, name_ + ": the stream cannot be read");
    return static_cast<std::size_t>(stream_.gcount());
  }

 private:
  std::istream& stream_;
  std::string name_;
};

}  // namespace fovea
