#include "memory/vector_index.h"

#include <faiss/IndexFlat.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "memory/archive.h"
#include "memory/cipher.h"

namespace fovea {
namespace {

// File: magic, store uuid, fingerprint, change, count, entries [count], FAISS's own format, SHA-256
// of all before it. FAISS trusts what it reads, so the hash is checked first.
constexpr std::string_view kMagic = "FVINDEX1";
constexpr std::size_t kUuidSize = 32, kFingerprintSize = 64, kHashSize = 32;
constexpr std::size_t kHeaderSize = kMagic.size() + kUuidSize + kFingerprintSize + 16;

struct WantedSelector : faiss::IDSelector {
  using Wanted = std::function<bool(const IndexEntry&)>;
  WantedSelector(const std::vector<IndexEntry>& all, const Wanted& those)
      : entries(all), wanted(those) {}
  bool is_member(faiss::Index::idx_t at) const override {
    return wanted(entries[static_cast<std::size_t>(at)]);
  }
  const std::vector<IndexEntry>& entries;
  const Wanted& wanted;
};

struct DropSelector : faiss::IDSelector {
  explicit DropSelector(const std::vector<bool>& those) : kept(those) {}
  bool is_member(faiss::Index::idx_t at) const override {
    return !kept[static_cast<std::size_t>(at)];
  }
  const std::vector<bool>& kept;
};

template <class T>
void append(std::string& bytes, const T* items, std::size_t count) {
  bytes.append(reinterpret_cast<const char*>(items), count * sizeof(T));
}

template <class T>
void take(std::string_view& bytes, T* items, std::size_t count) {
  std::memcpy(items, bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
}

std::string take_text(std::string_view& bytes, std::size_t size) {
  std::string text(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return text;
}

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

/// The file without its hash; nothing when it is not whole.
std::optional<std::string_view> checked(std::string_view bytes) {
  if (bytes.size() < kHeaderSize + kHashSize || !bytes.starts_with(kMagic)) return {};
  const auto body = bytes.substr(0, bytes.size() - kHashSize);
  if (sha256(body) != bytes.substr(body.size())) return {};
  return body;
}

}  // namespace

struct VectorIndex::Impl {
  IndexStamp stamp;
  std::vector<IndexEntry> entries;  ///< of each vector
  std::unique_ptr<faiss::IndexFlat> vectors;
};

VectorIndex::VectorIndex(IndexStamp stamp, int dim) : impl_(std::make_unique<Impl>()) {
  impl_->stamp = std::move(stamp);
  impl_->vectors = std::make_unique<faiss::IndexFlatIP>(dim);
}

VectorIndex::~VectorIndex() = default;
VectorIndex::VectorIndex(VectorIndex&&) noexcept = default;
VectorIndex& VectorIndex::operator=(VectorIndex&&) noexcept = default;

std::unique_ptr<VectorIndex> VectorIndex::load(const std::string& path,
                                               const std::optional<Key>& key) {
  std::string bytes = read_all(path);
  if (key) bytes = unseal(*key, bytes).value_or("");
  const auto body = checked(bytes);
  if (!body) return nullptr;
  std::string_view rest = body->substr(kMagic.size());
  auto index = std::make_unique<VectorIndex>(IndexStamp{}, 0);
  Impl& impl = *index->impl_;
  impl.stamp.store = take_text(rest, kUuidSize);
  impl.stamp.fingerprint = take_text(rest, kFingerprintSize);
  std::uint64_t count = 0;
  take(rest, &impl.stamp.change, 1);
  take(rest, &count, 1);
  if (count > rest.size() / sizeof(IndexEntry)) return nullptr;
  impl.entries.resize(count);
  take(rest, impl.entries.data(), count);
  try {
    faiss::VectorIOReader reader;
    reader.data.assign(rest.begin(), rest.end());
    std::unique_ptr<faiss::Index> read(faiss::read_index(&reader));
    impl.vectors.reset(dynamic_cast<faiss::IndexFlat*>(read.get()));
    if (!impl.vectors) return nullptr;
    read.release();
  } catch (const faiss::FaissException&) {
    return nullptr;
  }
  if (impl.vectors->ntotal != static_cast<faiss::Index::idx_t>(count)) return nullptr;
  return index;
}

bool VectorIndex::save(const std::string& path, const std::optional<Key>& key) const {
  faiss::VectorIOWriter writer;
  faiss::write_index(impl_->vectors.get(), &writer);
  std::string bytes(kMagic);
  bytes += impl_->stamp.store + impl_->stamp.fingerprint;
  const std::uint64_t count = impl_->entries.size();
  append(bytes, &impl_->stamp.change, 1);
  append(bytes, &count, 1);
  append(bytes, impl_->entries.data(), count);
  append(bytes, writer.data.data(), writer.data.size());
  bytes += sha256(bytes);
  if (key) bytes = seal(*key, bytes);

  const std::string temporary = path + "." + std::to_string(getpid()) + ".tmp";
  std::error_code error;
  {
    std::ofstream file(temporary, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.flush();
    if (!file) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) std::filesystem::rename(temporary, path, error);
  if (!error) return true;
  std::filesystem::remove(temporary, error);
  return false;
}

void VectorIndex::add(const IndexEntry& entry, std::span<const float> vector) {
  impl_->vectors->add(1, vector.data());
  impl_->entries.push_back(entry);
}

void VectorIndex::keep_only(const std::vector<bool>& kept) {
  if (std::ranges::find(kept, false) == kept.end()) return;
  impl_->vectors->remove_ids(DropSelector(kept));  // moves the rest up, in order
  std::size_t to = 0;
  for (std::size_t from = 0; from < kept.size(); ++from) {
    if (kept[from]) impl_->entries[to++] = impl_->entries[from];
  }
  impl_->entries.resize(to);
}

std::vector<PageScore> VectorIndex::search(const std::function<bool(const IndexEntry&)>& wanted,
                                           std::span<const float> query, std::size_t k) const {
  k = std::min(k, impl_->entries.size());
  if (k == 0) return {};
  WantedSelector selector(impl_->entries, wanted);
  faiss::SearchParameters parameters;
  parameters.sel = &selector;
  std::vector<float> scores(k);
  std::vector<faiss::Index::idx_t> places(k);
  impl_->vectors->search(1, query.data(), static_cast<faiss::Index::idx_t>(k), scores.data(),
                         places.data(), &parameters);
  std::vector<PageScore> found;
  for (std::size_t i = 0; i < k && places[i] >= 0; ++i)
    found.push_back({impl_->entries[static_cast<std::size_t>(places[i])].page, scores[i]});
  std::ranges::sort(found, [](const PageScore& a, const PageScore& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  return found;
}

int VectorIndex::dim() const {
  return static_cast<int>(impl_->vectors->d);
}
const std::vector<IndexEntry>& VectorIndex::entries() const {
  return impl_->entries;
}
const IndexStamp& VectorIndex::stamp() const {
  return impl_->stamp;
}
void VectorIndex::set_change(std::int64_t change) {
  impl_->stamp.change = change;
}

}  // namespace fovea
