#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "memctl/bench_folder.h"
#include "memctl/stopwatch.h"
#include "memory/measure/made_up_store.h"
#include "memory/measure/median.h"

namespace fovea::bench {

using Json = nlohmann::ordered_json;

// What `memctl bench` measures a store with.
using namespace memctl;

/// One line to stderr.
void say(const std::string& line);

// What the store takes beside bare SQLite and bare FAISS, both measured in the same run. No codec:
// vision tokens and embeddings are made up. All times are medians.

/// Adding a message of 1,000 bytes, each in a transaction of its own.
Json bench_adding(const std::string& parent, std::size_t messages);
/// Adding a page with its tokens at tiny, in processor time, and what the store then takes for a
/// page, by table.
Json bench_pages(const std::string& parent, std::size_t pages);
/// A search among pages: all that Memory::search does but encode the question.
Json bench_searching(const std::string& parent, std::size_t pages);
/// Memory of the vector index, and of other kinds of index what they would take and find.
Json bench_index(const std::string& parent, std::size_t vectors);

}  // namespace fovea::bench
