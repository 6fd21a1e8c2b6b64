#include <array>
#include <bit>
#include <climits>
#include <cmath>
#include <cstring>
#include <string_view>

#include "core/read_json.h"
#include "core/whole_file.h"
#include "fovea/error.h"
#include "fovea/vision_tokens.h"

namespace fovea {
namespace {

static_assert(std::endian::native == std::endian::little, ".fvt files are little-endian");

constexpr std::string_view kMagic = "FVT2", kOldMagic = "FVT1";
constexpr std::size_t kHeaderStart = 8;  // magic, header length
constexpr std::size_t kMaxHeader = 1 << 16;
constexpr int kMaxDim = 1 << 16;
constexpr std::size_t kMaxFile = 1 << 26;  // of the largest level and dim: 27 MB

/// A code may take no more than 16 bits a value, and 64 bytes.
std::size_t most_code_bytes(const VisionTokens& tokens) {
  return 2 * static_cast<std::size_t>(tokens.count) * static_cast<std::size_t>(tokens.dim) + 64;
}

/// What is wrong beside the vectors, or nothing.
std::string fault_of_header(const VisionTokens& tokens) {
  const Grid grid = grid_of(tokens.density);
  if (tokens.count != token_count(tokens.level)) {
    return "level " + std::string(name_of(tokens.level)) + " has " +
           std::to_string(token_count(tokens.level)) + " tokens, not " +
           std::to_string(tokens.count);
  }
  if (tokens.dim < 1 || tokens.dim > kMaxDim) return "dim is " + std::to_string(tokens.dim);
  if (!tokens.row_lengths.empty() && tokens.row_lengths.size() != std::size_t(grid.rows)) {
    return "expected " + std::to_string(grid.rows) + " row lengths or none, got " +
           std::to_string(tokens.row_lengths.size());
  }
  for (int length : tokens.row_lengths) {
    if (length < 0 || length > grid.columns) return "a row of " + std::to_string(length) + " cells";
  }
  if (tokens.fingerprint.size() != 64 ||
      tokens.fingerprint.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return "the checkpoint's fingerprint is not 64 hex digits";
  }
  return "";
}

/// What is wrong with the numbers, or nothing.
std::string fault_of_values(const VisionTokens& tokens) {
  const std::size_t count = tokens.count, dim = tokens.dim;
  if (!tokens.code.empty()) {
    if (!tokens.values.empty() || !tokens.scales.empty()) return "both a code and values are there";
    return tokens.code.size() > most_code_bytes(tokens)
               ? "a code of " + std::to_string(tokens.code.size()) + " bytes"
               : "";
  }
  if (tokens.scales.size() != count || tokens.values.size() != count * dim) {
    return "expected " + std::to_string(count) + " scales and " + std::to_string(count * dim) +
           " values, got " + std::to_string(tokens.scales.size()) + " and " +
           std::to_string(tokens.values.size());
  }
  for (float scale : tokens.scales) {
    if (!std::isfinite(scale) || scale < 0) return "a scale is negative or not finite";
  }
  return "";
}

/// CRC-32 as in zlib and PNG.
std::uint32_t crc32(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> made;
    for (std::uint32_t i = 0; i < 256; ++i) {
      made[i] = i;
      for (int bit = 0; bit < 8; ++bit) made[i] = (made[i] >> 1) ^ (made[i] & 1 ? 0xEDB88320u : 0u);
    }
    return made;
  }();
  std::uint32_t crc = 0xFFFFFFFF;
  for (unsigned char byte : bytes) crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

template <class T>
void append(std::string& bytes, const T* values, std::size_t count) {
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

std::string header_of(const VisionTokens& tokens) {
  return nlohmann::ordered_json{{"level", name_of(tokens.level)},
                                {"layout", name_of(tokens.layout)},
                                {"density", static_cast<int>(tokens.density)},
                                {"count", tokens.count},
                                {"dim", tokens.dim},
                                {"row_lengths", tokens.row_lengths},
                                {"fingerprint", tokens.fingerprint},
                                {"code_bytes", tokens.code.size()}}
      .dump();
}

/// A file's bytes, taken from the front; a fault names the file and the byte.
class Reader {
 public:
  explicit Reader(const std::string& path)
      : path_(path), bytes_(read_whole_file(path, kMaxFile)) {}

  std::string_view take(std::size_t size, const char* what) {
    if (bytes_.size() - place_ < size) {
      fail(std::string("the file ends inside ") + what + ": " + std::to_string(size) +
           " bytes expected, " + std::to_string(bytes_.size() - place_) + " there");
    }
    place_ += size;
    return std::string_view(bytes_).substr(place_ - size, size);
  }

  template <class T>
  void take(std::vector<T>& values, std::size_t count, const char* what) {
    const std::string_view bytes = take(count * sizeof(T), what);
    values.resize(count);
    std::memcpy(values.data(), bytes.data(), bytes.size());
  }

  std::uint32_t take_u32(const char* what) {
    std::uint32_t value;
    std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
    return value;
  }

  std::uint32_t crc_so_far() const { return crc32(std::string_view(bytes_).substr(0, place_)); }
  bool at_end() const { return place_ == bytes_.size(); }

  [[noreturn]] void fail(const std::string& fault) const { fail_at(place_, fault); }
  [[noreturn]] void fail_at(std::size_t place, const std::string& fault) const {
    throw Error(ErrorCode::corruption, path_ + ": byte " + std::to_string(place) + ": " + fault);
  }

 private:
  std::string path_, bytes_;
  std::size_t place_ = 0;
};

/// A whole number of the header; what it counts is checked by fault_of_header.
int number_of(const nlohmann::json& value) {
  const auto number = whole_number(value, INT_MIN, INT_MAX);
  if (!number) throw Error(ErrorCode::invalid_argument, "expected a whole number, got " + value.dump());
  return static_cast<int>(*number);
}

VisionTokens read_header(Reader& reader) {
  const std::string_view magic = reader.take(kMagic.size(), "the magic number");
  if (magic != kMagic && magic != kOldMagic)
    reader.fail_at(0, "not a vision token file: it does not start with FVT2 or FVT1");
  const bool may_be_code = magic == kMagic;
  const std::uint32_t size = reader.take_u32("the header's length");
  if (size > kMaxHeader) reader.fail_at(4, "a header of " + std::to_string(size) + " bytes");
  const std::string_view header = reader.take(size, "the header");
  VisionTokens tokens;
  int code_bytes = 0;
  try {
    using nlohmann::json;
    const json values = read_json<json>(header, "header");
    tokens.level = level_from_name(values.at("level").get<std::string>());
    tokens.layout = layout_from_name(values.value("layout", std::string("cells")));
    tokens.density = density_from_columns(number_of(values.at("density")));
    tokens.count = number_of(values.at("count"));
    tokens.dim = number_of(values.at("dim"));
    for (const json& length : values.at("row_lengths").get_ref<const json::array_t&>())
      tokens.row_lengths.push_back(number_of(length));
    values.at("fingerprint").get_to(tokens.fingerprint);
    if (may_be_code) code_bytes = number_of(values.at("code_bytes"));
  } catch (const nlohmann::json::exception& error) {
    reader.fail_at(kHeaderStart, "damaged header: " + reason_of(error));
  } catch (const Error& error) {
    reader.fail_at(kHeaderStart, std::string("damaged header: ") + error.what());
  }
  if (const std::string fault = fault_of_header(tokens); !fault.empty())
    reader.fail_at(kHeaderStart, fault);
  if (code_bytes < 0 || static_cast<std::size_t>(code_bytes) > most_code_bytes(tokens))
    reader.fail_at(kHeaderStart, "a code of " + std::to_string(code_bytes) + " bytes");
  tokens.code.resize(static_cast<std::size_t>(code_bytes));
  return tokens;
}

}  // namespace

std::size_t byte_count(const VisionTokens& tokens) {
  return tokens.code.size() + tokens.values.size() + sizeof(float) * tokens.scales.size();
}

void write_tokens(const std::string& path, const VisionTokens& tokens) {
  for (const std::string& fault : {fault_of_header(tokens), fault_of_values(tokens)}) {
    if (!fault.empty()) throw Error(ErrorCode::invalid_argument, "write_tokens: " + fault);
  }
  const std::string header = header_of(tokens);
  const auto header_size = static_cast<std::uint32_t>(header.size());
  std::string bytes(kMagic);
  append(bytes, &header_size, 1);
  bytes += header;
  append(bytes, tokens.scales.data(), tokens.scales.size());
  append(bytes, tokens.values.data(), tokens.values.size());
  append(bytes, tokens.code.data(), tokens.code.size());
  const std::uint32_t crc = crc32(bytes);
  append(bytes, &crc, 1);
  write_whole_file(path, bytes);
}

VisionTokens read_tokens(const std::string& path) {
  Reader reader(path);
  VisionTokens tokens = read_header(reader);
  if (tokens.code.empty()) {
    reader.take(tokens.scales, tokens.count, "the scales");
    reader.take(tokens.values, std::size_t(tokens.count) * tokens.dim, "the values");
  } else {
    reader.take(tokens.code, tokens.code.size(), "the code");
  }
  const std::uint32_t crc = reader.crc_so_far();
  if (reader.take_u32("the checksum") != crc) reader.fail_at(0, "the checksum does not fit");
  if (!reader.at_end()) reader.fail("bytes after the end");
  if (const std::string fault = fault_of_values(tokens); !fault.empty()) reader.fail(fault);
  return tokens;
}

}  // namespace fovea
