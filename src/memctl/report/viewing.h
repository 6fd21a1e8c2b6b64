#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include "fovea/memory.h"
#include "memctl/report/loopback_server.h"

namespace fovea::memctl {

/// Answers what the page of `memctl view` asks: the page itself, a page of the memory, a search, the
/// plan of the next ageing. Thread-safe: each request has one of a few memories for itself, so that a
/// slow one keeps no other waiting.
class Viewing {
 public:
  /// `open`: opens the memory of the file `store` for reading; what it throws comes now. `scope`: as
  /// the heading names it. `stops`: whether a plan is to be given up.
  Viewing(std::function<Memory()> open, std::string scope, std::string store,
          std::function<bool()> stops);

  ViewResponse answer(const ViewRequest& request);

 private:
  /// Which file it is that stands under a name; all 0: none.
  struct FileId {
    std::uint64_t device = 0, number = 0;
    bool operator==(const FileId&) const = default;
  };
  struct Opened {
    Memory memory;
    FileId file;
  };
  class Turn;

  FileId file_id() const;
  Opened take();
  ViewResponse routed(const ViewRequest& request, Memory& memory);
  ViewResponse front_page(const Memory& memory) const;
  ViewResponse plan(Memory& memory);

  std::function<Memory()> open_;
  std::string scope_, store_;
  std::function<bool()> stops_;
  std::counting_semaphore<> turns_;  ///< each with a memory, which has caches of its own
  std::mutex idle_turn_;
  std::vector<Opened> idle_;
  std::mutex plan_turn_;  ///< a plan takes all processors: one at a time
};

}  // namespace fovea::memctl
