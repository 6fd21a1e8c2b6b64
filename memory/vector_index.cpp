#include "memory/vector_index.h"

#include <faiss/IndexFlat.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "memory/hashed_file.h"

namespace fovea {
namespace {

// File: magic, store uuid, fingerprint, change, count, entries [count], FAISS's own format, hash of
// all before it. FAISS trusts what it reads, so the hash is checked first.
constexpr std::string_view kMagic = "FVINDEX2";
constexpr std::size_t kUuidSize = 32, kFingerprintSize = 64;

struct FaissWriter : faiss::IOWriter {
  explicit FaissWriter(HashedFileWriter& to) : file(to) {}
  std::size_t operator()(const void* data, std::size_t size, std::size_t count) override {
    file.write(data, size * count);
    return count;
  }
  HashedFileWriter& file;
};

struct FaissReader : faiss::IOReader {
  explicit FaissReader(HashedFileReader& from) : file(from) {}
  std::size_t operator()(void* data, std::size_t size, std::size_t count) override {
    return file.read(data, size * count) ? count : 0;
  }
  HashedFileReader& file;
};

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
  if (read_text(file, kMagic.size()) != kMagic) return nullptr;
  auto index = std::make_unique<VectorIndex>(IndexStamp{}, 0);
  Impl& impl = *index->impl_;
  impl.stamp.store = read_text(file, kUuidSize);
  impl.stamp.fingerprint = read_text(file, kFingerprintSize);
  std::uint64_t count = 0;
  if (!file.read(&impl.stamp.change, sizeof impl.stamp.change) || !file.read(&count, sizeof count) ||
      count > file.left() / sizeof(IndexEntry))
    return nullptr;
  impl.entries.resize(count);
  file.read(impl.entries.data(), count * sizeof(IndexEntry));
  try {
    FaissReader reader(file);
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
  file.write(kMagic.data(), kMagic.size());
  for (const std::string* text : {&impl_->stamp.store, &impl_->stamp.fingerprint})
    file.write(text->data(), text->size());
  const std::uint64_t count = impl_->entries.size();
  file.write(&impl_->stamp.change, sizeof impl_->stamp.change);
  file.write(&count, sizeof count);
  file.write(impl_->entries.data(), count * sizeof(IndexEntry));
  FaissWriter writer(file);
  faiss::write_index(impl_->vectors.get(), &writer);
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
