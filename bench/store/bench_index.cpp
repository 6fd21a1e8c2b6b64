#include <faiss/IndexFlat.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexScalarQuantizer.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <set>
#include <span>
#include <string_view>

#include "bench/store/bench_store.h"
#include "core/process_memory.h"
#include "memory/vector_index.h"

namespace fovea::bench {
namespace {

using Place = faiss::Index::idx_t;

constexpr std::size_t kSize = kMadeUpDim, kNearest = 10, kQuestions = 40;

double bytes_of_process(std::string_view which) {
  return static_cast<double>(process_bytes(which));
}

/// "VmHWM" counts from here on.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// What `make` makes takes, in bytes; it is kept for as long.
template <class Make>
double bytes_taken(Make make) {
  malloc_trim(0);
  const double before = bytes_of_process("VmRSS");
  const auto made = make();
  return bytes_of_process("VmRSS") - before;
}

std::span<const float> vector_at(const std::vector<float>& vectors, std::size_t i) {
  return std::span(vectors).subspan(i * kSize, kSize);
}

VectorIndex empty_index() { return {{std::string(32, '0'), std::string(64, 'a'), 1}, kMadeUpDim}; }

Json measure_memory(const std::string& parent, const std::vector<float>& vectors) {
  const std::size_t count = vectors.size() / kSize;
  const double theirs = bytes_taken([&] {
    auto flat = std::make_unique<faiss::IndexFlatIP>(kMadeUpDim);
    for (std::size_t i = 0; i < count; ++i) flat->add(1, vector_at(vectors, i).data());
    return flat;
  });
  const BenchFolder folder(parent);
  const std::string file = folder.file("index");
  forget_peak();
  malloc_trim(0);
  const double before = bytes_of_process("VmRSS");
  const double ours = bytes_taken([&] {
    VectorIndex index = empty_index();
    for (std::size_t i = 0; i < count; ++i)
      index.add({.page = static_cast<PageId>(i + 1), .scope = 1, .change = 1}, vector_at(vectors, i));
    index.save(file);
    return index;
  });
  const double peak_made = bytes_of_process("VmHWM") - before;
  malloc_trim(0);
  forget_peak();
  const double before_load = bytes_of_process("VmRSS");
  const Stopwatch watch;
  const double loaded = bytes_taken([&] { return VectorIndex::load(file); });
  const double seconds = watch.seconds();
  const double peak_loaded = bytes_of_process("VmHWM") - before_load;
  const auto each = [&](double bytes) { return bytes / static_cast<double>(count); };
  return {{"vectors", count},
          {"faiss_bytes_a_vector", each(theirs)},
          {"bytes_a_vector", each(ours)},
          {"times_faiss", ours / theirs},
          {"peak_made_and_saved_times_faiss", peak_made / theirs},
          {"loaded_bytes_a_vector", each(loaded)},
          {"peak_loaded_times_faiss", peak_loaded / theirs},
          {"load_s", seconds}};
}

struct Truth {
  std::vector<float> questions;  ///< [kQuestions, kMadeUpDim]
  std::vector<std::set<Place>> nearest;
};

/// Questions near some vectors, and what an exact search finds.
Truth truth_of(const faiss::Index& exact, const std::vector<float>& vectors, MadeUp& made_up) {
  Truth truth{.questions = made_up.vectors(kQuestions, kMadeUpDim), .nearest = {}};
  const std::size_t stride = vectors.size() / kSize / kQuestions;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    const auto near = vector_at(vectors, i * stride);
    for (std::size_t j = 0; j < kSize; ++j) {
      float& value = truth.questions[i * kSize + j];
      value = 0.4f * value + near[j];
    }
    std::vector<float> scores(kNearest);
    std::vector<Place> places(kNearest);
    exact.search(1, truth.questions.data() + i * kSize, kNearest, scores.data(), places.data());
    truth.nearest.emplace_back(places.begin(), places.end());
  }
  return truth;
}

Json measure(const faiss::Index& index, const Truth& truth) {
  std::size_t found = 0;
  std::vector<double> seconds;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    std::vector<float> scores(kNearest);
    std::vector<Place> places(kNearest);
    const Stopwatch watch;
    index.search(1, truth.questions.data() + i * kSize, kNearest, scores.data(), places.data());
    seconds.push_back(watch.seconds());
    for (const Place place : places) found += truth.nearest[i].contains(place) ? 1 : 0;
  }
  return {{"ms", 1000 * median(seconds)},
          {"recall_at_10", static_cast<double>(found) / (kNearest * kQuestions)}};
}

Json measure_kinds(std::size_t count) {
  MadeUp made_up(6);
  const std::vector<float> vectors = made_up.clustered(count, kMadeUpDim);
  const auto n = static_cast<Place>(count);
  Json kinds;
  Truth truth;
  {
    faiss::IndexFlatIP flat(kMadeUpDim);
    flat.add(n, vectors.data());
    truth = truth_of(flat, vectors, made_up);
    kinds["flat"] = measure(flat, truth);
    kinds["flat"]["bytes_a_vector"] = kSize * sizeof(float);
  }
  const auto lists = static_cast<std::size_t>(2 * std::sqrt(static_cast<double>(count)));
  const auto training = static_cast<Place>(std::min(count, lists * 40));
  {
    say("  an 8-bit index of all ...");
    faiss::IndexScalarQuantizer eight(kMadeUpDim, faiss::ScalarQuantizer::QT_8bit,
                                      faiss::METRIC_INNER_PRODUCT);
    eight.train(training, vectors.data());
    eight.add(n, vectors.data());
    kinds["8 bits"] = measure(eight, truth);
    kinds["8 bits"]["bytes_a_vector"] = kSize;
  }
  say("  an 8-bit index of " + std::to_string(lists) + " lists ...");
  faiss::IndexFlatIP coarse(kMadeUpDim);
  faiss::IndexIVFScalarQuantizer ivf(&coarse, kMadeUpDim, lists, faiss::ScalarQuantizer::QT_8bit,
                                     faiss::METRIC_INNER_PRODUCT);
  const Stopwatch watch;
  ivf.train(training, vectors.data());
  ivf.add(n, vectors.data());
  const double made = watch.seconds();
  for (const std::size_t probes : {8, 32}) {
    ivf.nprobe = probes;
    Json& kind = kinds["8 bits in lists, " + std::to_string(probes) + " looked at"] = measure(ivf, truth);
    kind["bytes_a_vector"] = kSize + sizeof(Place);
    kind["made_s"] = made;
  }
  return kinds;
}

}  // namespace

Json bench_index(const std::string& parent, std::size_t vectors) {
  Json memory = measure_memory(parent, MadeUp(5).vectors(vectors, kMadeUpDim));
  memory["kinds"] = measure_kinds(vectors);
  return memory;
}

}  // namespace fovea::bench
