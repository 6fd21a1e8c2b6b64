#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fovea/history.h"
#include "tests/temporary_folder.h"

namespace fovea {

/// A file that is gone at the end of the test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& bytes) : path_(folder_.file(name)) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  const std::string& path() const { return path_; }

 private:
  test::Folder folder_{"history"};
  std::string path_;
};

struct Reading {
  HistoryFormat format;
  std::vector<Message> messages;
  std::vector<BrokenPart> broken;
  std::string text;  ///< the messages' texts joined
  LeftOut left_out;
};

inline Reading read(const std::string& name, const std::string& bytes,
             HistoryFormat format = HistoryFormat::automatic) {
  const TemporaryFile file(name, bytes);
  Reading reading;
  HistoryReader reader(file.path(), {.format = format, .on_broken = [&](const BrokenPart& part) {
                                       reading.broken.push_back(part);
                                     }});
  reading.format = reader.format();
  while (auto message = reader.next()) {
    reading.text += message->text;
    reading.messages.push_back(std::move(*message));
  }
  reading.left_out = reader.left_out();
  return reading;
}

/// The bytes of a file in tests/history/fixtures.
inline std::string fixture(const std::string& name) {
  std::ifstream file(std::string(FOVEA_SOURCE_DIR) + "/tests/history/fixtures/" + name,
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Reading read_fixture(const std::string& name) { return read(name, fixture(name)); }

}  // namespace fovea
