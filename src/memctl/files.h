#pragma once

#include <fstream>
#include <string>

#include "fovea/policy.h"

namespace fovea::memctl {

/// A file's bytes; "-": stdin. Throws Error(not_found | io) naming it.
std::string read_file(const std::string& path);
/// A file that is written once, whole or not at all: until then it has another name. Throws
/// Error(io) naming it.
class OutputFile {
 public:
  enum class Existing { replaced, refused };
  /// Opens it, so that what cannot be written is known before anything is done. Throws
  /// Error(invalid_argument) for an existing file that is to be refused.
  explicit OutputFile(const std::string& path, Existing existing = Existing::replaced);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  void write(const std::string& bytes);

 private:
  std::string path_;
  std::string part_;  ///< what is written to; the same for what is no ordinary file, such as a pipe
  bool written_ = false;
  std::ofstream file_;
};
/// Writes a file beside the one of that name and puts it in its place, so that whoever is killed
/// leaves the old one or the new one whole. Throws Error(io) naming it.
void replace_file(const std::string& path, const std::string& bytes);
/// A preset of that name, or a JSON file. Throws Error(not_found | invalid_argument) naming the file
/// and the key.
Policy policy_from_name(const std::string& name);

}  // namespace fovea::memctl
