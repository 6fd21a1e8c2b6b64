#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recovery/edit_script.h"

namespace fovea {

/// What leads from the rows of a page as they were read to its exact text.
struct Corrections {
  struct Row {
    int number = 0;
    std::uint16_t check = 0;  ///< of the row as it was read: another reading is left alone
    std::vector<Edit> edits = {};
    /// The row's exact text, put in whatever was read; `check` and `edits` do not count then.
    std::optional<std::string> whole = {};
  };
  std::uint64_t text_check = 0;  ///< of the exact text
  std::vector<Row> rows;
};

/// Checks of a text, from its 64-bit FNV-1a hash: they guard against another reading (of another
/// machine or precision), not against intent.
std::uint64_t check_of(std::string_view text);
std::uint16_t row_check_of(std::string_view text);

/// `read`: the rows as they are read, `exact`: as they are; as many of both. `whole`: rows whose
/// exact text is kept as it is; empty: none.
Corrections corrections_between(const std::vector<std::string>& read,
                                const std::vector<std::string>& exact,
                                const std::vector<bool>& whole = {});

/// The rows that are kept whole, joined.
std::string whole_text(const Corrections& corrections);

/// As bytes; see doc/policies.md. Never empty.
std::string pack_corrections(const Corrections& corrections);
/// Throws Error(corruption).
Corrections unpack_corrections(std::string_view bytes);

}  // namespace fovea
