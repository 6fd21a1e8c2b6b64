#include "tests/model/torch_and_doctest.h"

#include "fovea/error.h"
#include "model/checkpoint/checkpoint.h"
#include "tests/model/checkpoint_files.h"

namespace {

using fovea::Checkpoint;
using fovea::Error;
using fovea::ErrorCode;
using nlohmann::json;

const std::string kFile = "model.safetensors";
const std::string kIndex = "model.safetensors.index.json";

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// What an action fails with; it must be a corruption that names all of `parts`.
template <typename F>
void check_corruption(const F& action, const std::vector<std::string>& parts) {
  std::string message = "no error";
  try {
    action();
  } catch (const Error& error) {
    message = error.what();
    CHECK(error.code() == ErrorCode::corruption);
  }
  for (auto& part : parts) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  }
}

/// Opening a folder whose only file has these bytes.
void check_damaged(const std::string& bytes, std::vector<std::string> parts) {
  CheckpointFiles files("damaged");
  files.write(kFile, bytes);
  parts.push_back(files.path(kFile));
  check_corruption([&] { Checkpoint{files.folder()}; }, parts);
}

}  // namespace

TEST_CASE("checkpoint: float32, float16, bfloat16 and scaled int8 give the same numbers") {
  json header;
  header["a"] = CheckpointFiles::entry("F32", {2, 2}, 0, 16);
  header["b"] = CheckpointFiles::entry("BF16", {2, 2}, 16, 24);
  header["c"] = CheckpointFiles::entry("F16", {2, 2}, 24, 32);
  header["d"] = CheckpointFiles::entry("I8", {2, 2}, 32, 36);
  header["d.scale"] = CheckpointFiles::entry("F32", {2}, 36, 44);
  auto data = bytes_of<float>({1, -2, 0.5, 4}) +
              bytes_of<std::uint16_t>({0x3f80, 0xc000, 0x3f00, 0x4080}) +
              bytes_of<std::uint16_t>({0x3c00, 0xc000, 0x3800, 0x4400}) +
              bytes_of<std::int8_t>({2, -4, 1, 8}) + bytes_of<float>({0.5, 0.5});
  CheckpointFiles files("types");
  files.write(kFile, CheckpointFiles::packed(header.dump(), data));

  Checkpoint checkpoint(files.folder());
  auto expected = at::tensor({1.0f, -2.0f, 0.5f, 4.0f}).view({2, 2});
  for (auto name : {"a", "b", "c", "d"}) CHECK(at::equal(checkpoint.table(name, {2, 2}), expected));
  checkpoint.require_all_taken();

  Checkpoint half(files.folder(), {at::kCPU, at::kBFloat16});
  CHECK((half.weight("d", {2, 2}).scalar_type() == at::kBFloat16));
  CHECK((half.table("b", {2, 2}).scalar_type() == at::kFloat));
}

TEST_CASE("checkpoint: a header of odd length does not leave values where they cannot be read") {
  const json header{{"a", CheckpointFiles::entry("F32", {2}, 0, 8)}};
  CheckpointFiles files("odd");
  for (std::size_t length = header.dump().size(); length % 4 != 0 || length < 60; ++length) {
    auto padded = header.dump();
    padded.resize(length, ' ');
    files.write(kFile, CheckpointFiles::packed(padded, bytes_of<float>({1, -2})));
    Checkpoint checkpoint(files.folder());
    const auto rows = checkpoint.rows("a", {2});
    CHECK(reinterpret_cast<std::uintptr_t>(rows.data_ptr()) % 4 == 0);
    CHECK(at::equal(rows, at::tensor({1.0f, -2.0f})));
  }
}

TEST_CASE("checkpoint: shards are found through their index") {
  CheckpointFiles files("shards");
  files.write("one.safetensors",
              CheckpointFiles::packed(json{{"a", CheckpointFiles::entry("F32", {1}, 0, 4)}}.dump(),
                                      bytes_of<float>({1})));
  files.write("two.safetensors",
              CheckpointFiles::packed(json{{"b", CheckpointFiles::entry("F32", {1}, 0, 4)}}.dump(),
                                      bytes_of<float>({2})));
  json index{{"weight_map", {{"a", "one.safetensors"}, {"b", "two.safetensors"}}}};
  files.write(kIndex, index.dump());
  Checkpoint checkpoint(files.folder());
  CHECK(checkpoint.table("b", {1}).item<float>() == 2);
  CHECK(checkpoint.files().size() == 2);

  SUBCASE("a tensor that is not in its shard is named") {
    index["weight_map"]["b"] = "one.safetensors";
    files.write(kIndex, index.dump());
    check_corruption([&] { Checkpoint{files.folder()}; },
                     {files.path("one.safetensors"), "tensor b"});
  }
  SUBCASE("a missing shard is not found") {
    index["weight_map"]["b"] = "three.safetensors";
    files.write(kIndex, index.dump());
    CHECK_THROWS_WITH_AS(Checkpoint{files.folder()},
                         doctest::Contains("three.safetensors"), Error);
  }
  SUBCASE("a shard outside the folder is refused") {
    index["weight_map"]["b"] = "../two.safetensors";
    files.write(kIndex, index.dump());
    check_corruption([&] { Checkpoint{files.folder()}; }, {kIndex, "tensor b", "../two"});
  }
  SUBCASE("a damaged index is named") {
    files.write(kIndex, "{\"weight_map\": [");
    check_corruption([&] { Checkpoint{files.folder()}; }, {files.path(kIndex)});
  }
}

TEST_CASE("checkpoint: a damaged file gives an error that names file, tensor, expected and found") {
  auto header = json{{"a", CheckpointFiles::entry("F32", {2}, 0, 8)}};
  auto data = bytes_of<float>({1, 2});
  auto changed = [&](const json& entry) {
    return CheckpointFiles::packed(json{{"a", entry}}.dump(), data);
  };
  check_damaged("", {"found a file of 0 bytes"});
  check_damaged("abc", {"found a file of 3 bytes"});
  auto whole = CheckpointFiles::packed(header.dump(), data);
  check_damaged(whole.substr(0, whole.size() - 3), {"tensor a", "within the file's 5 bytes"});
  check_damaged(whole.substr(0, 20), {"expected a header of", "found 12"});
  check_damaged(whole + "x", {"expected 8 bytes", "found 9"});
  check_damaged(std::string(8, '\xff') + "{}", {"expected a header of 18446744073709551615"});
  check_damaged(CheckpointFiles::packed("[1]", ""), {"JSON object"});
  check_damaged(CheckpointFiles::packed("{\"a\": ", ""), {"JSON header"});
  check_damaged(CheckpointFiles::packed("{\"a\": 5}", ""), {"tensor a", "data_offsets"});
  check_damaged(changed(CheckpointFiles::entry("F64", {1}, 0, 8)), {"tensor a", "F64"});
  check_damaged(changed(CheckpointFiles::entry("F32", {3}, 0, 8)),
                {"tensor a", "expected 12 bytes", "found 8"});
  check_damaged(changed(CheckpointFiles::entry("F32", {-2}, 0, 8)), {"tensor a", "-2"});
  check_damaged(changed(CheckpointFiles::entry("F32", {1 << 30, 1 << 30, 1 << 30}, 0, 8)),
                {"tensor a"});
  check_damaged(changed({{"dtype", "F32"}, {"shape", {1e300}}, {"data_offsets", {0, 8}}}),
                {"tensor a", "whole numbers", "1e+300"});
  check_damaged(changed({{"dtype", "F32"}, {"shape", {2}}, {"data_offsets", {0.0, 8}}}),
                {"tensor a", "whole numbers"});
  check_damaged(CheckpointFiles::packed(std::string(70'000, '['), ""), {"nests more than 1000"});
  check_damaged(changed(CheckpointFiles::entry("F32", {1}, 4, 8)), {"tensor a", "byte 0"});
  check_damaged(changed(CheckpointFiles::entry("F32", {2}, 8, 0)), {"tensor a", "8 to 0"});
}

TEST_CASE("checkpoint: tensors that do not fit the model are named") {
  json header;
  header["a"] = CheckpointFiles::entry("F32", {2}, 0, 8);
  header["b"] = CheckpointFiles::entry("I8", {2, 2}, 8, 12);
  header["b.scale"] = CheckpointFiles::entry("F32", {1}, 12, 16);
  header["c"] = CheckpointFiles::entry("I32", {1}, 16, 20);
  CheckpointFiles files("misfits");
  files.write(kFile, CheckpointFiles::packed(header.dump(), std::string(20, '\0')));
  Checkpoint checkpoint(files.folder());
  auto path = files.path(kFile);
  check_corruption([&] { checkpoint.table("a", {3}); },
                   {path, "tensor a", "expected shape [3]", "found [2]"});
  check_corruption([&] { checkpoint.weight("b", {2, 2}); },
                   {path, "tensor b.scale", "expected shape [2]", "found [1]"});
  check_corruption([&] { checkpoint.table("c", {1}); }, {path, "tensor c", "F32", "found I32"});
  check_corruption([&] { checkpoint.table("d", {1}); }, {path, "tensor d", "not found"});
  checkpoint.skip("b.scale", {1});
  checkpoint.skip("absent", {1});
  check_corruption([&] { checkpoint.require_all_taken(); }, {path, "tensor a", "no such tensor"});
}

TEST_CASE("checkpoint: a folder or file that is not there is not found") {
  CheckpointFiles files("empty");
  for (auto& folder : {files.folder(), files.path("absent")}) {
    try {
      Checkpoint checkpoint(folder);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::not_found);
      CHECK(std::string(error.what()).find(folder) != std::string::npos);
    }
  }
}
