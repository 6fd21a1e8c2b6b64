#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "fovea/error.h"
#include "fovea/memory.h"

namespace fovea::memctl {

/// Bytes of a page's first words, at most.
inline constexpr std::size_t kFirstBytes = 160;

/// What the page's script is given of one page of the memory, as JSON.
struct PageDocuments {
  /// {id, read, kept, messages}. `read`: what its vision tokens read; `kept`: the exact text, or what
  /// a recall gives with what is kept beside the tokens. Each a text with its stretches, {error} or
  /// null: not asked for, or the same as `read`.
  nlohmann::ordered_json text;
  nlohmann::ordered_json picture;  ///< {side, png}, {error} or null: not asked for

  bool is_damaged() const;
  /// How its text begins; empty: there is none.
  std::string first_words() const;
};

/// Of pages of the memory's scope, decoded together. `reads`: false leaves out what would have to be
/// decoded. A page that cannot be read has the error in its place; throws only Error(io).
std::vector<PageDocuments> documents_of_pages(const Memory& memory, std::span<const PageInfo> pages,
                                              bool reads);

/// What a failure is called in a document. To be called while it is handled; throws it on where it is
/// no fault of what was asked for.
nlohmann::ordered_json error_document(const Error& error);

}  // namespace fovea::memctl
