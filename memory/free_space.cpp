#include "memory/free_space.h"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace fovea {
namespace {

std::size_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at]) << 8 | bytes[at + 1];
}

/// What SQLite calls for an open database: the system's functions but one.
struct WipingMethods {
  sqlite3_io_methods methods;  // first: a file points here
  const sqlite3_io_methods* system;
};

const sqlite3_io_methods& system_of(sqlite3_file* file) {
  return *reinterpret_cast<const WipingMethods*>(file->pMethods)->system;
}

int write_wiped(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  constexpr int kSmallestPage = 512;
  const sqlite3_io_methods& system = system_of(file);
  sqlite3_int64 file_size = 0;
  const bool is_page = size >= kSmallestPage && offset % size == 0;
  if (!is_page || system.xFileSize(file, &file_size) != SQLITE_OK || file_size > kLargestWiped)
    return system.xWrite(file, data, size, offset);
  try {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    std::vector<std::uint8_t> page(bytes, bytes + size);
    wipe_free_space(page, offset == 0);
    return system.xWrite(file, page.data(), size, offset);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
}

/// The system has a few sets of functions, by kind of file system.
const sqlite3_io_methods* wiping(const sqlite3_io_methods* system) {
  static std::mutex mutex;
  static std::map<const sqlite3_io_methods*, WipingMethods> made;
  const std::lock_guard lock(mutex);
  const auto [found, is_new] = made.try_emplace(system, WipingMethods{*system, system});
  if (is_new) found->second.methods.xWrite = write_wiped;
  return &found->second.methods;
}

sqlite3_vfs* system_vfs(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int open_wiping(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  const int code = system_vfs(vfs)->xOpen(system_vfs(vfs), path, file, flags, out_flags);
  if (code != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0) return code;
  try {
    file->pMethods = wiping(file->pMethods);
  } catch (const std::bad_alloc&) {
    file->pMethods->xClose(file);
    file->pMethods = nullptr;
    return SQLITE_NOMEM;
  }
  return code;
}

}  // namespace

void wipe_free_space(std::span<std::uint8_t> page_bytes, bool is_first) {
  const std::size_t begin = is_first ? 100 : 0;
  const std::uint8_t kind = page_bytes[begin];
  const bool is_leaf = kind == 10 || kind == 13;
  if (!is_leaf && kind != 2 && kind != 5) return;
  const std::size_t cells = begin + (is_leaf ? 8 : 12) + 2 * number_at(page_bytes, begin + 3);
  std::size_t content = number_at(page_bytes, begin + 5);
  if (content == 0) content = 65'536;
  if (cells > content || content > page_bytes.size()) return;
  std::ranges::fill(page_bytes.subspan(cells, content - cells), std::uint8_t{0});
}

const char* wiping_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = *sqlite3_vfs_find(nullptr);
    made.pNext = nullptr;
    made.zName = "fovea-wiping";
    made.pAppData = sqlite3_vfs_find(nullptr);
    made.xOpen = open_wiping;
    return made;
  }();
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  return registered == SQLITE_OK ? vfs.zName : nullptr;
}

}  // namespace fovea
