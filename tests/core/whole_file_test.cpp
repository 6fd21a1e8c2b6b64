#include "core/whole_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "fovea/error.h"

namespace {

using namespace fovea;
namespace fs = std::filesystem;

struct Folder {
  std::string path = (fs::temp_directory_path() / "fovea-whole-XXXXXX").string();
  Folder() { REQUIRE(mkdtemp(path.data())); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return path + "/" + name; }
  auto files() const { return std::distance(fs::directory_iterator(path), {}); }
};

/// While it lives no file may grow beyond 1,000 bytes, as if the disk were full.
struct FullDisk {
  rlimit before{};
  void (*handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
  FullDisk() {
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
};

ErrorCode code_of(auto work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::unsupported;
}

}  // namespace

TEST_CASE("whole file: on a full disk the old file stays, and no part of the new one") {
  const Folder folder;
  write_whole_file(folder.file("a"), "the old bytes");
  {
    const FullDisk full;
    CHECK(code_of([&] { write_whole_file(folder.file("a"), std::string(5000, 'x')); }) ==
          ErrorCode::io);
    CHECK(code_of([&] { write_whole_file(folder.file("b"), std::string(5000, 'x')); }) ==
          ErrorCode::io);
  }
  CHECK(read_whole_file(folder.file("a"), 100) == "the old bytes");
  CHECK(folder.files() == 1);
}

TEST_CASE("whole file: a new one takes the place, the rights and the links of the old one") {
  const Folder folder;
  write_whole_file(folder.file("a"), "the old bytes");
  fs::permissions(folder.file("a"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", folder.file("link"));
  write_whole_file(folder.file("link"), "new");
  CHECK(fs::is_symlink(folder.file("link")));
  CHECK(read_whole_file(folder.file("a"), 100) == "new");
  CHECK(fs::status(folder.file("a")).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(folder.files() == 2);
}

TEST_CASE("whole file: a device is written to, a folder and a missing folder are errors") {
  const Folder folder;
  write_whole_file("/dev/null", "gone");
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(code_of([&] { write_whole_file("/dev/full", "x"); }) == ErrorCode::io);
  CHECK(code_of([&] { write_whole_file(folder.path, "x"); }) == ErrorCode::io);
  CHECK(code_of([&] { write_whole_file(folder.file("no/file"), "x"); }) == ErrorCode::io);
}

TEST_CASE("whole file: no more is read than a file of its kind can have") {
  const Folder folder;
  write_whole_file(folder.file("a"), std::string(1000, 'x'));
  CHECK(read_whole_file(folder.file("a"), 1000).size() == 1000);
  CHECK(code_of([&] { read_whole_file(folder.file("a"), 999); }) == ErrorCode::corruption);
  CHECK(code_of([] { read_whole_file("/dev/zero", 1 << 20); }) == ErrorCode::corruption);
  CHECK(code_of([&] { read_whole_file(folder.file("b"), 1); }) == ErrorCode::not_found);
  CHECK(code_of([&] { read_whole_file(folder.path, 1); }) == ErrorCode::io);
}
