#include "model/checkpoint/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/read_json.h"
#include "fovea/error.h"

namespace fovea {
namespace {

using nlohmann::json;

struct TypeRow {
  StoredType type;
  std::string_view name;
  int size;
};

constexpr std::array kTypes = {
    TypeRow{StoredType::f32, "F32", 4},   TypeRow{StoredType::f16, "F16", 2},
    TypeRow{StoredType::bf16, "BF16", 2}, TypeRow{StoredType::i8, "I8", 1},
    TypeRow{StoredType::u8, "U8", 1},     TypeRow{StoredType::i16, "I16", 2},
    TypeRow{StoredType::i32, "I32", 4},   TypeRow{StoredType::i64, "I64", 8},
};

const TypeRow& row_of(StoredType type) {
  return *std::find_if(kTypes.begin(), kTypes.end(), [&](auto& row) { return row.type == type; });
}

/// Where a tensor's data lies, counted from the end of the header.
struct Range {
  std::uint64_t begin, end;
  std::string name;
};

/// Reads one header; every complaint names the file.
class HeaderReader {
 public:
  HeaderReader(const std::string& path, std::span<const std::byte> bytes)
      : path_(path), bytes_(bytes) {}

  std::map<std::string, StoredTensor> read() {
    auto header = header_text();
    data_ = bytes_.subspan(8 + header.size());
    const auto entries = read_json<json>(header, path_ + ": JSON header");
    if (!entries.is_object()) damaged("expected a JSON object as header, found " + type_of(entries));
    std::map<std::string, StoredTensor> tensors;
    for (auto& [name, entry] : entries.items()) {
      if (name != "__metadata__") tensors.emplace(name, read_tensor(name, entry));
    }
    check_layout();
    return tensors;
  }

  [[noreturn]] void damaged(const std::string& what) const {
    throw Error(ErrorCode::corruption, path_ + ": " + what);
  }

 private:
  static std::string type_of(const json& value) { return value.type_name(); }

  std::string_view header_text() const {
    std::uint64_t length = 0;
    if (bytes_.size() < sizeof length)
      damaged("expected a safetensors header, found a file of " + std::to_string(bytes_.size()) +
              " bytes");
    std::memcpy(&length, bytes_.data(), sizeof length);
    if (length > bytes_.size() - sizeof length)
      damaged("expected a header of " + std::to_string(length) + " bytes, found " +
              std::to_string(bytes_.size() - sizeof length) + ": the file is truncated or damaged");
    return {reinterpret_cast<const char*>(bytes_.data()) + sizeof length, length};
  }

  StoredTensor read_tensor(const std::string& name, const json& entry) {
    try {
      StoredTensor tensor{.type = parse_type(name, entry.at("dtype").get<std::string>()),
                          .shape = numbers(name, entry.at("shape")),
                          .bytes = {}};
      const auto offsets = numbers(name, entry.at("data_offsets"));
      if (offsets.size() != 2)
        damaged("tensor " + name + ": expected two data_offsets, found " +
                std::to_string(offsets.size()));
      const auto begin = static_cast<std::uint64_t>(offsets[0]);
      const auto end = static_cast<std::uint64_t>(offsets[1]);
      check_size(name, tensor, begin, end);
      tensor.bytes = data_.subspan(begin, end - begin);
      ranges_.push_back({begin, end, name});
      return tensor;
    } catch (const json::exception& error) {
      damaged("tensor " + name + ": expected dtype, shape and data_offsets, found " +
              reason_of(error));
    }
  }

  std::vector<std::int64_t> numbers(const std::string& name, const json& list) const {
    std::vector<std::int64_t> all;
    for (const json& value : list.get_ref<const json::array_t&>()) {
      const auto number = whole_number(value, 0, INT64_MAX);
      if (!number)
        damaged("tensor " + name + ": expected whole numbers from 0 on, found " +
                value.dump().substr(0, 80));
      all.push_back(*number);
    }
    return all;
  }

  StoredType parse_type(const std::string& name, const std::string& type) const {
    for (auto& row : kTypes) {
      if (row.name == type) return row.type;
    }
    damaged("tensor " + name +
            ": expected dtype F32, F16, BF16, I8, U8, I32 or I64, found " + type);
  }

  void check_size(const std::string& name, const StoredTensor& tensor, std::uint64_t begin,
                  std::uint64_t end) const {
    if (begin > end || end > data_.size())
      damaged("tensor " + name + ": expected its data within the file's " +
              std::to_string(data_.size()) + " bytes, found " + std::to_string(begin) + " to " +
              std::to_string(end) + ": the file is truncated or damaged");
    auto expected = static_cast<std::uint64_t>(size_of(tensor.type));
    for (auto side : tensor.shape) {
      if (__builtin_mul_overflow(expected, static_cast<std::uint64_t>(side), &expected))
        damaged("tensor " + name + ": expected a shape that fits a file, found a side of " +
                std::to_string(side));
    }
    if (end - begin != expected)
      damaged("tensor " + name + ": expected " + std::to_string(expected) +
              " bytes for its shape, found " + std::to_string(end - begin));
  }

  /// A hole or an overlap means that the header is damaged.
  void check_layout() {
    std::sort(ranges_.begin(), ranges_.end(), [](auto& a, auto& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t at = 0;
    for (auto& range : ranges_) {
      if (range.begin != at)
        damaged("tensor " + range.name + ": expected its data at byte " + std::to_string(at) +
                ", found " + std::to_string(range.begin));
      at = range.end;
    }
    if (at != data_.size())
      damaged("expected " + std::to_string(at) + " bytes of tensor data, found " +
              std::to_string(data_.size()));
  }

  const std::string& path_;
  std::span<const std::byte> bytes_;
  std::span<const std::byte> data_;
  std::vector<Range> ranges_;
};

}  // namespace

int size_of(StoredType type) { return row_of(type).size; }
std::string_view name_of(StoredType type) { return row_of(type).name; }

SafetensorsFile::SafetensorsFile(const std::string& path)
    : path_(path), file_(path), tensors_(HeaderReader(path_, file_.bytes()).read()) {}

}  // namespace fovea
