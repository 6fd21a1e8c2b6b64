#pragma once

#include "fovea/codec.h"
#include "fovea/page.h"
#include "memctl/experiment/baselines.h"
#include "memctl/experiment/page_record.h"
#include "memctl/experiment/tokenizers.h"

namespace fovea::memctl {

/// What holds of a drawn page at every level: its sizes. `key.level` is still to be set.
PageRecord sizes_of(const Page& drawn, const PageKey& key, std::size_t begin,
                    const std::vector<CountedTokenizer>& tokenizers);

/// Encodes the page at `level` and reads it back. `sizes`: of the same page.
PageRecord read_back(const Codec& codec, const Page& drawn, Level level, const PageRecord& sizes);

/// Adds what each baseline gives back of the page within as many text tokens as the record has
/// vision tokens.
void add_baselines(const Page& drawn, const TokenFrequencies& frequencies, PageRecord& record);

}  // namespace fovea::memctl
