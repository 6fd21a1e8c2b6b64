#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "fovea/error.h"
#include "memory/server_url.h"
#include "memory/transfer.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

void require_new(const std::string& path) {
  if (path.empty())
    throw Error(ErrorCode::invalid_argument, "the name of the new file is empty");
  std::error_code error;
  if (fs::exists(path, error))
    throw Error(ErrorCode::invalid_argument, path + " exists; give the path of a new file");
}

/// Its owner's alone. Throws Error(not_found | io) naming `path`, the file that it will be.
void create(const std::string& part, const std::string& path) {
  const int file = ::open(part.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
    return;
  }
  const int error = errno;
  const bool no_folder = error == ENOENT || error == ENOTDIR;
  throw Error(no_folder ? ErrorCode::not_found : ErrorCode::io,
              path + ": cannot be created: " +
                  (no_folder ? "its folder does not exist" : std::strerror(error)));
}

void flush_to_disk(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!flushed) throw Error(ErrorCode::io, path + ": could not be written to the disk");
}

/// A file made under another name, which gets its own when it is whole.
class NewFile {
 public:
  explicit NewFile(const std::string& path)
      : path_(path), part_(path + "." + std::to_string(::getpid()) + ".part") {
    require_new(path);
    remove_part();
    create(part_, path);
  }
  ~NewFile() { remove_part(); }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const std::string& part() const { return part_; }
  void keep() {
    flush_to_disk(part_);
    std::error_code error;
    fs::rename(part_, path_, error);
    if (error) throw Error(ErrorCode::io, path_ + ": " + error.message());
  }

 private:
  void remove_part() const {
    std::error_code ignored;
    for (const char* end : {"", "-wal", "-shm", ".faiss", ".queue"}) fs::remove(part_ + end, ignored);
  }

  std::string path_, part_;
};

}  // namespace

void Store::backup(const std::string& path) const {
  NewFile file(path);
  try {
    impl_->serving_all().engine().back_up(file.part());
  } catch (const Error& error) {
    throw Error(error.code(), path + ": the copy could not be written: " + error.what());
  }
  file.keep();
}

std::size_t Store::export_scope(const Scope& scope, const std::string& path,
                                const std::optional<Key>& key) const {
  const auto own = find_scope(scope);
  if (!own)
    throw Error(ErrorCode::not_found,
                "store " + this->path() + " has nothing in scope " + to_text(scope));
  NewFile file(path);
  std::size_t pages = 0;
  {
    StoreOptions options;
    options.key = key;
    Store target(file.part(), options);
    target.take_scope(*this, *own, scope);
    pages = target.count_pages(scope);
  }
  file.keep();
  return pages;
}

void Store::take_scope(const Store& from, ScopeId scope, const Scope& into) {
  const Database& database = impl_->serving(scope);
  const ScopeId target = this->scope(into);
  Transaction transaction(database, Transaction::Kind::write, target);
  Statement there = database.prepare(
      "SELECT EXISTS (SELECT 1 FROM messages WHERE scope = ?1) "
      "OR EXISTS (SELECT 1 FROM pages WHERE scope = ?1)");
  there.bind(target).step();
  if (there.integer(0) != 0)
    throw Error(ErrorCode::invalid_argument, "scope " + to_text(into) + " of store " + path() +
                                                 " is not empty; import into another one");
  there.reset();
  database.engine().defer_references();
  for (const char* table : {"policies", "tombstones", "tombstone_secrets"})  // the file's own come
    database.prepare(std::string("DELETE FROM ") + table + " WHERE scope = ?").bind(target).run();
  copy_scope(from.impl_->serving(scope), scope, database, target);
  transaction.commit();
}

namespace {

void require_store_file(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) throw Error(ErrorCode::not_found, path + " does not exist");
  if (fs::is_directory(path, error))
    throw Error(ErrorCode::invalid_argument,
                path + " is a folder; give the file that an export or a backup wrote");
  if (fs::is_regular_file(path, error) && fs::file_size(path, error) == 0)
    throw Error(ErrorCode::corruption, path + " is empty; an export or a backup never is");
}

}  // namespace

std::size_t Store::import_scope(const std::string& path, const std::optional<Key>& key,
                                const std::optional<Scope>& which, const Scope& into) {
  require_store_file(path);
  if (std::error_code error; fs::exists(path + "-wal", error))
    throw Error(ErrorCode::invalid_argument,
                path + " is in use (it has a -wal file); back it up and import the copy");
  // A copy: an older file is brought to this version, and the one given stays as it is.
  const std::string beside =
      is_server_url(impl_->path)
          ? (fs::temp_directory_path() / std::to_string(std::bit_cast<std::uintptr_t>(this)))
                .string()
          : impl_->path;
  NewFile copy(beside + ".import");
  std::error_code error;
  fs::copy_file(path, copy.part(), fs::copy_options::overwrite_existing, error);
  if (error) throw Error(ErrorCode::io, path + " could not be copied: " + error.message());
  StoreOptions options;
  options.key = key;
  options.name = path;
  const Store from(copy.part(), options);
  const Scope name = which ? *which : from.only_scope(path);
  const auto scope = from.find_scope(name);
  if (!scope) throw Error(ErrorCode::not_found, path + " has nothing in scope " + to_text(name));
  take_scope(from, *scope, into);
  return count_pages(into);
}

Scope Store::only_scope(const std::string& file) const {
  const std::vector<Scope> all = scopes();
  if (all.size() == 1) return all.front();
  std::string names;
  for (const Scope& scope : all) names += (names.empty() ? "" : ", ") + to_text(scope);
  throw Error(ErrorCode::invalid_argument,
              file + " has " + (all.empty() ? "no scope" : "several scopes: " + names) +
                  "; name the one to import");
}

}  // namespace fovea
