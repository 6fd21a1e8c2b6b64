#include "model/checkpoint/checkpoint.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include "core/read_json.h"
#include "fovea/error.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingleFile = "model.safetensors";
constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr const char* kScaleSuffix = ".scale";

/// Reads an index: tensor name -> file name. Only plain file names of the same folder are taken.
std::map<std::string, std::string> read_index(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::io, path.string() + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    const auto document = read_json<nlohmann::json>(text, path.string());
    auto index = document.at("weight_map").get<std::map<std::string, std::string>>();
    for (auto& [tensor, name] : index) {
      if (name.empty() || fs::path(name).filename() != name)
        throw Error(ErrorCode::corruption, path.string() + ": tensor " + tensor +
                                               ": expected a file of this folder, found \"" + name +
                                               "\"");
    }
    return index;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::corruption,
                path.string() + ": expected a weight_map of file names, found " + reason_of(error));
  }
}

at::ScalarType torch_type(StoredType type) {
  switch (type) {
    case StoredType::f32: return at::kFloat;
    case StoredType::f16: return at::kHalf;
    case StoredType::bf16: return at::kBFloat16;
    case StoredType::i8: return at::kChar;
    case StoredType::u8: return at::kByte;
    case StoredType::i16: return at::kShort;
    case StoredType::i32: return at::kInt;
    case StoredType::i64: return at::kLong;
  }
  return at::kByte;
}

bool is_weight_type(StoredType type) {
  return type == StoredType::f32 || type == StoredType::f16 || type == StoredType::bf16;
}

}  // namespace

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (auto side : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(side);
  return text + "]";
}

Checkpoint::Checkpoint(const std::string& folder, Placement placement)
    : folder_(folder), placement_(placement) {
  open();
}

Checkpoint::Checkpoint(const std::string& folder, std::vector<std::string>& misfits)
    : folder_(folder), placement_{at::kMeta, at::kFloat}, misfits_(&misfits) {
  open();
}

void Checkpoint::damaged(const std::string& file, const std::string& what) const {
  note(Error(ErrorCode::corruption, file + ": " + what));
}

void Checkpoint::note(const Error& error) const {
  if (!misfits_) throw error;
  misfits_->push_back(error.what());
}

void Checkpoint::open() {
  if (!fs::is_directory(folder_))
    throw Error(ErrorCode::not_found, folder_ + ": expected a checkpoint folder");
  const auto index = fs::path(folder_) / kIndexFile;
  if (fs::exists(index)) {
    open_index(index.string());
  } else {
    all_lost_ = !open_file(kSingleFile);
  }
}

void Checkpoint::open_index(const std::string& path) {
  std::map<std::string, std::string> index;
  try {
    index = read_index(path);
  } catch (const Error& error) {
    note(error);
    all_lost_ = true;
    return;
  }
  std::map<std::string, std::vector<std::string>> shards;
  for (auto& [tensor, name] : index) shards[name].push_back(tensor);
  for (auto& [name, tensors] : shards) {
    if (!open_file(name)) {
      lost_.insert(tensors.begin(), tensors.end());
      if (misfits_) misfits_->back() += "; " + std::to_string(tensors.size()) + " tensors are lost";
    }
  }
  for (auto& [tensor, name] : index) {
    if (lost_.contains(tensor)) continue;
    const auto file = (fs::path(folder_) / name).string();
    if (has(tensor) && tensors_.at(tensor).file->path() == file) continue;
    damaged(file, "tensor " + tensor + ": expected here by " + kIndexFile + ", not found");
    lost_.insert(tensor);
  }
}

/// False when it cannot be opened and misfits are noted.
bool Checkpoint::open_file(const std::string& name) {
  try {
    files_.push_back(
        std::make_shared<const SafetensorsFile>((fs::path(folder_) / name).string()));
  } catch (const Error& error) {
    note(error);
    return false;
  }
  const auto& file = files_.back();
  for (auto& [tensor_name, tensor] : file->tensors()) {
    const auto [entry, fresh] = tensors_.try_emplace(tensor_name, Entry{file, &tensor});
    if (!fresh)
      damaged(file->path(), "tensor " + tensor_name + ": expected once, found in " +
                                entry->second.file->path() + " too");
  }
  return true;
}

/// Null when it is missing and misfits are noted.
const Checkpoint::Entry* Checkpoint::find(const std::string& name) const {
  const auto entry = tensors_.find(name);
  if (entry != tensors_.end()) return &entry->second;
  if (!all_lost_ && !lost_.contains(name))
    damaged(files_.size() == 1 ? files_[0]->path() : folder_,
            "tensor " + name + ": expected by config.json, not found; `memctl model check " +
                folder_ + "` names all misfits");
  return nullptr;
}

void Checkpoint::misfit(const std::string& name, const std::string& expected,
                        const std::string& found) const {
  if (const auto* entry = find(name))
    damaged(entry->file->path(), "tensor " + name + ": expected " + expected + ", found " + found);
}

Shape Checkpoint::shape(const std::string& name, std::size_t sides) const {
  const auto entry = tensors_.find(name);
  if (entry == tensors_.end() && misfits_) return Shape(sides, kUnknownSide);  // noted when taken
  const auto& found = find(name)->tensor->shape;
  if (found.size() == sides) return found;
  if (!misfits_) misfit(name, std::to_string(sides) + " dimensions", to_string(found));
  return Shape(sides, kUnknownSide);
}

/// Null when it is missing or another one than expected and misfits are noted.
const Checkpoint::Entry* Checkpoint::take(const std::string& name, const Shape& shape) {
  if (misfits_ && taken_.contains(name)) return nullptr;  // said once is enough
  if (misfits_) taken_.insert(name);
  const auto* entry = find(name);
  if (!entry) return nullptr;
  const auto& found = entry->tensor->shape;
  if (std::equal(found.begin(), found.end(), shape.begin(), shape.end(), [](auto a, auto b) {
        return a == b || b < 0;  // what follows from an unknown side is unknown
      })) {
    taken_.insert(name);
    return entry;
  }
  misfit(name, "shape " + to_string(shape), to_string(found));
  return nullptr;
}

/// Of the mapped bytes, which it keeps mapped; a copy of those that a header of odd length has put
/// where processors may not read such values.
at::Tensor Checkpoint::view_of(const Entry& entry) const {
  const auto& tensor = *entry.tensor;
  const auto options = at::TensorOptions().dtype(torch_type(tensor.type));
  if (reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % size_of(tensor.type)) {
    auto aligned = at::empty(tensor.shape, options);
    std::memcpy(aligned.data_ptr(), tensor.bytes.data(), tensor.bytes.size());
    return aligned;
  }
  return at::from_blob(const_cast<std::byte*>(tensor.bytes.data()), tensor.shape,
                       [file = entry.file](void*) {}, options);
}

at::Tensor Checkpoint::load(const std::string& name, const Shape& shape, at::ScalarType type) {
  const auto options = at::TensorOptions().dtype(type).device(placement_.device);
  const auto* entry = take(name, shape);
  if (entry && !is_weight_type(entry->tensor->type)) {
    if (entry->tensor->type != StoredType::i8 || shape.empty()) {
      misfit(name, "dtype F32, F16, BF16 or I8", std::string(name_of(entry->tensor->type)));
    } else if (misfits_) {
      scale_of(name, shape);
    }
  }
  if (misfits_) {
    auto sides = shape;
    for (auto& side : sides) side = std::max<std::int64_t>(side, 1);
    return at::empty(sides, options);
  }
  if (is_weight_type(entry->tensor->type)) return view_of(*entry).to(options, false, /*copy=*/true);

  Shape per_row(shape.size(), 1);
  per_row[0] = shape[0];
  return view_of(*entry).to(at::kFloat).mul_(scale_of(name, shape).view(per_row)).to(options);
}

/// The scales of an int8 tensor's rows, [shape[0]] float32.
at::Tensor Checkpoint::scale_of(const std::string& name, const Shape& shape) {
  const auto scale_name = name + kScaleSuffix;
  const auto* scale = take(scale_name, {shape[0]});
  if (scale && !is_weight_type(scale->tensor->type))
    misfit(scale_name, "dtype F32", std::string(name_of(scale->tensor->type)));
  return misfits_ ? at::Tensor() : view_of(*scale).to(at::kFloat, false, /*copy=*/true);
}

at::Tensor Checkpoint::weight(const std::string& name, const Shape& shape) {
  return load(name, shape, placement_.compute);
}

at::Tensor Checkpoint::table(const std::string& name, const Shape& shape) {
  return load(name, shape, at::kFloat);
}

StoredMatrix Checkpoint::matrix(const std::string& name, const Shape& shape) {
  if (!placement_.device.is_cpu() || !has(name) || shape.empty()) return {weight(name, shape), {}};
  const auto type = tensors_.at(name).tensor->type;
  const auto compute = placement_.compute;
  const bool own_products = placement_.threads_own_pieces();
  if (type == StoredType::bf16 && (own_products || compute == at::kBFloat16))
    return {{}, {}, {view_of(*take(name, shape))}, compute};
  if (type == StoredType::i8 && (own_products || placement_.int8)) {
    const auto* entry = take(name, shape);
    return {view_of(*entry), scale_of(name, shape), {}, compute};
  }
  return {weight(name, shape), {}};
}

StoredMatrix Checkpoint::decoder_matrix(const std::string& name, const Shape& shape) {
  if (!placement_.int8 || !has(name) || !is_weight_type(tensors_.at(name).tensor->type))
    return matrix(name, shape);
  return quantised(view_of(*take(name, shape)), placement_.compute);
}

at::Tensor Checkpoint::rows(const std::string& name, const Shape& shape) {
  const bool as_stored = placement_.device.is_cpu() && has(name) &&
                         is_weight_type(tensors_.at(name).tensor->type);
  return as_stored ? view_of(*take(name, shape)) : weight(name, shape);
}

void Checkpoint::skip(const std::string& name, const Shape& shape) {
  if (!has(name)) return;
  const auto* entry = take(name, shape);
  if (entry && entry->tensor->type == StoredType::i8)
    take(name + kScaleSuffix, {shape.at(0)});
}

void Checkpoint::require_all_taken() const {
  for (auto& [name, entry] : tensors_) {
    if (!taken_.contains(name))
      damaged(entry.file->path(), "tensor " + name +
                                      ": expected no such tensor by config.json, found " +
                                      to_string(entry.tensor->shape));
  }
}

}  // namespace fovea
