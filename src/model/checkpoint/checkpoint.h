#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "fovea/error.h"
#include "model/checkpoint/safetensors.h"
#include "model/operators/backend.h"
#include "model/operators/stored_matrix.h"

namespace fovea {

using Shape = std::vector<std::int64_t>;

/// "[2, 3]", for messages.
std::string to_string(const Shape& shape);

/// The tensors of a checkpoint folder: model.safetensors, or the shards that
/// model.safetensors.index.json lists. Models take their tensors from it one by one; every misfit
/// throws Error(corruption) naming file, tensor, what was expected and what was found.
/// Not thread-safe; needed only while loading: what stays in a mapped file keeps it mapped.
class Checkpoint {
 public:
  /// Throws Error(not_found | io | corruption).
  explicit Checkpoint(const std::string& folder, Placement placement = {});
  /// Only looks: models get tensors without values, on libtorch's "meta" device, and every misfit is
  /// added to `misfits` instead of being thrown. Throws Error(not_found) without a folder.
  Checkpoint(const std::string& folder, std::vector<std::string>& misfits);

  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// As stored, and it must have this many sides. Throws when there is no such tensor; when only
  /// looking all sides are then kUnknownSide, which fits any.
  Shape shape(const std::string& name, std::size_t sides) const;
  static constexpr std::int64_t kUnknownSide = -1;

  /// A weight of a large product, in the compute type. int8 is multiplied by its "<name>.scale".
  at::Tensor weight(const std::string& name, const Shape& shape);
  /// A norm, table, router or other small tensor, as float32.
  at::Tensor table(const std::string& name, const Shape& shape);
  /// A weight whose first side are a product's outputs; int8 and bfloat16 stay so where that is
  /// faster, bfloat16 where it is mapped.
  StoredMatrix matrix(const std::string& name, const Shape& shape);
  /// The same for the decoder, whose products wait for memory: int8 where the placement says so.
  StoredMatrix decoder_matrix(const std::string& name, const Shape& shape);
  /// A table whose rows are looked up one by one: of the stored type on a CPU, not copied.
  at::Tensor rows(const std::string& name, const Shape& shape);
  /// Marks a tensor as known but not needed; it may be absent, its shape must fit.
  void skip(const std::string& name, const Shape& shape);
  /// Throws when a tensor was neither taken nor skipped: it does not belong to this model.
  void require_all_taken() const;
  /// Throws Error(corruption) about a tensor that is there but does not fit, or notes it.
  void misfit(const std::string& name, const std::string& expected, const std::string& found) const;

  /// A tensor and its file.
  struct Entry {
    std::shared_ptr<const SafetensorsFile> file;
    const StoredTensor* tensor;
  };
  const std::map<std::string, Entry>& tensors() const { return tensors_; }
  /// In the order of their names.
  const std::vector<std::shared_ptr<const SafetensorsFile>>& files() const { return files_; }
  const Placement& placement() const { return placement_; }
  /// The large products of what is taken from here on run in another type.
  void compute_in(at::ScalarType type) { placement_.compute = type; }

 private:
  void open();
  void open_index(const std::string& path);
  bool open_file(const std::string& name);
  void damaged(const std::string& file, const std::string& what) const;
  void note(const Error& error) const;
  const Entry* find(const std::string& name) const;
  const Entry* take(const std::string& name, const Shape& shape);
  at::Tensor view_of(const Entry& entry) const;
  at::Tensor load(const std::string& name, const Shape& shape, at::ScalarType type);
  at::Tensor scale_of(const std::string& name, const Shape& shape);

  std::string folder_;
  Placement placement_;
  std::vector<std::shared_ptr<const SafetensorsFile>> files_;
  std::map<std::string, Entry> tensors_;
  std::set<std::string> taken_;
  std::vector<std::string>* misfits_ = nullptr;  // null: they are thrown
  std::set<std::string> lost_;  // tensors of files that could not be opened, reported with these
  bool all_lost_ = false;       // nobody knows which tensors they held
};

}  // namespace fovea
