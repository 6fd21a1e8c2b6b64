#include "memory/encrypted_files.h"

#include <sodium.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "fovea/error.h"
#include "memory/free_space.h"

namespace fovea {
namespace {

constexpr int kPageSize = EncryptedFiles::kPageBytes;
constexpr int kHead = static_cast<int>(KeyPage::kBytes);
constexpr sqlite3_int64 kWalHeader = 32, kFrameHeader = 24;
// What a page is sealed to: its number in the database, its place in the WAL, or just a journal.
constexpr std::uint64_t kInWal = std::uint64_t{1} << 62, kInJournal = std::uint64_t{1} << 63;

enum class Kind { database, wal, other };

}  // namespace

struct EncryptedFiles::Impl {
  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;
  std::string name;
  Key user_key{};
  std::string problem;
};

namespace {

/// What SQLite holds as a file; the system's own stands behind it in the same piece of memory.
struct File {
  sqlite3_file base;
  Kind kind;
  Key key;

  sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

const sqlite3_io_methods& system_methods(sqlite3_file* file) {
  return *of(file).system()->pMethods;
}

std::span<const std::uint8_t> page_bytes(const void* data) {
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(kPageSize)};
}

sqlite3_int64 head_of(const File& file) {
  return file.kind == Kind::database ? kHead : 0;
}

std::uint64_t place_of(const File& file, sqlite3_int64 offset) {
  switch (file.kind) {
    case Kind::database: return static_cast<std::uint64_t>(offset / kPageSize + 1);
    case Kind::wal: return kInWal | static_cast<std::uint64_t>(offset);
    default: return kInJournal;
  }
}

/// Opens a sealed page in place; its end, where the seal was, becomes zeros. A page that was never
/// written, a hole, is zeros.
bool open_page(const File& file, sqlite3_int64 offset, void* data) {
  auto* bytes = static_cast<std::uint8_t*>(data);
  if (std::all_of(bytes, bytes + kPageSize, [](std::uint8_t byte) { return byte == 0; }))
    return true;
  std::array<std::uint8_t, kPageSize> page{};
  if (!unseal(file.key, place_of(file, offset), page_bytes(data), page.data())) return false;
  std::ranges::copy(page, bytes);
  return true;
}

int read_through(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return system_methods(file).xRead(of(file).system(), data, size, offset + head_of(of(file)));
}

int read_page(sqlite3_file* file, void* data, sqlite3_int64 offset) {
  const int code = read_through(file, data, kPageSize, offset);
  if (code == SQLITE_IOERR_SHORT_READ)
    std::memset(data, 0, kPageSize);  // half a sealed page is none
  if (code != SQLITE_OK) return code;
  return open_page(of(file), offset, data) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

/// A piece of a database page, such as the header at the file's beginning.
int read_part(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  std::array<std::uint8_t, kPageSize> page{};
  const sqlite3_int64 within = offset % kPageSize;
  const int code = read_page(file, page.data(), offset - within);
  if (within + size > kPageSize) return SQLITE_IOERR_READ;
  std::memcpy(data, page.data() + within, static_cast<std::size_t>(size));
  return code;
}

/// A frame of the WAL with its header, as recovery reads it. What cannot be opened was cut off
/// while it was written: SQLite's checksum tells.
int read_frame(sqlite3_file* file, void* data, sqlite3_int64 offset) {
  const int code = read_through(file, data, kPageSize + kFrameHeader, offset);
  if (code == SQLITE_OK)
    open_page(of(file), offset + kFrameHeader, static_cast<std::uint8_t*>(data) + kFrameHeader);
  return code;
}

int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  if (size == kPageSize) return read_page(file, data, offset);
  if (of(file).kind == Kind::database) return read_part(file, data, size, offset);
  const bool is_frame = of(file).kind == Kind::wal && size == kPageSize + kFrameHeader &&
                        (offset - kWalHeader) % size == 0;
  return is_frame ? read_frame(file, data, offset) : read_through(file, data, size, offset);
}

void wipe(sqlite3_file* file, std::span<std::uint8_t> page, sqlite3_int64 offset) {
  sqlite3_int64 size = 0;
  if (system_methods(file).xFileSize(of(file).system(), &size) == SQLITE_OK &&
      size <= kLargestWiped)
    wipe_free_space(page.first(page.size() - kSealBytes), offset == 0);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const sqlite3_int64 at = offset + head_of(of(file));
  if (size != kPageSize) {
    if (of(file).kind == Kind::database) return SQLITE_IOERR_WRITE;  // SQLite writes whole pages
    return system_methods(file).xWrite(of(file).system(), data, size, at);
  }
  const auto page = page_bytes(data);
  const auto free_end = page.last(kSealBytes);
  if (std::ranges::any_of(free_end, [](std::uint8_t byte) { return byte != 0; }))
    return SQLITE_IOERR_WRITE;  // content where the seal goes: never lose it silently
  std::array<std::uint8_t, kPageSize> wiped, sealed;
  std::ranges::copy(page, wiped.begin());
  if (of(file).kind == Kind::database) wipe(file, wiped, offset);
  seal(of(file).key, place_of(of(file), offset), std::span(wiped).first(kPageSize - kSealBytes),
       sealed.data());
  return system_methods(file).xWrite(of(file).system(), sealed.data(), kPageSize, at);
}

int close(sqlite3_file* file) {
  const int code = system_methods(file).xClose(of(file).system());
  sodium_memzero(of(file).key.data(), of(file).key.size());
  return code;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return system_methods(file).xTruncate(of(file).system(), size + head_of(of(file)));
}
int sync(sqlite3_file* file, int flags) {
  return system_methods(file).xSync(of(file).system(), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const int code = system_methods(file).xFileSize(of(file).system(), size);
  *size = std::max<sqlite3_int64>(0, *size - head_of(of(file)));
  return code;
}
int lock(sqlite3_file* file, int level) {
  return system_methods(file).xLock(of(file).system(), level);
}
int unlock(sqlite3_file* file, int level) {
  return system_methods(file).xUnlock(of(file).system(), level);
}
int check_reserved_lock(sqlite3_file* file, int* result) {
  return system_methods(file).xCheckReservedLock(of(file).system(), result);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_MMAP_SIZE) return SQLITE_NOTFOUND;  // would show sealed pages
  return system_methods(file).xFileControl(of(file).system(), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return system_methods(file).xSectorSize(of(file).system());
}
int device_characteristics(sqlite3_file* file) {
  return system_methods(file).xDeviceCharacteristics(of(file).system()) &
         ~SQLITE_IOCAP_BATCH_ATOMIC;
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** to) {
  return system_methods(file).xShmMap(of(file).system(), page, size, extend, to);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return system_methods(file).xShmLock(of(file).system(), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  system_methods(file).xShmBarrier(of(file).system());
}
int shm_unmap(sqlite3_file* file, int remove) {
  return system_methods(file).xShmUnmap(of(file).system(), remove);
}

// Version 2: with shared memory for the WAL's index, without memory mapping.
constexpr sqlite3_io_methods kMethods = {
    2,           close,        read,        write,       truncate,
    sync,        file_size,    lock,        unlock,      check_reserved_lock,
    file_control, sector_size, device_characteristics, shm_map, shm_lock,
    shm_barrier, shm_unmap,    nullptr,     nullptr};

int write_key_page(sqlite3_file* system, const KeyPage& page) {
  const int code = system->pMethods->xWrite(system, page.bytes().data(), kHead, 0);
  return code == SQLITE_OK ? system->pMethods->xSync(system, SQLITE_SYNC_FULL) : code;
}

/// Takes the lock that only one may have; 10 s at most.
int lock_alone(sqlite3_vfs* vfs, sqlite3_file* system) {
  for (int tries = 0;; ++tries) {
    int code = SQLITE_OK;
    for (const int level : {SQLITE_LOCK_SHARED, SQLITE_LOCK_RESERVED, SQLITE_LOCK_EXCLUSIVE})
      if (code == SQLITE_OK) code = system->pMethods->xLock(system, level);
    if (code == SQLITE_OK || (code & 0xff) != SQLITE_BUSY || tries == 1000) return code;
    system->pMethods->xUnlock(system, SQLITE_LOCK_NONE);
    vfs->xSleep(vfs, 10'000);
  }
}

/// Gives an empty file its key page, unless another process is faster.
int make_key_page(EncryptedFiles::Impl& files, sqlite3_file* system) {
  int code = lock_alone(files.system, system);
  sqlite3_int64 size = 0;
  if (code == SQLITE_OK) code = system->pMethods->xFileSize(system, &size);
  if (code == SQLITE_OK && size == 0)
    code = write_key_page(system, KeyPage::make(files.user_key, random_key()));
  system->pMethods->xUnlock(system, SQLITE_LOCK_NONE);
  return code;
}

int read_key(EncryptedFiles::Impl& files, sqlite3_file* system, Key& key) {
  std::array<std::uint8_t, KeyPage::kBytes> bytes{};
  const int code = system->pMethods->xRead(system, bytes.data(), kHead, 0);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return code;
  const auto page = KeyPage::read(bytes);
  if (!page)
    files.problem = "is not encrypted; open it without a key";
  else if (!page->is_whole())
    files.problem = "has a damaged key page; restore a copy";
  else if (const auto opened = page->open(files.user_key))
    key = *opened;
  else
    files.problem = "does not open with this key; give the one it was made with";
  return files.problem.empty() ? SQLITE_OK : SQLITE_CANTOPEN;
}

int open_database(EncryptedFiles::Impl& files, File& file) {
  sqlite3_int64 size = 0;
  int code = file.system()->pMethods->xFileSize(file.system(), &size);
  if (code == SQLITE_OK && size == 0) code = make_key_page(files, file.system());
  return code == SQLITE_OK ? read_key(files, file.system(), file.key) : code;
}

EncryptedFiles::Impl& files_of(sqlite3_vfs* vfs) {
  return *static_cast<EncryptedFiles::Impl*>(vfs->pAppData);
}
sqlite3_vfs* system_of(sqlite3_vfs* vfs) {
  return files_of(vfs).system;
}

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* handle, int flags, int* out_flags) {
  File& file = *new (handle) File{};
  const bool is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  const bool is_wal = (flags & SQLITE_OPEN_WAL) != 0;
  if (!is_database && !is_wal && (flags & SQLITE_OPEN_MAIN_JOURNAL) == 0)
    return SQLITE_CANTOPEN;  // temporary files: see temp_store
  file.kind = is_database ? Kind::database : is_wal ? Kind::wal : Kind::other;
  int code = system_of(vfs)->xOpen(system_of(vfs), path, file.system(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  if (is_database)
    code = open_database(files_of(vfs), file);
  else
    file.key = of(sqlite3_database_file_object(path)).key;
  if (code != SQLITE_OK) {
    file.system()->pMethods->xClose(file.system());
    return code;
  }
  file.base.pMethods = &kMethods;
  return SQLITE_OK;
}

void forward_the_rest(sqlite3_vfs& vfs) {
  vfs.xDelete = [](sqlite3_vfs* v, const char* path, int sync_folder) {
    return system_of(v)->xDelete(system_of(v), path, sync_folder);
  };
  vfs.xAccess = [](sqlite3_vfs* v, const char* path, int flags, int* result) {
    return system_of(v)->xAccess(system_of(v), path, flags, result);
  };
  vfs.xFullPathname = [](sqlite3_vfs* v, const char* path, int size, char* to) {
    return system_of(v)->xFullPathname(system_of(v), path, size, to);
  };
  vfs.xRandomness = [](sqlite3_vfs* v, int size, char* to) {
    return system_of(v)->xRandomness(system_of(v), size, to);
  };
  vfs.xSleep = [](sqlite3_vfs* v, int microseconds) {
    return system_of(v)->xSleep(system_of(v), microseconds);
  };
  vfs.xCurrentTime = [](sqlite3_vfs* v, double* to) {
    return system_of(v)->xCurrentTime(system_of(v), to);
  };
  vfs.xCurrentTimeInt64 = [](sqlite3_vfs* v, sqlite3_int64* to) {
    return system_of(v)->xCurrentTimeInt64(system_of(v), to);
  };
  vfs.xGetLastError = [](sqlite3_vfs* v, int size, char* to) {
    return system_of(v)->xGetLastError(system_of(v), size, to);
  };
}

File& main_file(sqlite3* connection) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return of(file);
}

}  // namespace

EncryptedFiles::EncryptedFiles(const Key& user_key) : impl_(std::make_unique<Impl>()) {
  impl_->system = sqlite3_vfs_find(nullptr);
  impl_->user_key = user_key;
  impl_->name = "fovea-" + std::to_string(reinterpret_cast<std::uintptr_t>(impl_.get()));
  sqlite3_vfs& vfs = impl_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->system->szOsFile;
  vfs.mxPathname = impl_->system->mxPathname;
  vfs.zName = impl_->name.c_str();
  vfs.pAppData = impl_.get();
  vfs.xOpen = open;
  forward_the_rest(vfs);
  sqlite3_vfs_register(&vfs, 0);
}

EncryptedFiles::~EncryptedFiles() {
  sqlite3_vfs_unregister(&impl_->vfs);
  sodium_memzero(impl_->user_key.data(), impl_->user_key.size());
}

const char* EncryptedFiles::name() const {
  return impl_->name.c_str();
}

const std::string& EncryptedFiles::problem() const {
  return impl_->problem;
}

const Key& EncryptedFiles::data_key(sqlite3* connection) {
  return main_file(connection).key;
}

void EncryptedFiles::change_key(sqlite3* connection, const Key& user_key) {
  File& file = main_file(connection);
  std::array<std::uint8_t, KeyPage::kBytes> bytes{};
  int code = file.system()->pMethods->xRead(file.system(), bytes.data(), kHead, 0);
  auto page = KeyPage::read(bytes);
  if (code == SQLITE_OK && page) {
    page->add(user_key, file.key);
    code = write_key_page(file.system(), *page);
    page->drop_old();
    if (code == SQLITE_OK) code = write_key_page(file.system(), *page);
  }
  if (code != SQLITE_OK || !page)
    throw Error(ErrorCode::io, "the key could not be changed; the store still opens with one of "
                               "the two keys, try both");
  impl_->user_key = user_key;
}

}  // namespace fovea
