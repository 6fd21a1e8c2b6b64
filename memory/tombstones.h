#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/store_impl.h"

namespace fovea {

/// What an erased message is known by.
struct Grave {
  std::string source;
  std::string hash;
};

/// Of a scope: what its erased messages are known by, so that they do not come back when their source
/// is read again. Keeps no text and no name of a source, but hashes of them under a secret of the
/// scope's own: whoever has the store can ask whether a text that he has was erased from it.
/// Messages without a source are always new and have none. Writes in a transaction of the caller's.
class Tombstones {
 public:
  Tombstones(const Database& database, ScopeId scope);

  /// `source`, `hash`: which message it is and what was given (see MessageIdentity); of one whose
  /// identity was not noted its source id and the hash of its text. `bytes`: of its text.
  void put(std::string_view source, std::string_view hash, std::size_t bytes);
  bool has(std::string_view source, std::string_view hash) const;
  /// Which of them it has.
  std::vector<bool> have(std::span<const Grave> graves) const;
  /// False when there was none.
  bool remove(std::string_view source, std::string_view hash);
  /// How many of that source were erased.
  std::size_t count(std::string_view source) const;
  /// The longest beginning of `text` that was erased as a message of that source; 0: none.
  /// `hash_of`: what `put` was given of a text.
  std::size_t known_beginning(std::string_view source, std::string_view text,
                              const std::function<std::string(std::string_view)>& hash_of) const;

 private:
  std::string mark(std::string_view what) const;

  const Database& database_;
  ScopeId scope_;
  std::string secret_;  ///< empty: nothing was erased yet
};

/// The scope's secret, under which its erased messages and its hashed words are known; empty: none
/// was needed yet.
std::string scope_secret(const Database& database, ScopeId scope);
/// Makes one where there is none. In a transaction of the caller's.
void make_scope_secret(const Database& database, ScopeId scope);

/// Has the scope's messages stay away once they are deleted.
void bury_all(const Database& database, ScopeId scope);
/// Of these messages, has those stay away of which neither a page nor the verbatim text has any
/// part, and deletes them. Returns how many.
std::size_t bury_those_gone(const Database& database, ScopeId scope,
                            std::span<const std::int64_t> messages);

}  // namespace fovea
