#pragma once

#include <fstream>
#include <string>

#include "fovea/policy.h"

namespace fovea::memctl {

/// A file's bytes; "-": stdin. Throws Error(not_found | io) naming it.
std::string read_file(const std::string& path);
/// A file that is written once. Throws Error(io) naming it.
class OutputFile {
 public:
  /// Opens it, so that what cannot be written is known before anything is done.
  explicit OutputFile(const std::string& path);
  void write(const std::string& bytes);

 private:
  std::string path_;
  std::ofstream file_;
};
/// A preset of that name, or a JSON file. Throws Error(not_found | invalid_argument) naming the file
/// and the key.
Policy policy_from_name(const std::string& name);

}  // namespace fovea::memctl
