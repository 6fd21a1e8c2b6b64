#pragma once

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "fovea/codec.h"
#include "model/checkpoint/safetensors.h"
#include "model/token_coder.h"
#include "tests/model/checkpoint_files.h"

/// The shipped checkpoint without its token codes: 8 bits a value.
class PlainCheckpoint : public CheckpointFiles {
 public:
  explicit PlainCheckpoint(const std::string& name = "plain") : CheckpointFiles(name) {
    for (const char* file : {"tokenizer.json", "atlas.png"}) copy(kShipped + file, file);
    config_ = nlohmann::json::parse(std::ifstream(kShipped + "config.json"));
    config_["fovea"].erase("token_code");
    write("config.json", config_.dump());
    write_weights();
  }

 protected:
  void write_weights() {
    const fovea::SafetensorsFile file(kShipped + "model.safetensors");
    nlohmann::json header;
    std::string data;
    for (const auto& [tensor, stored] : file.tensors()) {
      if (tensor.starts_with("token_code.")) continue;
      files_[tensor] = "model.safetensors";
      const auto begin = static_cast<int>(data.size());
      data.append(reinterpret_cast<const char*>(stored.bytes.data()), stored.bytes.size());
      header[tensor] = entry(std::string(fovea::name_of(stored.type)),
                             {stored.shape.begin(), stored.shape.end()}, begin,
                             static_cast<int>(data.size()));
    }
    write("model.safetensors", packed(header.dump(), data));
  }

  void write_index() const {
    write("model.safetensors.index.json", nlohmann::json{{"weight_map", files_}}.dump());
  }

  nlohmann::json config_;
  std::map<std::string, std::string> files_;  ///< by tensor

 private:
  static inline const std::string kShipped = FOVEA_SOURCE_DIR "/models/fovea-nano/";
};

/// The same with an untrained token code at one level: each value, brought to root mean square 1, is
/// rounded to a multiple of `step`, or of a quarter of it; the last number of a token is its size.
class CodedCheckpoint : public PlainCheckpoint {
 public:
  static constexpr int kRange = 31;
  static constexpr float kFiner = 0.25f;  ///< step of the second rate

  /// `plain`: the codec of a PlainCheckpoint; `sample`: tokens of the level that it made; they say how
  /// large values are. `agreement`: that a page needs for the first rate.
  CodedCheckpoint(const fovea::Codec& plain, const fovea::VisionTokens& sample, float step,
                  float agreement = 0, const std::string& name = "coded")
      : PlainCheckpoint(name), level_(fovea::name_of(sample.level)), dim_(sample.dim) {
    const std::vector<float> vectors = plain.vectors(sample);
    double squares = 0;
    for (const float value : vectors) squares += double{value} * value;
    const float size = static_cast<float>(std::sqrt(squares / static_cast<double>(vectors.size())));
    add("mean", {dim_}, std::vector<float>(dim_, 0.0f));
    add("size", {1}, std::vector<float>{size});
    add("analysis.weight", {dim_, dim_}, diagonal(1 / step));
    add("analysis.bias", {dim_}, std::vector<float>(dim_, 0.0f));
    add("synthesis.weight", {dim_, dim_}, diagonal(step * size));
    add("synthesis.bias", {dim_}, std::vector<float>(dim_, 0.0f));
    std::vector<std::int32_t> frequencies = bell(1 / step);
    const std::vector<std::int32_t> finer = bell(1 / (step * kFiner));
    frequencies.insert(frequencies.end(), finer.begin(), finer.end());
    add("frequencies", {2, dim_ + 1, 2 * kRange + 2}, frequencies);
    write("code.safetensors", packed(header_.dump(), data_));
    for (const auto& [tensor, entry] : header_.items()) files_[tensor] = "code.safetensors";
    write_index();
    config_["fovea"]["token_code"] = {
        {"levels",
         {{level_,
           {{"k", dim_},
            {"range", kRange},
            {"rates", {{{"step", 1}, {"agreement", agreement}}, {{"step", kFiner}}}}}}}},
        {"also_reads", {plain.fingerprint()}}};
    write("config.json", config_.dump());
  }

  /// Writes the table of frequencies anew with its first number changed.
  void spoil_frequencies() {
    const int begin = header_["token_code." + level_ + ".frequencies"]["data_offsets"][0];
    std::int32_t first = 0;
    std::memcpy(&first, &data_[static_cast<std::size_t>(begin)], sizeof first);
    ++first;
    std::memcpy(&data_[static_cast<std::size_t>(begin)], &first, sizeof first);
    write("code.safetensors", packed(header_.dump(), data_));
  }

 private:
  std::vector<float> diagonal(float value) const {
    std::vector<float> matrix(static_cast<std::size_t>(dim_) * static_cast<std::size_t>(dim_), 0.0f);
    for (int i = 0; i < dim_; ++i) matrix[static_cast<std::size_t>(i) * (static_cast<std::size_t>(dim_) + 1)] = value;
    return matrix;
  }

  /// Frequencies of rounded normal values of that root mean square, alike in each row.
  std::vector<std::int32_t> bell(float deviation) const {
    std::vector<std::int32_t> row;
    std::int32_t sum = 0;
    double all = 0;
    for (int i = -kRange; i <= kRange; ++i) all += std::exp(-0.5 * i * i / (deviation * deviation));
    for (int i = -kRange; i <= kRange + 1; ++i) {
      const double share = i > kRange ? 0 : std::exp(-0.5 * i * i / (deviation * deviation)) / all;
      row.push_back(1 + static_cast<std::int32_t>(share * 16'000));
      sum += row.back();
    }
    row[kRange] += static_cast<std::int32_t>(fovea::TokenCoder::kTotal) - sum;
    std::vector<std::int32_t> rows;
    for (int i = 0; i <= dim_; ++i) rows.insert(rows.end(), row.begin(), row.end());
    return rows;
  }

  template <class T>
  void add(const std::string& tensor, const std::vector<int>& shape, const std::vector<T>& values) {
    const int begin = static_cast<int>(data_.size());
    data_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    const char* type = std::is_same_v<T, float> ? "F32" : "I32";
    header_["token_code." + level_ + "." + tensor] =
        entry(type, shape, begin, static_cast<int>(data_.size()));
  }

  std::string level_;
  int dim_;
  nlohmann::json header_;
  std::string data_;
};
