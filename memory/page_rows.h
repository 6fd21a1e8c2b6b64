#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memory/store_impl.h"

namespace fovea {

/// 64 lower-case hex digits.
bool is_fingerprint(std::string_view text);

/// Throw Error(invalid_argument) unless what is to be stored is whole and of its level and density.
void check_tokens(const VisionTokens& tokens);
void check_rows(const VisionTokens& tokens);
void check_embedding(const std::vector<float>& embedding);

/// The row of a checkpoint, made when it is new. In a transaction of the caller's.
std::int64_t checkpoint_id(const Database& database, std::string_view fingerprint);

/// Write a page's rows, replacing those there are. In a transaction of the caller's.
void write_tokens(const Database& database, PageId page, std::int64_t checkpoint,
                  const VisionTokens& tokens);
void write_embedding(const Database& database, ScopeId scope, PageId page, std::int64_t checkpoint,
                     const std::vector<float>& embedding);
void write_fidelity(const Database& database, PageId page, std::int64_t checkpoint, Level level,
                    const Fidelity& fidelity);

}  // namespace fovea
