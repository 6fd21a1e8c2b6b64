#include "memory/vector_index.h"

#include <faiss/IndexFlat.h>
#include <faiss/impl/IDSelector.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "memory/embedding_bytes.h"
#include "memory/hashed_file.h"

namespace fovea {
namespace {

// File: magic, store uuid, fingerprint, change, dim, count, entries [count], vectors [count] as
// pack_embedding has them, hash of all before it.
constexpr std::string_view kIndexMagic = "FVINDEX3";
constexpr std::uint64_t kMostDim = 1 << 16;
constexpr std::size_t kUuidSize = 32, kFingerprintSize = 64;

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

std::uint64_t bytes_of_vector(std::uint64_t dim) { return sizeof(float) + dim; }

std::string read_text(HashedFileReader& file, std::size_t size) {
  std::string text(size, '\0');
  return file.read(text.data(), size) ? text : std::string();
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
  if (!HashedFileReader::is_whole(path, key)) return nullptr;
  HashedFileReader file(path, key);
  if (read_text(file, kIndexMagic.size()) != kIndexMagic) return nullptr;
  auto index = std::make_unique<VectorIndex>(IndexStamp{}, 0);
  Impl& impl = *index->impl_;
  impl.stamp.store = read_text(file, kUuidSize);
  impl.stamp.fingerprint = read_text(file, kFingerprintSize);
  std::uint64_t dim = 0, count = 0;
  if (!file.read(&impl.stamp.change, sizeof impl.stamp.change) || !file.read(&dim, sizeof dim) ||
      !file.read(&count, sizeof count) || dim == 0 || dim > kMostDim ||
      count != file.left() / (sizeof(IndexEntry) + bytes_of_vector(dim)))
    return nullptr;
  impl.vectors = std::make_unique<faiss::IndexFlatIP>(static_cast<faiss::Index::idx_t>(dim));
  std::vector<IndexEntry> entries(count);
  file.read(entries.data(), count * sizeof(IndexEntry));
  index->reserve(count);
  for (const IndexEntry& entry : entries) {
    const std::vector<float> vector = unpack_embedding(read_text(file, bytes_of_vector(dim)));
    if (vector.size() != dim) return nullptr;
    index->add(entry, vector);
  }
  return index;
}

bool VectorIndex::save(const std::string& path, const std::optional<Key>& key) const {
  const std::string temporary = path + "." + std::to_string(getpid()) + ".tmp";
  std::error_code error;
  if (write(temporary, key))
    std::filesystem::rename(temporary, path, error);
  else
    error = std::make_error_code(std::errc::io_error);
  if (!error) return true;
  std::filesystem::remove(temporary, error);
  return false;
}

bool VectorIndex::write(const std::string& path, const std::optional<Key>& key) const {
  HashedFileWriter file(path, key);
  file.write(kIndexMagic.data(), kIndexMagic.size());
  for (const std::string* text : {&impl_->stamp.store, &impl_->stamp.fingerprint})
    file.write(text->data(), text->size());
  const std::uint64_t width = static_cast<std::uint64_t>(dim()), count = impl_->entries.size();
  file.write(&impl_->stamp.change, sizeof impl_->stamp.change);
  file.write(&width, sizeof width);
  file.write(&count, sizeof count);
  file.write(impl_->entries.data(), count * sizeof(IndexEntry));
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string packed =
        pack_embedding({impl_->vectors->get_xb() + i * width, static_cast<std::size_t>(width)});
    file.write(packed.data(), packed.size());
  }
  return file.finish();
}

void VectorIndex::reserve(std::size_t count) {
  impl_->entries.reserve(count);
  impl_->vectors->codes.reserve(count * impl_->vectors->code_size);
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
