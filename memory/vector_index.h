#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/store.h"

namespace fovea {

/// What an index was made from: it is stale unless all three are the store's.
struct IndexStamp {
  std::string store;        ///< the store's uuid, 32 hex digits
  std::string fingerprint;  ///< of the checkpoint whose embeddings it holds, 64 hex digits
  std::int64_t change = 0;  ///< the store's embedding_stamp
};

/// What a vector belongs to.
struct IndexEntry {
  PageId page = 0;
  ScopeId scope = 0;
  std::int64_t change = 0;  ///< stamp of the change that wrote it
};

/// Nearest pages by inner product: a FAISS index of unit vectors with the page and scope of each; its
/// file has 8 bits a value. A
/// cache: it can always be made again from the store. One thread at a time.
class VectorIndex {
 public:
  /// Empty, for vectors of one checkpoint.
  VectorIndex(IndexStamp stamp, int dim);
  ~VectorIndex();
  VectorIndex(VectorIndex&&) noexcept;
  VectorIndex& operator=(VectorIndex&&) noexcept;

  /// Nothing when the file is missing, damaged, of another format or sealed with another key.
  static std::unique_ptr<VectorIndex> load(const std::string& path,
                                           const std::optional<Key>& key = {});
  /// Writes a file beside `path` and renames it, so that readers never see half an index. Returns
  /// false when the system refuses.
  bool save(const std::string& path, const std::optional<Key>& key = {}) const;

  /// Makes room for so many vectors in all: without it memory is doubled as they are added.
  void reserve(std::size_t count);
  /// `vector`: [dim].
  void add(const IndexEntry& entry, std::span<const float> vector);
  /// Removes all vectors but those with `kept[i]`, i as in entries().
  void keep_only(const std::vector<bool>& kept);
  /// The `wanted` pages, best first, equal ones by smaller id. `query`: [dim].
  std::vector<PageScore> search(const std::function<bool(const IndexEntry&)>& wanted,
                                std::span<const float> query, std::size_t k) const;

  int dim() const;
  const std::vector<IndexEntry>& entries() const;
  const IndexStamp& stamp() const;
  void set_change(std::int64_t change);

 private:
  bool write(const std::string& path, const std::optional<Key>& key) const;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
