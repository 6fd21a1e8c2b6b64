#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "history/raw_bytes.h"

namespace fovea {

/// What was wrong with bytes that were to be decoded.
struct DecodingFault {
  std::string reason;  ///< empty: nothing so far
};

/// Bytes at the beginning that show how a file is to be decoded.
inline constexpr std::size_t kBytesThatShow = 4;

/// `from` decoded as its first bytes, `begun`, which were read already, show: unpacked where they
/// are gzip or zstd, member by member; as UTF-8 where they are UTF-16 or UTF-32, with a byte order
/// mark or as JSON without one. Null when the bytes are to be read as they are. A damaged member is
/// noted in `fault` and costs what of it comes after the damage.
std::unique_ptr<Bytes> decoded(std::unique_ptr<Bytes>& from, std::string_view begun,
                               Following following, DecodingFault& fault);

}  // namespace fovea
