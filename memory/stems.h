#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memory/database.h"

struct Fts5Tokenizer;

namespace fovea {

/// A term as the index of words has it.
struct Stem {
  std::string text;
  bool same_place = false;  ///< stands where the one before it stands
};

/// The stems that the index makes of terms. `database` must outlive it.
class Stems {
 public:
  explicit Stems(const Database& database);
  ~Stems();
  Stems(const Stems&) = delete;
  Stems& operator=(const Stems&) = delete;

  /// Of a text, in order.
  std::vector<Stem> of_text(std::string_view text) const;
  /// Of a query's terms, which are parted by spaces.
  std::vector<std::string> of_terms(std::string_view terms) const;
  /// Stems that are shorter than `beginning`, of words that may begin so: "configur" for
  /// "configura", as of "configuration".
  std::vector<std::string> of_beginning(std::string_view beginning) const;

 private:
  std::vector<Stem> stems_of(std::string_view text, int flags) const;

  struct Porter;
  std::unique_ptr<Porter> porter_;
};

}  // namespace fovea
