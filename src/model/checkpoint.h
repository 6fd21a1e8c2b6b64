#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/safetensors.h"
#include "model/stored_matrix.h"

namespace fovea {

/// Where a model's weights live and in what type its large products run.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType compute = at::kFloat;  ///< kFloat or kBFloat16
};

using Shape = std::vector<std::int64_t>;

/// "[2, 3]", for messages.
std::string to_string(const Shape& shape);

/// The tensors of a checkpoint folder: model.safetensors, or the shards that
/// model.safetensors.index.json lists. Models take their tensors from it one by one; every misfit
/// throws Error(corruption) naming file, tensor, what was expected and what was found.
/// Not thread-safe; needed only while loading.
class Checkpoint {
 public:
  /// Throws Error(not_found | io | corruption).
  explicit Checkpoint(const std::string& folder, Placement placement = {});

  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// As stored. Throws when there is no such tensor.
  const Shape& shape(const std::string& name) const;
  /// As `shape`, and it must have this many sides.
  const Shape& shape(const std::string& name, std::size_t sides) const;

  /// A weight of a large product, in the compute type. int8 is multiplied by its "<name>.scale".
  at::Tensor weight(const std::string& name, const Shape& shape);
  /// A norm, table, router or other small tensor, as float32.
  at::Tensor table(const std::string& name, const Shape& shape);
  /// A weight whose first side are a product's outputs; int8 stays so where that is faster.
  StoredMatrix matrix(const std::string& name, const Shape& shape);
  /// Marks a tensor as known but not needed; it may be absent, its shape must fit.
  void skip(const std::string& name, const Shape& shape);
  /// Throws when a tensor was neither taken nor skipped: it does not belong to this model.
  void require_all_taken() const;
  /// Throws Error(corruption) about a tensor that is there but does not fit.
  [[noreturn]] void misfit(const std::string& name, const std::string& expected,
                           const std::string& found) const;

  /// The tensor files' bytes, in the order of their names.
  std::vector<std::span<const std::byte>> bytes() const;
  const Placement& placement() const { return placement_; }

 private:
  struct Entry {
    const std::string* file;
    const StoredTensor* tensor;
  };
  void open_files(const std::set<std::string>& names);
  const Entry& find(const std::string& name) const;
  const Entry& take(const std::string& name, const Shape& shape);
  at::Tensor load(const std::string& name, const Shape& shape, at::ScalarType type);
  at::Tensor scale_of(const std::string& name, const Shape& shape);

  std::string folder_;
  Placement placement_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, Entry> tensors_;
  std::set<std::string> taken_;
};

}  // namespace fovea
