#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "fovea/memory.h"
#include "memctl/report/loopback_server.h"

namespace fovea::memctl {

/// Answers what the page of `memctl view` asks: the page itself, a page of the memory, a search, the
/// plan of the next ageing. Thread-safe: each request has a memory of its own, so that a slow one
/// keeps no other waiting.
class Viewing {
 public:
  /// `open`: opens the memory for reading. `scope` and `store`: as the heading names them. `stops`:
  /// whether a plan is to be given up.
  Viewing(std::function<Memory()> open, std::string scope, std::string store,
          std::function<bool()> stops);

  ViewResponse answer(const ViewRequest& request);

 private:
  Memory take();
  void give_back(Memory memory);
  ViewResponse routed(const ViewRequest& request, Memory& memory);
  ViewResponse front_page(const Memory& memory) const;
  ViewResponse plan(Memory& memory);

  std::function<Memory()> open_;
  std::string scope_, store_;
  std::function<bool()> stops_;
  std::mutex idle_turn_;
  std::vector<Memory> idle_;
  std::mutex plan_turn_;  ///< a plan takes all processors: one at a time
};

}  // namespace fovea::memctl
