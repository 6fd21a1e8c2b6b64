#include "memctl/measurement/journal.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "fovea/error.h"
#include "memctl/files.h"
#include "memctl/output.h"
#include "memctl/output_file.h"

namespace fovea::memctl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostDifferences = 3;

[[noreturn]] void fail(ErrorCode code, const std::string& path, const std::string& what) {
  throw Error(code, path + ": " + what);
}

[[noreturn]] void fail_to_write(const std::string& path) {
  fail(ErrorCode::io, path, std::string("cannot be written: ") + std::strerror(errno));
}

std::string shown(const Json& values, const std::string& pointer) {
  const auto found = values.find(pointer);
  return found == values.end() ? "nothing" : found->dump();
}

/// "/inputs/ships/sha256" as "inputs ships sha256".
std::string words_of_pointer(std::string pointer) {
  for (char& c : pointer)
    if (c == '/') c = ' ';
  return pointer.substr(pointer.empty() ? 0 : 1);
}

/// Throws unless the folder has the experiment `run`, or none.
void require_same(const fs::path& folder, const std::string& file, const Json& run) {
  const fs::path path = folder / "run.json";
  if (!fs::exists(path)) {
    std::error_code error;
    if (fs::file_size(folder / file, error) > 0 && !error)
      fail(ErrorCode::corruption, path.string(),
           "is missing, so nobody knows what " + file + " was measured with; give another --out");
    return write_file(path.string(), to_text(run) + "\n");
  }
  const Json before = Json::parse(read_file(path.string()), nullptr, false);
  if (before.is_discarded())
    fail(ErrorCode::corruption, path.string(), "is not JSON; give another --out");
  const std::string difference = difference_of(before, run);
  if (!difference.empty())
    fail(ErrorCode::invalid_argument, folder.string(),
         "holds another run: " + difference + "; give another --out, or the same command");
}

}  // namespace

std::string difference_of(const Json& before, const Json& now) {
  const Json old_values = before.flatten(), values = now.flatten();
  std::string line;
  std::size_t count = 0;
  const auto compare = [&](const std::string& pointer) {
    const std::string was = shown(old_values, pointer), is = shown(values, pointer);
    if (was == is || ++count > kMostDifferences) return;
    line +=
        (line.empty() ? "" : ", ") + words_of_pointer(pointer) + " was " + was + " and is " + is;
  };
  for (const auto& [pointer, value] : values.items()) compare(pointer);
  for (const auto& [pointer, value] : old_values.items())
    if (!values.contains(pointer)) compare(pointer);
  if (count > kMostDifferences)
    line += " and " + std::to_string(count - kMostDifferences) + " more";
  return line;
}

Journal::Journal(const std::string& folder, const std::string& file, const Json& run,
                 const std::function<void(const Json&)>& take) {
  if (folder.empty()) return;
  make_folder(folder);
  // As it will be read again: numbers and text that is not UTF-8 may look otherwise in a file.
  require_same(folder, file, Json::parse(to_text(run)));
  path_ = (fs::path(folder) / file).string();
  open();
  read_lines(take);
}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

void Journal::open() {
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) fail_to_write(path_);
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0)
    fail(ErrorCode::io, path_, "is being written by another memctl; wait, or give another --out");
}

void Journal::read_lines(const std::function<void(const Json&)>& take) {
  const std::string bytes = read_file(path_);
  std::size_t number = 0;
  for (std::size_t end; (end = bytes.find('\n', length_)) != std::string::npos;) {
    ++number;
    try {
      take(Json::parse(bytes.substr(length_, end - length_)));
    } catch (const std::exception& problem) {
      if (end + 1 == bytes.size()) break;  // a machine that lost power may leave the last one so
      fail(ErrorCode::corruption, path_ + ":" + std::to_string(number),
           "is no line of an experiment: " + std::string(problem.what()));
    }
    length_ = end + 1;
  }
  if (length_ < bytes.size() && ::ftruncate(file_, static_cast<off_t>(length_)) != 0)
    fail_to_write(path_);
}

void Journal::add(const Json& added) {
  if (file_ < 0) return;
  const std::string line = line_of(added) + "\n";
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t count = ::write(file_, line.data() + done, line.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const int reason = errno;
      if (::ftruncate(file_, static_cast<off_t>(length_)) == 0) errno = reason;
      fail_to_write(path_);
    }
    done += static_cast<std::size_t>(count);
  }
  length_ += line.size();
}

}  // namespace fovea::memctl
