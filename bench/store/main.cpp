// What the store takes beside bare SQLite and bare FAISS, in one run, with made-up texts and
// embeddings and without a checkpoint. Prints one JSON object.
// Usage: store_bench [--pages N] [--vectors N] [--folder DIR]

#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "bench/store/bench_store.h"

int main(int argc, char** argv) {
  using namespace fovea::bench;
  CLI::App app("Measures the store beside bare SQLite and bare FAISS");
  std::size_t pages = 100'000, vectors = 1'000'000;
  std::string folder = ".";
  app.add_option("--pages", pages, "Pages to search among")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--vectors", vectors, "Vectors in the index")
      ->check(CLI::Range(1000, 100'000'000))
      ->capture_default_str();
  app.add_option("--folder", folder, "On the disk that is to be measured")->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  try {
    Json figures;
    say("adding messages and pages ...");
    figures["adding_a_message"] = bench_adding(folder, 5000);
    figures["adding_a_page"] = bench_pages(folder, 300);
    say("searching among " + std::to_string(pages) + " pages ...");
    figures["searching"] = bench_searching(folder, pages);
    say("the vector index with " + std::to_string(vectors) + " vectors ...");
    figures["index"] = bench_index(folder, vectors);
    std::cout << figures.dump(2) << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "store_bench: %s\n", error.what());
    return 1;
  }
}
