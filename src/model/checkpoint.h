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

namespace fovea {

/// Where a model's weights live and in what type its large products run.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType compute = at::kFloat;  ///< kFloat or kBFloat16
};

/// The tensors of a checkpoint folder: model.safetensors, or the shards that
/// model.safetensors.index.json lists. Models take their tensors from it one by one; every misfit
/// throws Error(corruption) naming file, tensor, what was expected and what was found.
/// Not thread-safe; needed only while loading.
class Checkpoint {
 public:
  /// Throws Error(not_found | io | corruption | unsupported).
  explicit Checkpoint(const std::string& folder, Placement placement = {});

  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// As stored. Throws when there is no such tensor.
  const std::vector<std::int64_t>& shape(const std::string& name) const;

  /// A weight of a large product, in the compute type. int8 is multiplied by its "<name>.scale".
  at::Tensor weight(const std::string& name, const std::vector<std::int64_t>& shape);
  /// A norm, table, router or other small tensor, as float32.
  at::Tensor table(const std::string& name, const std::vector<std::int64_t>& shape);
  /// Several weights of equal width in one [sum of rows, columns]: fewer and larger products.
  at::Tensor stacked_weight(const std::vector<std::string>& names,
                            const std::vector<std::int64_t>& shape_of_each);
  /// Marks a tensor as known but not needed; it may be absent.
  void skip(const std::string& name);
  /// Throws when a tensor was neither taken nor skipped: it does not belong to this model.
  void require_all_taken() const;

  /// The tensor files' bytes, in the order of their names.
  std::vector<std::span<const std::byte>> bytes() const;
  const Placement& placement() const { return placement_; }

 private:
  struct Entry {
    const SafetensorsFile* file;
    const StoredTensor* tensor;
  };
  const Entry& find(const std::string& name) const;
  at::Tensor take(const std::string& name, const std::vector<std::int64_t>& shape,
                  at::ScalarType type);

  Placement placement_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, Entry> tensors_;
  std::set<std::string> taken_;
};

}  // namespace fovea
