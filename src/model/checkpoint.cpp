#include "model/checkpoint.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include "fovea/error.h"
#include "model/tile_product.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingleFile = "model.safetensors";
constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr const char* kScaleSuffix = ".scale";

[[noreturn]] void damaged(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::corruption, file + ": " + what);
}

/// Reads an index: tensor name -> file name. Only plain file names of the same folder are taken.
std::map<std::string, std::string> read_index(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::io, path.string() + ": cannot be read");
  try {
    auto index = nlohmann::json::parse(file).at("weight_map").get<std::map<std::string, std::string>>();
    for (auto& [tensor, name] : index) {
      if (name.empty() || fs::path(name).filename() != name)
        damaged(path.string(), "tensor " + tensor + ": expected a file of this folder, found \"" +
                                   name + "\"");
    }
    return index;
  } catch (const nlohmann::json::exception& error) {
    damaged(path.string(), std::string("expected a weight_map of file names, found ") + error.what());
  }
}

at::ScalarType torch_type(StoredType type) {
  switch (type) {
    case StoredType::f32: return at::kFloat;
    case StoredType::f16: return at::kHalf;
    case StoredType::bf16: return at::kBFloat16;
    case StoredType::i8: return at::kChar;
    case StoredType::u8: return at::kByte;
    case StoredType::i32: return at::kInt;
    case StoredType::i64: return at::kLong;
  }
  return at::kByte;
}

/// A view of mapped bytes; must not outlive the file.
at::Tensor view_of(const StoredTensor& tensor) {
  return at::from_blob(const_cast<std::byte*>(tensor.bytes.data()), tensor.shape,
                       at::TensorOptions().dtype(torch_type(tensor.type)));
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
  if (!fs::is_directory(folder))
    throw Error(ErrorCode::not_found, folder + ": expected a checkpoint folder");
  auto index_path = fs::path(folder) / kIndexFile;
  if (!fs::exists(index_path)) {
    open_files({kSingleFile});
    return;
  }
  auto index = read_index(index_path);
  std::set<std::string> names;
  for (auto& [tensor, name] : index) names.insert(name);
  open_files(names);
  for (auto& [tensor, name] : index) {
    auto file = (fs::path(folder) / name).string();
    if (!has(tensor) || *tensors_.at(tensor).file != file)
      damaged(file, "tensor " + tensor + ": expected here by " + kIndexFile + ", not found");
  }
}

void Checkpoint::open_files(const std::set<std::string>& names) {
  files_.reserve(names.size());  // entries point into them
  for (auto& name : names) {
    auto& file = files_.emplace_back((fs::path(folder_) / name).string());
    for (auto& [tensor_name, tensor] : file.tensors()) {
      auto [entry, fresh] = tensors_.try_emplace(tensor_name, Entry{&file.path(), &tensor});
      if (!fresh)
        damaged(file.path(), "tensor " + tensor_name + ": expected once, found in " +
                                 *entry->second.file + " too");
    }
  }
}

const Checkpoint::Entry& Checkpoint::find(const std::string& name) const {
  auto entry = tensors_.find(name);
  if (entry == tensors_.end())
    damaged(files_.size() == 1 ? files_[0].path() : folder_,
            "tensor " + name + ": expected by config.json, not found");
  return entry->second;
}

void Checkpoint::misfit(const std::string& name, const std::string& expected,
                        const std::string& found) const {
  damaged(*find(name).file, "tensor " + name + ": expected " + expected + ", found " + found);
}

const Shape& Checkpoint::shape(const std::string& name) const { return find(name).tensor->shape; }

const Shape& Checkpoint::shape(const std::string& name, std::size_t sides) const {
  auto& found = shape(name);
  if (found.size() != sides)
    misfit(name, std::to_string(sides) + " dimensions", to_string(found));
  return found;
}

const Checkpoint::Entry& Checkpoint::take(const std::string& name, const Shape& shape) {
  auto& entry = find(name);
  if (entry.tensor->shape != shape)
    misfit(name, "shape " + to_string(shape), to_string(entry.tensor->shape));
  taken_.insert(name);
  return entry;
}

at::Tensor Checkpoint::load(const std::string& name, const Shape& shape, at::ScalarType type) {
  auto& stored = *take(name, shape).tensor;
  auto options = at::TensorOptions().dtype(type).device(placement_.device);
  if (is_weight_type(stored.type)) return view_of(stored).to(options, false, /*copy=*/true);
  if (stored.type != StoredType::i8 || shape.empty())
    misfit(name, "dtype F32, F16, BF16 or I8", std::string(name_of(stored.type)));

  Shape per_row(shape.size(), 1);
  per_row[0] = shape[0];
  return view_of(stored).to(at::kFloat).mul_(scale_of(name, shape).view(per_row)).to(options);
}

/// The scales of an int8 tensor's rows, [shape[0]] float32.
at::Tensor Checkpoint::scale_of(const std::string& name, const Shape& shape) {
  auto scale_name = name + kScaleSuffix;
  auto& scale = *take(scale_name, {shape[0]}).tensor;
  if (!is_weight_type(scale.type))
    misfit(scale_name, "dtype F32", std::string(name_of(scale.type)));
  return view_of(scale).to(at::kFloat, false, /*copy=*/true);
}

at::Tensor Checkpoint::weight(const std::string& name, const Shape& shape) {
  return load(name, shape, placement_.compute);
}

at::Tensor Checkpoint::table(const std::string& name, const Shape& shape) {
  return load(name, shape, at::kFloat);
}

StoredMatrix Checkpoint::matrix(const std::string& name, const Shape& shape) {
  const bool multiplies_int8 =
      tiles_pay() && placement_.device.is_cpu() && placement_.compute == at::kFloat;
  if (!multiplies_int8 || !has(name) || find(name).tensor->type != StoredType::i8 || shape.empty())
    return {weight(name, shape), {}};
  auto& stored = *take(name, shape).tensor;
  return {view_of(stored), scale_of(name, shape)};
}

void Checkpoint::skip(const std::string& name, const Shape& shape) {
  if (!has(name)) return;
  if (take(name, shape).tensor->type == StoredType::i8) take(name + kScaleSuffix, {shape.at(0)});
}

void Checkpoint::require_all_taken() const {
  for (auto& [name, entry] : tensors_) {
    if (!taken_.contains(name))
      damaged(*entry.file, "tensor " + name + ": expected no such tensor by config.json, found " +
                               to_string(entry.tensor->shape));
  }
}

std::vector<std::span<const std::byte>> Checkpoint::bytes() const {
  std::vector<std::span<const std::byte>> bytes;
  for (auto& file : files_) bytes.push_back(file.bytes());
  return bytes;
}

}  // namespace fovea
